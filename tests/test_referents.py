"""Whether what objects refer to is there."""

from __future__ import annotations

import json

import pytest

from policyengine.documents.yaml import YamlDocument
from policyengine.inputs import kubernetes
from policyengine.inputs.context import Context
from policyengine.model.unknown import OpenList, Unknown
from policyengine.referents import may_be_in, wanted
from policyengine.relations import Index

NOT_SETTLED = "not settled"


def related(*objects: dict[str, object], closed: bool = True) -> dict[str, dict[str, object]]:
    """The facts of the related resources, by kind and name."""
    text = "\n---\n".join(map(json.dumps, objects)) + "\n"
    resources = list(kubernetes.read(YamlDocument("m.yaml", text), Context(source="d", closed=closed)))
    index = Index()
    for resource in resources:
        index.add(resource)
    moved = Index()
    moved.merge(index)
    return {f"{one.kind}/{one.name}": dict(moved.relate(one).facts) for one in resources}


def manifest(kind: str, name: str, spec: dict[str, object] | None = None, **about: object) -> dict[str, object]:
    version = {"NetworkPolicy": "networking.k8s.io/v1", "Ingress": "networking.k8s.io/v1"}.get(kind, "v1")
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **about}, "spec": spec or {}}


def pod(name: str = "p", **labels: object) -> dict[str, object]:
    return manifest("Pod", name, {"containers": [{"name": "c", "image": "nginx"}]}, labels=labels)


def deployment(**labels: object) -> dict[str, object]:
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": spec}


def service(selector: object, **spec: object) -> dict[str, object]:
    return manifest("Service", "s", {"selector": selector, "ports": [{"port": 80}], **spec})


def verdict(value: object) -> object:
    return NOT_SETTLED if isinstance(value, Unknown) else value


