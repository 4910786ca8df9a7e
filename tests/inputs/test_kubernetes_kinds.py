"""The objects around Pods, single rules: TLS of Ingresses, components of the control plane, API versions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policyengine.documents.yaml import YamlDocument
from policyengine.inputs import kubernetes
from policyengine.inputs.context import Context
from policyengine.inputs.kubernetes.deprecations import Deprecation, deprecation
from policyengine.inputs.kubernetes.groups import GROUPS_OF_KIND, group_of
from policyengine.inputs.kubernetes.workload import TEMPLATES
from policyengine.model.unknown import OpenList, OpenMap, Unknown
from policyengine.relations import KINDS

if TYPE_CHECKING:
    from policyengine.model.resource import Resource


def read(*objects: object, path: str = "m.yaml") -> list[Resource]:
    text = "\n---\n".join(json.dumps(value) for value in objects) + "\n"
    return list(kubernetes.read(YamlDocument(path, text), Context(wanted=frozenset({("role", "rights")}))))


def manifest(version: str, kind: str, **parts: object) -> dict[str, object]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "x"}, **parts}


def facts(kind: str, value: object) -> dict[str, object]:
    return dict(next(resource for resource in read(value) if resource.kind == kind).facts)


POD = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}

VERSIONS = [
    ("v1", "Pod ReplicationController"),
    ("v1beta3", "Pod ReplicationController"),
    ("extensions/v1beta1", "Deployment DaemonSet ReplicaSet Job"),
    ("apps/v1alpha1", "PetSet"),
    ("apps/v1beta1", "Deployment StatefulSet"),
    ("apps/v1beta2", "Deployment DaemonSet ReplicaSet StatefulSet"),
    ("apps/v1", "Deployment DaemonSet ReplicaSet StatefulSet"),
    ("batch/v1", "Job CronJob"),
    ("batch/v1beta1", "CronJob"),
    ("batch/v2alpha1", "Job CronJob ScheduledJob"),
]
"""Where each kind that makes Pods has been: the API references of Kubernetes 1.0 to 1.34."""


@pytest.mark.parametrize(
    ("version", "kind"), [(version, kind) for version, kinds in VERSIONS for kind in kinds.split()]
)
@pytest.mark.parametrize("listed", [False, True])
def test_every_workload_in_every_version(version: str, kind: str, listed: bool) -> None:
    value: object = POD
    for step in reversed(TEMPLATES[kind]):
        value = {step: value}
    assert isinstance(value, dict)
    one = {"apiVersion": version, "kind": kind, **value}
    items = [{key: part for key, part in one.items() if key not in ("apiVersion", "kind")}]
    found = read({"apiVersion": version, "kind": f"{kind}List", "items": items} if listed else one)
    assert [resource.kind for resource in found][-3:] == ["pod", "container", "image_ref"]
    assert [resource.facts["controller"] for resource in found if resource.kind == "pod"] == [kind]


@pytest.mark.parametrize("kind", sorted(GROUPS_OF_KIND))
@pytest.mark.parametrize(
    "version",
    ["argoproj.io/v1alpha1", "example.org/v1", "networking.istio.io/v1", "v2", "v1beta1", "apps.example/v1"],
)
def test_the_kinds_of_others_are_not_kubernetes_own(version: str, kind: str) -> None:
    assert group_of(version, kind) is None
    assert read(manifest(version, kind, spec={"template": POD}, rules=[])) == []


UNREAD = [
    (
        "apiVersion: acme.example.dev/v1\nkind: Service\n",
        "no objects of Kubernetes' own: acme.example.dev/v1 Service",
    ),
    ("apiVersion: v1\nkind: Deployment\n", "there is no Deployment in v1"),
    ("apiVersion: a/v1\nkind: A\n---\napiVersion: a/v1\nkind: B\n", "no objects of Kubernetes' own: a/v1 A, a/v1 B"),
    ("apiVersion: 1\nkind: A\n", None),
    ("services: {}\n", None),
]


@pytest.mark.parametrize(("text", "reason"), UNREAD)
def test_why_a_document_is_left(text: str, reason: str | None) -> None:
    assert kubernetes.unread(YamlDocument("m.yaml", text)) == reason


def test_a_kustomization_is_no_manifest() -> None:
    text = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n"
    document = YamlDocument("base/kustomization.yaml", text)
    assert kubernetes.claims(document) == 0
    told = "a kustomization; check what it makes: kubectl kustomize DIR | policyengine check -"
    assert kubernetes.unread(document) == told


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("- {op: replace, path: /spec/replicas, value: 2}\n- {op: remove, path: /spec/template}", True),
        ('[{"op": "add", "path": "/metadata/labels/a", "value": "b"}]', True),
        ("- {op: replace, path: /spec}\n- name: a play", False),
        ("[]", False),
    ],
)
def test_a_json_patch_is_told_as_one(text: str, is_one: bool) -> None:
    told = "a JSON patch; check what it makes: kubectl kustomize DIR | policyengine check -"
    assert kubernetes.unread(YamlDocument("patch.yaml", text)) == (told if is_one else None)


TLS = [
    ("a.b.c", [["a.b.c"]], True),
    ("a.b.c", [["*.b.c"]], True),
    ("a.b.c", [["*.c"], ["a.b"]], False),
    ("a.b.c", [["x.y", "a.b.c"]], True),
    ("a.b.c", [[]], True),
    ("a.b.c", [None], True),
    (None, [None], True),
    (None, [["a.b.c"]], False),
    ("*.b.c", [["*.b.c"]], True),
    ("a.b.c", [], False),
    ("a.b.c", None, False),
    ("a.b.c", ["a"], None),
    ("a.b.c", "a", None),
]


@pytest.mark.parametrize(("host", "entries", "covered"), TLS)
def test_whether_tls_is_for_a_host(host: object, entries: object, covered: bool | None) -> None:
    tls = [{"hosts": hosts} for hosts in entries] if isinstance(entries, list) else entries
    ingress = manifest("networking.k8s.io/v1", "Ingress", spec={"rules": [{"host": host}], "tls": tls})
    paths = facts("ingress", ingress)["paths"]
    assert isinstance(paths, list)
    (path,) = paths
    assert isinstance(path["tls"], Unknown) if covered is None else path["tls"] is covered


def component(
    command: object = None, args: object = None, image: str = "a", **about: object
) -> dict[str, object] | None:
    container = {"name": "c", "image": image, "command": command, "args": args, "env": about.pop("env", None)}
    found = read({"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": {"containers": [container]}})
    return next((dict(each.facts) for each in found if each.kind == "control_plane_component"), None)


COMMANDS: list[tuple[object, object, str, str | None, dict[str, str]]] = [
    (["kube-apiserver", "--a=b"], None, "a", "kube-apiserver", {"a": "b"}),
    (["/usr/local/bin/kube-scheduler"], ["--a"], "a", "kube-scheduler", {"a": "true"}),
    (["kubelet", "--a", "b", "--c"], None, "a", "kubelet", {"a": "b", "c": "true"}),
    (["kubelet", "--a_b=c_d", "--", "-"], None, "a", "kubelet", {"a-b": "c_d"}),
    (["kubelet", "--a=1", "--a=2"], None, "a", "kubelet", {"a": "2"}),
    (
        ["kubelet", "--feature-gates=A=true"],
        ["--feature-gates", "B=true"],
        "a",
        "kubelet",
        {"feature-gates": "A=true,B=true"},
    ),
    (["exec", "kube-proxy", "--a=b"], None, "a", "kube-proxy", {"a": "b"}),
    (["sh", "-c", "x=1 kubelet --a=b; kubelet --c"], None, "a", "kubelet", {"a": "b"}),
    (["sh", "-ec", "kubelet --a"], None, "a", "kubelet", {"a": "true"}),
    (["sh", "-e", "-c"], ["kubelet --a"], "a", "kubelet", {"a": "true"}),
    (["sh", "-e", "kubelet"], None, "a", None, {}),
    (["sh", "-c", "kubelet 'x"], None, "a", None, {}),
    (["sh", "-c"], None, "a", None, {}),
    (["sh", "-c", "exec kubelet --a=b 1>>/log 2>&1"], None, "a", "kubelet", {"a": "b"}),
    (["sh", "-c", "set -e\nkubelet \\\n  --a=b\nsleep --c"], None, "a", "kubelet", {"a": "b"}),
    (["sh", "-c", "echo starting && kubelet --a='b c' | tee log"], None, "a", "kubelet", {"a": "b c"}),
    (["/hyperkube", "apiserver", "--a=b"], None, "a", "kube-apiserver", {"a": "b"}),
    (["/hyperkube", "kube-proxy"], None, "a", "kube-proxy", {}),
    (["/hyperkube", "other"], None, "a", None, {}),
    (["/hyperkube"], None, "a", None, {}),
    (None, ["--a=b"], "registry.k8s.io/kube-apiserver:v1", "kube-apiserver", {"a": "b"}),
    (None, None, "kube-proxy-arm64@sha256:" + 32 * "ab", "kube-proxy", {}),
    (["tail"], None, "registry.k8s.io/kube-apiserver:v1", None, {}),
    (["tail", "kubelet"], None, "a", None, {}),
    (
        ["etcd", "--a_b=c", "--cipher-suites=a", "--cipher-suites=b"],
        None,
        "a",
        "etcd",
        {"a_b": "c", "cipher-suites": "b"},
    ),
    (None, None, "nginx", None, {}),
]


@pytest.mark.parametrize(("command", "args", "image", "name", "flags"), COMMANDS)
def test_components(command: object, args: object, image: str, name: str | None, flags: dict[str, str]) -> None:
    found = component(command, args, image)
    assert (found["component"] if found else None) == name
    assert found is None or found["flags"] == flags


def test_what_etcd_takes_from_its_environment() -> None:
    env = [
        {"name": "ETCD_AUTO_TLS", "value": "true"},
        {"name": "ETCD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "ETCD_CERT_FILE", "value": "/a"},
        {"name": "HOME", "value": "/"},
    ]
    flags = component(["etcd", "--cert-file=/b"], env=env)["flags"]  # type: ignore[index]
    assert isinstance(flags, dict)
    assert {name: value for name, value in flags.items() if name != "name"} == {"auto-tls": "true", "cert-file": "/b"}
    assert isinstance(flags["name"], Unknown)
    assert component(["kubelet"], env=env)["flags"] == {}  # type: ignore[index]


def test_what_a_variable_or_a_file_settles_is_unknown() -> None:
    found = component(["kube-apiserver", "--a=$(B)", "--authorization-config=/x", "--authentication-config=/y"])
    flags = found["flags"]  # type: ignore[index]
    assert isinstance(flags, dict)
    assert [name for name, value in flags.items() if isinstance(value, Unknown)] == [
        "a",
        "authorization-mode",
        "anonymous-auth",
    ]


def flags_of(file: dict[str, object]) -> dict[str, object]:
    return facts("control_plane_component", file)["flags"]  # type: ignore[return-value]


def test_a_file_has_other_defaults_than_flags() -> None:
    found = flags_of(manifest("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration", authentication={"x509": None}))
    assert (found["anonymous-auth"], found["read-only-port"], found["authorization-mode"]) == ("false", "0", "Webhook")
    assert "client-ca-file" not in found


def test_a_file_of_the_scheduler_does_not_say_all_that_its_flags_do() -> None:
    found = flags_of(manifest("kubescheduler.config.k8s.io/v1", "KubeSchedulerConfiguration", enableProfiling=False))
    assert isinstance(found, OpenMap)
    assert found["profiling"] == "false"


def levels(*rules: object) -> dict[str, object]:
    return facts("audit_policy", manifest("audit.k8s.io/v1", "Policy", rules=list(rules)))["levels"]  # type: ignore[return-value]


SECRETS: list[tuple[str, dict[str, object]]] = [
    ("Metadata", {}),
    ("Metadata", {"resources": [{"group": "", "resources": ["secrets"]}]}),
    ("Metadata", {"resources": [{"resources": ["*"]}]}),
    ("Metadata", {"verbs": ["get"]}),
    ("None", {"verbs": ["create"]}),
    ("None", {"users": ["me"]}),
    ("None", {"userGroups": ["us"]}),
    ("None", {"namespaces": ["here"]}),
    ("None", {"nonResourceURLs": ["/healthz"]}),
    ("None", {"resources": [{"group": "apps", "resources": ["secrets"]}]}),
    ("None", {"resources": [{"group": "", "resources": ["secrets"], "resourceNames": ["one"]}]}),
    ("None", {"resources": [{"group": "", "resources": ["secrets/status"]}]}),
]


@pytest.mark.parametrize(("wanted", "rule"), SECRETS)
def test_the_level_at_which_secrets_are_logged(wanted: str, rule: dict[str, object]) -> None:
    assert levels({"level": "Metadata", **rule})["secrets"] == wanted


def test_the_first_rule_settles_the_level() -> None:
    assert levels({"level": "None"}, {"level": "Metadata"})["pods/exec"] == "None"
    assert isinstance(levels({})["pods"], Unknown)


OPEN: list[tuple[object, object, object]] = [
    (["kubelet", "--config=/x"], None, None),
    (["kubelet"], "--a", None),
    (["kubelet", "$(MORE)"], None, None),
]


@pytest.mark.parametrize(("command", "args", "env"), OPEN)
def test_flags_that_something_else_may_set(command: object, args: object, env: object) -> None:
    found = component(command, args, env=env, namespace="kube-system")
    assert isinstance(found["flags"], OpenMap)  # type: ignore[index]
    closed = component(["etcd"], None, env=[{"name": "HOME", "value": "1"}], namespace="kube-system")
    assert not isinstance(closed["flags"], OpenMap)  # type: ignore[index]


def test_the_rules_of_an_aggregated_role_are_open() -> None:
    role = manifest("rbac.authorization.k8s.io/v1", "ClusterRole", aggregationRule={"clusterRoleSelectors": [{}]})
    found = facts("role", role)
    assert isinstance(found["rules"], OpenList)
    assert found["aggregation"] == [{"match_labels": {}, "match_expressions": []}]
    assert "namespace" not in found


DEPRECATED = [
    ("extensions/v1beta1", "Ingress", ("1.14", "1.22", "networking.k8s.io/v1")),
    ("policy/v1beta1", "PodSecurityPolicy", ("1.21", "1.25", None)),
    ("apps/v1alpha1", "PetSet", (None, "1.5", "apps/v1 StatefulSet")),
    ("rbac.authorization.k8s.io/v1beta1", "Role", ("1.17", "1.22", "rbac.authorization.k8s.io/v1")),
    ("v1", "Endpoints", ("1.33", None, "discovery.k8s.io/v1 EndpointSlice")),
    ("v1beta3", "Pod", ("1.0", "1.1", "v1")),
    ("apps/v1", "Deployment", (None, None, None)),
    ("autoscaling/v2", "HorizontalPodAutoscaler", (None, None, None)),
]


@pytest.mark.parametrize(("version", "kind", "expected"), DEPRECATED)
def test_deprecations(version: str, kind: str, expected: tuple[str | None, str | None, str | None]) -> None:
    assert deprecation(version, kind) == Deprecation(*expected)


def test_an_object_of_any_kind_is_told_by_its_api_if_a_policy_asks() -> None:
    text = "apiVersion: storage.k8s.io/v1beta1\nkind: StorageClass\nmetadata: {name: fast}\n"
    document = YamlDocument("m.yaml", text)
    (found,) = kubernetes.read(document, Context(wanted=frozenset({("api_object", "removed_in")})))
    assert (found.kind, found.name, found.parent, found.facts["removed_in"]) == (
        "api_object",
        "fast",
        "storageclass/fast",
        "1.22",
    )
    assert (found.where(("removed_in",)).line, found.where(("name",)).line) == (1, 3)
    assert list(kubernetes.read(document, Context(wanted=frozenset({("pod", "name")})))) == []


def test_what_relates() -> None:
    assert kubernetes.RELATING.keys() == KINDS


@pytest.mark.parametrize("kind", ["Role", "Ingress", "ConfigMap", "ServiceAccount", "LimitRange", "PersistentVolume"])
@pytest.mark.parametrize("junk", [None, [], "a", 1, {"a": 1}, [None], [[]], [{"a": []}]])
def test_junk(kind: str, junk: object) -> None:
    version = {"Role": "rbac.authorization.k8s.io/v1", "Ingress": "networking.k8s.io/v1"}.get(kind, "v1")
    parts = ("rules", "data", "binaryData", "secrets", "imagePullSecrets", "webhooks", "subjects")
    spec = dict.fromkeys(("rules", "tls", "limits", "hostPath", "defaultBackend", "accessModes"), junk)
    assert len(read(manifest(version, kind, spec=spec, **dict.fromkeys(parts, junk)))) == 1


def rule(resources: str, verbs: str, group: str = "", names: str = "") -> dict[str, object]:
    return {
        "apiGroups": [group],
        "resources": resources.split(),
        "verbs": verbs.split(),
        **({"resourceNames": names.split()} if names else {}),
    }


RBAC = "rbac.authorization.k8s.io"
RIGHTS: list[tuple[dict[str, object], list[str]]] = [
    (rule("pods", "get create"), ["create-pods"]),
    (rule("pods", "*", "*"), ["wildcard", "wildcard", "create-pods", "delete-workloads"]),
    (rule("pods", "create", "extensions"), []),
    (rule("pods/exec pods/attach", "get"), ["exec", "attach"]),
    (rule("*/exec", "create"), ["exec"]),
    (rule("pods/*", "create"), []),
    (rule("pods/exec", "list"), []),
    (rule("pods/exec", "create", names="a"), []),
    (rule("roles", "bind", RBAC), ["escalate"]),
    (rule("roles", "create update", RBAC), ["change-roles"]),
    (rule("roles", "get delete", RBAC), []),
    (rule("clusterroles", "bind", RBAC, "view cluster-admin"), ["escalate"]),
    (rule("clusterroles", "bind", RBAC, "view"), []),
    (rule("serviceaccounts", "*"), ["wildcard", "impersonate"]),
    (rule("uids", "impersonate", "authentication.k8s.io"), ["impersonate"]),
    (rule("serviceaccounts/token", "create"), ["create-tokens"]),
    (rule("configmaps", "update"), ["change-system-configmaps"]),
    (rule("configmaps", "create"), []),
    (rule("", "create"), []),
    (rule("configmaps secrets", "watch"), ["read-secrets"]),
    (rule("secrets", "create update"), ["change-secrets"]),
    (rule("secrets", "delete"), ["delete-workloads"]),
    (rule("secrets", "get", names="a"), []),
    (rule("secrets", "get", "acme.example.com"), []),
    (rule("widgets/*", "get", "acme.example.com"), []),
    (rule("userextras/scopes", "impersonate", "authentication.k8s.io"), ["impersonate"]),
    (rule("pods/ephemeralcontainers", "patch"), ["debug-pods"]),
    (rule("pods/ephemeralcontainers", "get"), []),
    (rule("services/proxy", "get"), ["proxy-pods"]),
    (rule("pods/binding", "create"), ["place-pods"]),
    (rule("signers", "approve", "certificates.k8s.io"), ["sign-certificates"]),
    (rule("signers", "approve", "certificates.k8s.io", "acme.example.com/a"), []),
    (rule("namespaces", "patch"), ["change-namespaces"]),
    (rule("nodes/status", "patch"), ["change-nodes"]),
    (
        rule("validatingadmissionpolicybindings", "delete", "admissionregistration.k8s.io"),
        ["change-admission-policies"],
    ),
    (rule("apiservices", "create", "apiregistration.k8s.io"), ["change-apis"]),
    ({"nonResourceURLs": ["*"], "verbs": ["get"]}, ["debug-api-server"]),
    ({"nonResourceURLs": ["/debug/pprof/*"], "verbs": ["get"]}, ["debug-api-server"]),
    ({"nonResourceURLs": ["/logs"], "verbs": ["*"]}, ["wildcard", "debug-api-server"]),
    ({"nonResourceURLs": ["/de*"], "verbs": ["get"]}, ["debug-api-server"]),
    ({"nonResourceURLs": ["/", "/debugging", "/metrics"], "verbs": ["get"]}, []),
    ({"nonResourceURLs": ["/debug/*"], "verbs": ["post"]}, []),
]


@pytest.mark.parametrize(("given", "wanted"), RIGHTS)
def test_rights(given: dict[str, object], wanted: list[str]) -> None:
    found = facts("role", manifest(f"{RBAC}/v1", "ClusterRole", rules=[given]))
    assert found["rights"] == wanted


def test_whose_configmaps_a_role_changes() -> None:
    def given(namespace: str | None) -> object:
        about = {"metadata": {"name": "a", **({"namespace": namespace} if namespace else {})}}
        return facts("role", manifest(f"{RBAC}/v1", "Role", rules=[rule("configmaps", "update")], **about))["rights"]

    assert given("kube-system") == ["change-system-configmaps"]
    assert given("shop") == given(None) == []


def test_rights_of_rules_that_cannot_be_read_are_open() -> None:
    given = manifest(f"{RBAC}/v1", "ClusterRole", rules=[{**rule("pods", "get"), "verbs": "{{ .Values.verbs }}"}])
    assert isinstance(facts("role", given)["rights"], OpenList)


@pytest.mark.parametrize(
    ("about", "own"),
    [
        ({"name": "cluster-admin"}, True),
        ({"name": "system:controller:x"}, True),
        ({"name": "system:node"}, True),
        ({"name": "system:acme"}, False),
        ({"name": "admin"}, False),
        ({"name": "admin", "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}, True),
    ],
)
def test_which_roles_are_kubernetes_own(about: dict[str, object], own: bool) -> None:
    assert facts("role", manifest(f"{RBAC}/v1", "ClusterRole", metadata=about))["built_in"] is own


@pytest.mark.parametrize(
    ("text", "plugins"),
    [
        ('{"name": "a", "cniVersion": "1.0.0", "plugins": [{"type": "x"}, {}, 1]}', ["x"]),
        ('{"name": "a", "plugins": []}', []),
        (
            '{"name": "a", "plugins": [{"type": "x", "delegate": {"type": "y"}}, {"type": "z", "delegate": {}}]}',
            ["y", "z"],
        ),
        ('{"plugins": {}, "name": "a"}', None),
        ('{"plugins": [', None),
        ('"plugins"', None),
    ],
)
def test_the_plugins_in_a_config_map(text: str, plugins: list[str] | None) -> None:
    found = read(manifest("v1", "ConfigMap", data={"a": text, "b": "other", "c": None}))
    assert [each.facts["plugins"] for each in found if each.kind == "cni"] == ([] if plugins is None else [plugins])


def test_a_file_of_plugins_is_read() -> None:
    (found,) = read({"name": "a", "cniVersion": "1.0.0", "plugins": [{"type": "x"}]})
    assert (found.kind, found.name, found.facts["plugins"]) == ("cni", "a", ["x"])


BALANCERS: list[tuple[dict[str, str], dict[str, object], str]] = [
    ({}, {}, "open"),
    ({"networking.gke.io/load-balancer-type": "Internal"}, {}, "internal"),
    ({"networking.gke.io/load-balancer-type": "External"}, {}, "open"),
    ({"service.beta.kubernetes.io/aws-load-balancer-internal": "0.0.0.0/0"}, {}, "internal"),
    ({"service.beta.kubernetes.io/aws-load-balancer-internal": "false"}, {}, "open"),
    ({"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}, {}, "internal"),
    ({}, {"loadBalancerSourceRanges": ["10.0.0.0/8"]}, "restricted"),
    ({}, {"loadBalancerSourceRanges": ["10.0.0.0/8", "::/0"]}, "open"),
    ({}, {"loadBalancerSourceRanges": []}, "open"),
]


@pytest.mark.parametrize(("annotations", "spec", "wanted"), BALANCERS)
def test_who_reaches_a_load_balancer(annotations: dict[str, str], spec: dict[str, object], wanted: str) -> None:
    about = {"name": "a", "annotations": annotations}
    service = manifest("v1", "Service", metadata=about, spec={"type": "LoadBalancer", **spec})
    assert facts("service", service)["load_balancer"] == wanted


def test_other_services_have_no_load_balancer() -> None:
    assert "load_balancer" not in facts("service", manifest("v1", "Service", spec={}))
    unsettled = facts(
        "service", manifest("v1", "Service", spec={"type": "LoadBalancer", "loadBalancerSourceRanges": "{{x}}"})
    )
    assert isinstance(unsettled["load_balancer"], Unknown)


PLAIN: list[tuple[list[str | None], object, dict[str, str], object]] = [
    (["a.b"], None, {}, ["*"]),
    (["a.b"], [], {}, ["*"]),
    (["a.b", "c.d"], [{"hosts": ["a.b"]}], {}, ["c.d"]),
    (["a.b"], [{"hosts": ["*.b"]}], {}, []),
    ([None], [{"hosts": ["a.b"]}], {}, []),
    (["a.b"], [{}], {}, []),
    (["a.b"], None, {"networking.gke.io/managed-certificates": "x"}, []),
    (["a.b"], None, {"nginx.ingress.kubernetes.io/ssl-passthrough": "false"}, ["*"]),
]


@pytest.mark.parametrize(("hosts", "tls", "annotations", "wanted"), PLAIN)
def test_hosts_without_tls(hosts: list[str | None], tls: object, annotations: dict[str, str], wanted: object) -> None:
    rules = [{"host": host} if host else {} for host in hosts]
    about = {"name": "a", "annotations": annotations}
    ingress = manifest("networking.k8s.io/v1", "Ingress", metadata=about, spec={"rules": rules, "tls": tls})
    assert facts("ingress", ingress)["plain_hosts"] == wanted


def test_snippets_of_nginx() -> None:
    annotations = {
        "nginx.ingress.kubernetes.io/server-snippet": "a",
        "nginx.ingress.kubernetes.io/rewrite-target": "/",
        "nginx.org/location-snippets": "b",
    }
    about = {"name": "a", "annotations": annotations}
    found = facts("ingress", manifest("networking.k8s.io/v1", "Ingress", metadata=about, spec={}))
    assert found["snippets"] == ["nginx.ingress.kubernetes.io/server-snippet", "nginx.org/location-snippets"]


def kubeadm(**parts: object) -> dict[str, dict[str, object]]:
    found = read(manifest("kubeadm.k8s.io/v1beta3", "ClusterConfiguration", **parts))
    assert {each.kind for each in found} == {"control_plane_component"}
    return {str(each.facts["component"]): dict(each.facts) for each in found}


def test_what_kubeadm_sets_by_itself() -> None:
    found = kubeadm()
    assert list(found) == ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"]
    assert found["kube-apiserver"]["flags"]["authorization-mode"] == "Node,RBAC"  # type: ignore[index]
    assert "profiling" not in found["kube-apiserver"]["flags"]  # type: ignore[operator]


@pytest.mark.parametrize(
    "given",
    [
        {"profiling": "false", "authorization-mode": "AlwaysAllow", "a": "{{ x }}"},
        [
            {"name": "profiling", "value": "false"},
            {"name": "authorization-mode", "value": "AlwaysAllow"},
            {"name": "a", "value": "{{ x }}"},
        ],
    ],
)
def test_what_a_cluster_configuration_adds(given: object) -> None:
    flags = kubeadm(apiServer={"extraArgs": given})["kube-apiserver"]["flags"]
    assert isinstance(flags, dict)
    assert (flags["profiling"], flags["authorization-mode"]) == ("false", "AlwaysAllow")
    assert isinstance(flags["a"], Unknown)
    assert "etcd-cafile" in flags


def test_an_etcd_elsewhere_is_not_kubeadms() -> None:
    assert "etcd" not in kubeadm(etcd={"external": {"endpoints": []}})
    assert kubeadm(etcd={"local": {"extraArgs": {"auto-tls": "true"}}})["etcd"]["flags"]["auto-tls"] == "true"  # type: ignore[index]


def test_other_files_of_components_are_no_objects() -> None:
    assert read(manifest("kubeadm.k8s.io/v1beta3", "InitConfiguration")) == []
