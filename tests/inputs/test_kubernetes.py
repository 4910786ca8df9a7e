"""Manifests and the whole of what is read from them; then single rules, hiding, and manifests gone wrong."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyengine.documents.yaml import YamlDocument
from policyengine.inputs import kubernetes
from policyengine.inputs.context import Context
from policyengine.inputs.kubernetes.quantity import quantity
from policyengine.model.provenance import Provenance
from policyengine.model.unknown import Unknown
from policyengine.relations import KINDS, Index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.model.resource import Resource

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures" / "kubernetes"
REAL = ROOT.parent / "shared" / "corpora" / "realworld"
CASES = sorted(path.name for path in FIXTURES.iterdir())


def read(text: str, *, path: str = "m.yaml", closed: bool = False) -> tuple[list[Resource], Context, YamlDocument]:
    document, context = YamlDocument(path, text), Context(closed=closed)
    return list(kubernetes.read(document, context)), context, document


def one(kind: str, text: str) -> Resource:
    return next(resource for resource in read(text)[0] if resource.kind == kind)


def pod(spec: str = "", container: str = "", *, kind: str = "Pod") -> str:
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  {spec or 'x: y'}\n"
        f"  containers:\n    - name: c\n      image: nginx\n      {container or 'x: y'}\n"
    )


def told(resource: Resource) -> Iterator[str]:
    """A resource as text: where each field is, its value, how it came about."""
    place = resource.where()
    within = f" in {resource.parent}" if resource.parent else ""
    yield f"{resource.kind} {resource.name}{within} [{resource.scope}] {place.line}:{place.column}"
    for field in sorted(kubernetes.supplies()[resource.kind]):
        place, how = resource.where((field,)), resource.provenance((field,))
        value = json.dumps(plain(resource.facts.get(field)), ensure_ascii=False)
        owner = f" of {resource.shared[field].kind}/{resource.shared[field].name}" if field in resource.shared else ""
        yield f"  {field}: {value} ({how.how}{f' {how.of}' if how.of else ''}{owner}) {place.line}:{place.column}"


def plain(value: object) -> object:
    if isinstance(value, Unknown):
        return f"?{value.fact}: {value.why}"
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


@cache
def case(name: str) -> tuple[tuple[Resource, ...], str]:
    source = next(path for path in (FIXTURES / name).iterdir() if path.suffix in (".yaml", ".json"))
    resources, context, _ = read(source.read_text("utf-8"), path=source.name, closed=True)
    index = Index()
    for resource in resources:
        index.add(resource)
    resources = [index.relate(resource) for resource in resources]
    lines = [line for resource in resources for line in told(resource)]
    lines += [f"problem {problem.line}:{problem.column} {problem.message}" for problem in context.problems]
    return tuple(resources), "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", CASES)
def test_fixture(name: str) -> None:
    assert case(name)[1] == (FIXTURES / name / "expected.txt").read_text("utf-8")


def test_fixtures_fill_every_supplied_field_and_no_other() -> None:
    filled: defaultdict[str, set[str]] = defaultdict(set)
    for name in CASES:
        for resource in case(name)[0]:
            filled[resource.kind] |= resource.facts.keys()
    assert dict(filled) == kubernetes.supplies()


CLAIMS = [
    ("apiVersion: v1\nkind: Pod", 3),
    ("apiVersion: apps/v1\nkind: Deployment", 3),
    ("apiVersion: rbac.authorization.k8s.io/v1\nkind: Role", 3),
    ("a: 1\n---\napiVersion: v1\nkind: ConfigMapList", 3),
    ("apiVersion: v1\nkind: Config", 0),
    ("apiVersion: v1\nkind: Config\nclusters: []", 3),
    ("apiVersion: v1\nkind: Deployment", 0),
    ("apiVersion: v2\nkind: Pod", 0),
    ("apiVersion: apps/1\nkind: Deployment", 0),
    ("apiVersion: acme.apps/v1\nkind: Deployment", 0),
    ("apiVersion: serving.knative.dev/v1\nkind: Service", 3),
    ("apiVersion: serving.knative.dev/v1alpha1\nkind: Service", 0),
    ("apiVersion: serving.knative.dev/v1\nkind: Route", 0),
    ("apiVersion: apps.openshift.io/v1\nkind: DeploymentConfig", 3),
    ("apiVersion: v1\nkind: DeploymentConfig", 3),
    ("apiVersion: argoproj.io/v1alpha1\nkind: Rollout", 3),
    ("apiVersion: argoproj.io/v1alpha1\nkind: Application", 0),
    ("apiVersion: release-notes/v2\nkind: bug-fix", 0),
    ("apiVersion: 1\nkind: Pod", 0),
    ("apiVersion: v1\nkind: [Pod]", 0),
    ("apiVersion: v1", 0),
    ("- apiVersion: v1\n  kind: Pod", 0),
    ("", 0),
]


@pytest.mark.parametrize(("text", "claim"), CLAIMS)
def test_claims(text: str, claim: int) -> None:
    assert kubernetes.claims(YamlDocument("m.yaml", text)) == claim


@pytest.mark.parametrize(("text", "claim"), [(text, claim) for text, claim in CLAIMS if not claim])
def test_what_is_not_claimed_makes_no_resource(text: str, claim: int) -> None:
    assert read(text + "\n")[0] == []


def test_nested_defaults_and_places() -> None:
    web = next(resource for resource in case("everything")[0] if resource.name == "web")

    def at(*path: str | int) -> tuple[int | None, str]:
        return web.where(path).line, web.provenance(path).how

    assert [at("ports", 0, field) for field in ("target", "published", "host_ip", "protocol")] == [
        (48, "declared"),
        (48, "default"),
        (48, "absent"),
        (48, "default"),
    ]
    assert [at("ports", 2, field) for field in ("target", "published", "host_ip", "protocol")] == [
        (50, "declared"),
        (51, "declared"),
        (50, "absent"),
        (50, "default"),
    ]
    assert [at("environment", name) for name in ("MODE", "PASSWORD", "TOKEN", "EMPTY")] == [
        (53, "declared"),
        (55, "declared"),
        (57, "absent"),
        (58, "default"),
    ]
    assert at("volumes", 1, "source") == (85, "declared")
    assert at("volumes", 1, "target") == (63, "declared")
    assert at("volumes", 2, "read_only") == (64, "default")
    assert at("volumes", 4, "read_only") == (88, "default")
    assert at("image", "tag") == (46, "default")
    assert [at("security_opt", index)[0] for index in range(5)] == [73, 77, 78, 31, 31]
    assert at("cap_add", 1) == (75, "declared")


USERS = [
    ("", "securityContext: {runAsUser: 0, runAsNonRoot: true}", "0", True),
    ("securityContext: {runAsUser: 0}", "", "0", True),
    ("securityContext: {runAsUser: 0}", "securityContext: {runAsUser: 7}", "7", False),
    ("securityContext: {runAsUser: 7}", "securityContext: {runAsUser: 0}", "0", True),
    ("securityContext: {runAsNonRoot: true}", "", "image.user", False),
    ("securityContext: {runAsNonRoot: true}", "securityContext: {runAsNonRoot: false}", "image.user", "image.user"),
    ("securityContext: {runAsGroup: 3}", "securityContext: {runAsUser: 0o10}", "8:3", False),
    ("", "securityContext: {runAsGroup: 3}", "image.user", "image.user"),
    ("", "", "image.user", "image.user"),
]


@pytest.mark.parametrize(("spec", "container", "user", "root"), USERS)
def test_user(spec: str, container: str, user: str, root: object) -> None:
    facts = one("container", pod(spec, container)).facts

    def fact(value: object) -> object:
        return value.fact if isinstance(value, Unknown) else value

    assert (fact(facts["user"]), fact(facts["runs_as_root"])) == (user, root)


def test_what_is_missing_points_at_the_nearest_thing() -> None:
    bare = one("container", pod())
    assert [bare.where((field,)).line for field in ("read_only", "mem_limit", "network_mode")] == [7, 7, 4]
    started = one("container", pod(container="securityContext: {privileged: false}"))
    assert [started.where((field,)).line for field in ("read_only", "cap_drop", "privileged")] == [9, 9, 9]


QUANTITIES = [
    ("64Mi", 64 * 2**20),
    ("1Ki", 1024),
    ("2Ei", 2 * 2**60),
    ("1.5Gi", 3 * 2**29),
    ("128k", 128_000),
    ("1M", 10**6),
    ("1e3", 1000),
    ("12E2", 1200),
    ("1E", 10**18),
    ("500m", 0.5),
    (".5", 0.5),
    ("5.", 5),
    ("+7", 7),
    ("-1", -1),
    ("9Ei", 2**63 - 1),
    ("1e999", 2**63 - 1),
    ("64MB", None),
    ("64mi", None),
    ("1e9999", None),
    ("", None),
    (".", None),
    ("0x10", None),
    ("1 Gi", None),
]


@pytest.mark.parametrize(("text", "number"), QUANTITIES)
def test_quantity(text: str, number: float | None) -> None:
    assert quantity(text) == number


def test_limits_of_zero_are_none_and_fractions_of_a_byte_count_whole() -> None:
    zero = one("container", pod(container="resources: {limits: {memory: 0, cpu: '0'}}")).facts
    assert (zero.get("mem_limit"), zero.get("cpus")) == (None, None)
    some = one("container", pod(container="resources: {limits: {memory: 1500m, cpu: 2}}")).facts
    assert (some["mem_limit"], some["cpus"]) == (2, 2.0)


@pytest.mark.parametrize(
    ("spec", "container", "memory", "cpus", "shared"),
    [
        ("resources: {limits: {memory: 1Gi, cpu: 2}}", "", 2**30, 2.0, {"mem_limit", "cpus"}),
        ("resources: {limits: {memory: 1Gi, cpu: 2}}", "resources: {limits: {memory: 1Mi}}", 2**20, 2.0, {"cpus"}),
        ("resources: {limits: {memory: 1Gi}}", "resources: {limits: {memory: 0}}", 2**30, None, {"mem_limit"}),
        ("resources: {requests: {memory: 1Gi}}", "", None, None, set()),
    ],
)
def test_limits_of_the_pod(spec: str, container: str, memory: int | None, cpus: float | None, shared: set[str]) -> None:
    found = one("container", pod(spec, container))
    assert (found.facts.get("mem_limit"), found.facts.get("cpus")) == (memory, cpus)
    assert {field for field in ("mem_limit", "cpus") if field in found.shared} == shared
    for field in shared:
        assert found.provenance((field,)) == Provenance("inherited", "pod/p")
        assert found.where((field,)).line == 5


def test_a_wrong_limit_of_a_pod_is_told_once() -> None:
    text = pod("resources: {limits: {memory: much}}") + "    - {name: d, image: nginx}\n"
    found, context, _ = read(text)
    assert [problem.message for problem in context.problems] == ["memory should be a quantity such as 64Mi or 500m"]
    limits = [resource.facts["mem_limit"] for resource in found if resource.kind == "container"]
    assert limits == [Unknown("limits.memory", "it is no quantity")] * 2


OF_VARIABLES = Unknown("volumes.source", "the path depends on variables of the container")


@pytest.mark.parametrize(
    ("volume", "mount", "source"),
    [
        ("hostPath: {path: /var//run/docker.sock}", "", "/var/run/docker.sock"),
        ("hostPath: {path: //run/docker.sock/}", "", "/run/docker.sock"),
        ("hostPath: {path: /}", "", "/"),
        ("hostPath: {path: /}", "subPath: run", "/run"),
        ("hostPath: {path: /var/run/}", "subPath: ./docker.sock", "/var/run/docker.sock"),
        ("hostPath: {path: /var/run}", "subPathExpr: docker.sock", "/var/run/docker.sock"),
        ("hostPath: {path: /var/run}", "subPathExpr: $(X)", OF_VARIABLES),
        ("hostPath: {path: /var/run}", "subPathExpr: a/$(X)/b", OF_VARIABLES),
        ("hostPath: {path: 'C:\\x'}", "", "C:\\x"),
        ("emptyDir: {}", "subPathExpr: $(X)", "v"),
        ("nfs: {server: files, path: /}", "", "files:/"),
    ],
)
def test_sources_of_mounts(volume: str, mount: str, source: object) -> None:
    text = pod(f"volumes: [{{name: v, {volume}}}]", f"volumeMounts: [{{name: v, mountPath: /m, {mount}}}]")
    found = one("container", text.replace(", }", "}")).facts["volumes"]
    assert isinstance(found, list)
    assert found[0]["source"] == source


def test_an_address_has_one_spelling() -> None:
    text = pod(container="ports: [{containerPort: 1, hostPort: 1, hostIP: '::ffff:0.0.0.0'}]")
    assert one("container", text).facts["ports"] == [
        {"target": 1, "published": "1", "host_ip": "0.0.0.0", "protocol": "tcp", "by_host_network": False}
    ]


def test_a_kind_in_a_version_that_has_none_of_its_name_is_a_problem_beside_others() -> None:
    text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n---\napiVersion: v1\nkind: Deployment\n"
    _, context, _ = read(text)
    assert [(problem.message, problem.line) for problem in context.problems] == [("there is no Deployment in v1", 5)]


@pytest.mark.parametrize(("version", "kind"), [("apps/v1", "Pod"), ("batch/v1", "Deployment"), ("apps/v1", "Service")])
def test_a_kind_in_a_group_that_has_none_of_its_name_is_a_problem(version: str, kind: str) -> None:
    found, context, _ = read(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\n")
    assert found == []
    told = [(problem.message, problem.line, problem.column) for problem in context.problems]
    assert told == [(f"there is no {kind} in {version}", 1, 13)]


def test_empty_strings_are_not_written() -> None:
    text = pod(
        "serviceAccountName: ''\n  serviceAccount: old\n  restartPolicy: ''",
        "ports: [{containerPort: 1, hostPort: 1, hostIP: ''}]",
    )
    resources = {resource.kind: resource for resource in read(text.replace("name: p", "name: p, namespace: ''"))[0]}
    assert resources["pod"].facts["service_account"] == "old"
    assert resources["pod"].scope.name == resources["pod"].facts["namespace"] == "default"
    assert resources["container"].facts["restart"] == "always"
    assert resources["container"].facts["ports"] == [
        {"target": 1, "published": "1", "host_ip": "0.0.0.0", "protocol": "tcp", "by_host_network": False}
    ]


@pytest.mark.parametrize("image", ["ko://example.org/app", "https://example.org/app", "a b"])
def test_what_is_no_reference_has_unknown_parts(image: str) -> None:
    facts = one("image_ref", pod().replace("nginx", image)).facts
    assert facts["reference"] == image
    assert isinstance(facts["registry"], Unknown)


def test_scopes() -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: n}\n"
    document = YamlDocument("m.yaml", text)
    (inside,) = kubernetes.read(document, Context(source="d", closed=True, wanted=frozenset()))
    assert (inside.scope.key, inside.scope.closed) == (("kubernetes", "n", "d"), KINDS | {"role"})
    (alone,) = kubernetes.read(document, Context(wanted=frozenset()))
    assert (alone.scope.key, alone.scope.closed) == (("kubernetes", "n", ""), frozenset())


SECRETS = [
    pod(container="env: [{name: A, value: MARK}]"),
    pod(container="env: [{name: A, Value: MARK}]"),
    pod(container="env: [{name: {x: MARK}}]"),
    pod(container="env: [MARK, A=MARK]"),
    pod(container="env: {A: MARK, B: [MARK, {c: MARK}]}"),
    pod(container="env: MARK"),
    pod(container="livenessProbe: {httpGet: {httpHeaders: [{name: Authorization, value: MARK}]}}"),
    pod(container='env: [{name: A, value: "M\n\n ARK MARK"}]'),
    pod(container="env: [{name: A, value: &m MARK}, {name: B, value: *m}]"),
    "x: &m MARK\ny: {env: [{name: A, value: *m}]}",
    "x: &e {<<: {value: MARK}, name: A}\ny: {env: [*e, {<<: [{value: MARK}]}]}",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: MARK, b: {c: [MARK]}}\nstringData: {a: MARK}\n",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: MARK\nstringData: [MARK]\n",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringdata: {a: MARK}\nSTRINGDATA: MARK\nextra: [MARK]\n",
    "apiVersion: acme/v1\nkind: SealedSecret\nspec: {a: MARK}\n",
    "apiVersion: v1\nkind: ConfigMap\ndata: {a: MARK}\n",
    '{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Secret", "data": {"a": "MARK"}}]}',
    "apiVersion: v1\nkind: Pod\nmetadata: {annotations: {kubectl.kubernetes.io/last-applied-configuration: MARK}}\n",
    "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n"
    '    kubectl.kubernetes.io/last-applied-configuration: |\n      {"a": "MARK"}\n\n      MARK\n  name: x\n',
]


@pytest.mark.parametrize("text", SECRETS)
def test_secrets_are_hidden(text: str) -> None:
    resources, context, document = read(text)
    hidden = [line for number in range(1, len(document.lines) + 1) if (line := document.excerpt(number))]
    assert [line for line in hidden if "MARK" in line] == []
    assert "MARK" not in repr(context.problems)
    annotations = [resource.facts.get("annotations") for resource in resources]
    assert "MARK" not in repr(annotations)


@pytest.mark.parametrize(
    ("container", "shown"),
    [
        ("{args: [-uroot, -pMARK], command: [mysql]}", "{args: [-uroot, ****], command: [mysql]}"),
        ("{command: [mysql], image: x, args: [-pMARK]}", "{command: [mysql], image: x, args: [****]}"),
        ("{args: [-u, 'ci:MARK', -p9], command: [/usr/bin/curl]}", "{args: [-u, ****, -p9], command: [/usr/bin/curl]}"),
        ("{args: [-pfast], command: [app]}", "{args: [-pfast], command: [app]}"),
        ("{args: -pfast, command: {a: mysql}}", "{args: -pfast, command: {a: mysql}}"),
    ],
)
def test_secrets_among_arguments_are_hidden_wherever_the_command_is_written(container: str, shown: str) -> None:
    *_, document = read(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: x}}\nspec: {{containers: [{container}]}}\n")
    assert document.excerpt(4) == f"spec: {{containers: [{shown}]}}"


def test_names_of_variables_are_shown() -> None:
    *_, document = read(
        pod(container="env: [{name: PASSWORD, value: x}, {name: T, valueFrom: {secretKeyRef: {name: s}}}]")
    )
    assert document.excerpt(9) == (
        "      env: [{name: PASSWORD, value: ****}, {name: T, valueFrom: {secretKeyRef: {name: s}}}]"
    )


def judged(text: str) -> list[Resource]:
    """Read, relate, and ask for every place: nothing may raise."""
    resources, context, document = read(text, closed=True)
    assert len(set(context.problems)) == len(context.problems), "each is told once"
    index = Index()
    for resource in resources:
        index.add(resource)
    related = [index.relate(resource) for resource in resources]
    for resource in related:
        assert resource.facts.keys() <= kubernetes.supplies()[resource.kind]
        for field in kubernetes.supplies()[resource.kind]:
            resource.where((field,))
            resource.provenance((field,))
    for line in range(1, min(len(document.lines), 50)):
        document.excerpt(line)
    return related


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("ab:/. -{}", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=6,
)


def paths(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, below in steps:
        yield (*at, step)
        yield from paths(below, (*at, step))


def replaced(value: object, path: tuple[str | int, ...], junk: object) -> object:
    if not path:
        return junk
    if isinstance(value, dict):
        return {key: replaced(item, path[1:], junk) if key == path[0] else item for key, item in value.items()}
    assert isinstance(value, list)
    return [replaced(item, path[1:], junk) if index == path[0] else item for index, item in enumerate(value)]


SHAPES = [
    value
    for name in CASES
    for file in (FIXTURES / name).iterdir()
    if file.suffix in (".yaml", ".json")
    for value in YamlDocument(file.name, file.read_text("utf-8")).values
]


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_junk_anywhere_never_raises(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from(SHAPES))
    for _ in range(data.draw(st.integers(1, 4))):
        if places := list(paths(shape)):
            shape = replaced(shape, data.draw(st.sampled_from(places)), data.draw(JUNK))
    judged(json.dumps(shape))


@pytest.mark.skipif(not REAL.is_dir(), reason=f"there are no real files beside the repository in {REAL.name}")
@pytest.mark.parametrize("area", ["k8s", "lookalike", "compose"])
def test_real_files(area: str) -> None:
    found = {
        resource.kind
        for path in sorted((REAL / area).rglob("*"))
        if path.is_file() and path.name not in DUPLICATE_KEYS
        for resource in judged(path.read_text("utf-8"))
    }
    rare = {
        "cluster_network_policy",
        "control_plane_component",
        "encryption",
        "kubeconfig",
        "limit_range",
        "pod_security_policy",
        "resource_quota",
    }
    assert found - rare == (set(kubernetes.supplies()) - rare if area == "k8s" else set())


DUPLICATE_KEYS = {"k8s-patch-json-workflow.yaml", "etcd-discovery-controller.yaml"}