TEMPLATE = {"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "t"}, "template": pod(a="1")}
SERVICES: list[tuple[list[dict[str, object]], object, object]] = [
    ([pod(a="1")], {"a": "1"}, True),
    ([deployment(a="1", b="2")], {"b": "2"}, True),
    ([pod("x"), pod("y", a="1")], {"a": "1"}, True),
    ([pod(a="2")], {"a": "1"}, False),
    ([], {"a": "1"}, False),
    ([pod(a="1")], {"a": "1", "b": "1"}, False),
    ([pod(a="{{ x }}")], {"a": "1"}, False),
    ([pod(a={})], {"a": "1"}, NOT_SETTLED),
    ([deployment(a="1")], {"a": "1", "controller-uid": "x"}, NOT_SETTLED),
    ([pod(a="1")], {}, None),
    ([pod(a="1")], None, None),
    (
        [{"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "t"}, "template": pod(a="1")}],
        {"a": "1"},
        False,
    ),
]


@pytest.mark.parametrize(("pods", "selector", "wanted_"), SERVICES)
def test_pods_of_a_service(pods: list[dict[str, object]], selector: object, wanted_: object) -> None:
    assert verdict(related(*pods, service(selector))["service/s"].get("selects_pods")) == wanted_


def test_what_is_not_seen_as_a_whole() -> None:
    assert verdict(related(service({"a": "1"}), closed=False)["service/s"]["selects_pods"]) == NOT_SETTLED
    assert related(pod(a="1"), service({"a": "1"}), closed=False)["service/s"]["selects_pods"] is True


def test_a_service_for_a_name_elsewhere_needs_no_pods() -> None:
    external = service({"a": "1"}, type="ExternalName", externalName="example.com")
    assert "selects_pods" not in related(external)["service/s"]


def test_another_namespace_is_another_world() -> None:
    there = manifest("Pod", "p", {"containers": []}, labels={"a": "1"}, namespace="there")
    assert related(there, service({"a": "1"}))["service/s"]["selects_pods"] is False


def test_a_namespace_that_is_not_told() -> None:
    unsettled = manifest("Service", "s", {"selector": {"a": "1"}}, namespace="{{ x }}")
    found = related(unsettled)["service/s"]
    assert isinstance(found["namespace"], str) or "selects_pods" not in found


def policy(selector: object, peers: object = None) -> dict[str, object]:
    rules = {} if peers is None else {"ingress": [{"from": peers}], "egress": [{}]}
    return manifest("NetworkPolicy", "n", {"podSelector": selector, **rules})


POLICIES: list[tuple[object, object]] = [
    ({}, True),
    ({"matchLabels": {"a": "1"}}, True),
    ({"matchLabels": {"a": "2"}}, False),
    ({"matchExpressions": [{"key": "a", "operator": "Exists"}]}, True),
    ({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, False),
    ([], NOT_SETTLED),
]


@pytest.mark.parametrize(("selector", "wanted_"), POLICIES)
def test_pods_of_a_network_policy(selector: object, wanted_: object) -> None:
    assert verdict(related(pod(a="1"), policy(selector))["network_policy/n"]["selects_pods"]) == wanted_


def test_peers_of_the_own_namespace() -> None:
    peers = [
        {"podSelector": {"matchLabels": {"a": "1"}}},
        {"podSelector": {"matchLabels": {"a": "2"}}},
        {"podSelector": {"matchLabels": {"a": "2"}}, "namespaceSelector": {}},
        {"ipBlock": {"cidr": "10.0.0.0/8"}},
    ]
    rules = related(pod(a="1"), policy({}, peers))["network_policy/n"]["ingress"]
    assert isinstance(rules, list)
    assert [peer.get("selects_pods") for peer in rules[0]["peers"]] == [True, False, None, None]


def test_what_is_open_stays_open() -> None:
    given = policy({}, [{"podSelector": {}}])
    given["metadata"]["$patch"] = "merge"  # type: ignore[index]
    assert isinstance(related(pod(a="1"), given)["network_policy/n"]["egress"], list | OpenList)


def ingress(path: object = None, default: object = None) -> dict[str, object]:
    backend = {"service": {"name": path, "port": {"number": 80}}} if path else {"resource": {"kind": "Bucket"}}
    rules = [{"http": {"paths": [{"path": "/", "backend": backend}]}}]
    others = {"defaultBackend": {"service": {"name": default}}} if default else {}
    return manifest("Ingress", "i", {"rules": rules, **others})


def test_services_of_an_ingress() -> None:
    def found(path: object, default: object, *, closed: bool = True) -> list[object]:
        facts = related(service({}), ingress(path, default), closed=closed)["ingress/i"]
        paths, rest = facts["paths"], facts.get("default_backend", {})
        assert isinstance(paths, list)
        assert isinstance(rest, dict)
        return [verdict(backend.get("service_exists")) for backend in (*paths, rest)]

    assert found("s", "t") == [True, False]
    assert found("t", "s") == [False, True]
    assert found("t", "s", closed=False) == [NOT_SETTLED, True]
    assert found(None, None) == [None, None]
    assert found({"a": "b"}, None) == [NOT_SETTLED, None]


PORTS = [
    ([{"port": 80}], {"number": 80}, True),
    ([{"port": 8080}, {"port": 80}], {"number": 80}, True),
    ([{"port": 8080, "targetPort": 80}], {"number": 80}, False),
    ([{"name": "http", "port": 80}], {"name": "http"}, True),
    ([{"name": "http", "port": 80}], {"name": "https"}, False),
    ([{"name": {}, "port": 80}], {"name": "https"}, None),
    ([{"port": 80}], {}, None),
    (None, {"number": 80}, None),
]


@pytest.mark.parametrize(("ports", "port", "expected"), PORTS)
def test_ports_of_an_ingress(ports: object, port: dict[str, object], expected: bool | None) -> None:
    given = manifest("Service", "s", {} if ports is None else {"ports": ports})
    asked = manifest("Ingress", "i", {"defaultBackend": {"service": {"name": "s", "port": port}}})
    facts = related(given, asked)["ingress/i"]
    assert facts["default_backend"].get("port_exists") is expected  # type: ignore[attr-defined]


def test_what_an_annotation_answers_is_no_service() -> None:
    asked = manifest("Ingress", "i", {"defaultBackend": {"service": {"name": "a", "port": {"name": "use-annotation"}}}})
    assert "service_exists" not in related(service({}), asked)["ingress/i"]["default_backend"]  # type: ignore[operator]


def test_network_policies_of_a_namespace() -> None:
    def found(**about: object) -> object:
        inside = manifest("NetworkPolicy", "n", {"podSelector": {}}, **about)
        return verdict(related(manifest("Namespace", "shop"), inside)["namespace/shop"]["has_network_policy"])

    assert found(namespace="shop") is True
    assert found() is False


EVERY_VERB = ["get", "list", "watch", "create", "update", "patch", "delete"]
EVERYTHING = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "*"]}


@pytest.mark.parametrize(
    ("rules", "kind", "name", "wanted_"),
    [
        ([EVERYTHING], "ClusterRole", "r", True),
        ([{**EVERYTHING, "verbs": ["get"]}], "ClusterRole", "r", None),
        (
            [{**EVERYTHING, "verbs": ["get", "list", "watch", "create", "update", "patch", "delete"]}],
            "ClusterRole",
            "r",
            True,
        ),
        ([{"nonResourceURLs": ["*"], "verbs": ["*"]}, "x"], "ClusterRole", "r", None),
        ([EVERYTHING], "ClusterRole", "other", None),
        ([EVERYTHING], "Role", "r", None),
        ([], "ClusterRole", "cluster-admin", True),
        ([], "Role", "cluster-admin", None),
    ],
)
def test_what_a_binding_grants(rules: list[object], kind: str, name: str, wanted_: object) -> None:
    rbac = "rbac.authorization.k8s.io/v1"
    role = {**manifest("ClusterRole", "r"), "apiVersion": rbac, "rules": rules}
    reference = {"roleRef": {"kind": kind, "name": name}, "subjects": [{"kind": "User", "name": "jane"}]}
    binding = {**manifest("RoleBinding", "b", namespace="shop"), "apiVersion": rbac, **reference}
    assert related(role, binding)["role_binding/b"].get("grants_everything") is wanted_


def test_what_is_asked_for() -> None:
    assert wanted({"x", "selects_pods"}) == {"selects_pods"}
    assert may_be_in(b"kind: Service", {"service_exists"})
    assert not may_be_in(b"kind: Service", {"selects_pods"})
    assert not may_be_in(b"kind: ClusterRole", {"grants_everything"})


def test_what_nobody_asks_for_is_not_kept() -> None:
    index = Index({"service_exists"})
    text = json.dumps(pod(a="1")) + "\n---\n" + json.dumps(service({"a": "1"})) + "\n"
    for resource in kubernetes.read(YamlDocument("m.yaml", text), Context()):
        index.add(resource)
    assert [kind for _, kind, _ in index.entries()] == ["referent:service"]
