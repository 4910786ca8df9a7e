"""Which PodDisruptionBudgets, NetworkPolicies and Services select a Pod, what it runs as, and when that is unknown."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyengine.documents.yaml import YamlDocument
from policyengine.inputs import kubernetes
from policyengine.inputs.context import Context
from policyengine.model.provenance import DECLARED, Provenance
from policyengine.model.unknown import Unknown
from policyengine.relations import Index
from tests.judging import shown_line

if TYPE_CHECKING:
    from policyengine.model.resource import Resource

VERSIONS = {
    "Pod": "v1",
    "Service": "v1",
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "PodDisruptionBudget": "policy/v1",
}


def manifest(
    kind: str, name: str, spec: object, *, namespace: str = "default", version: str = "", **about: object
) -> str:
    metadata = {"name": name, "namespace": namespace, **about}
    return json.dumps({"apiVersion": version or VERSIONS[kind], "kind": kind, "metadata": metadata, "spec": spec})


def deployment(labels: object, *, kind: str = "Deployment", namespace: str = "default") -> str:
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
    return manifest(kind, "web", {"template": template}, namespace=namespace, labels={"app": "not the Pods'"})


def resources(*manifests: str, source: str = "d", closed: bool = True) -> list[Resource]:
    document = YamlDocument("m.yaml", "\n---\n".join(manifests) + "\n")
    return list(kubernetes.read(document, Context(source=source, closed=closed, wanted=frozenset())))


def related(pods: list[Resource], others: list[Resource], kind: str = "pod") -> dict[str, object]:
    """What is related to the first resource of a kind, names only; of an unknown its reason."""
    index = Index()
    for resource in others:
        index.add(resource)
    found = index.relate(next(resource for resource in pods if resource.kind == kind)).facts["related"]
    assert isinstance(found, dict)
    return {field: shown(value) for field, value in found.items() if value != []}


def shown(value: object) -> object:
    if isinstance(value, Unknown):
        return value.why.split()[0]
    assert isinstance(value, list)
    return [item["name"] for item in value]


def selector(labels: object = None, *expressions: object) -> dict[str, object]:
    return {"matchLabels": labels, "matchExpressions": list(expressions)}


def needs(key: str, operator: str, *values: str) -> dict[str, object]:
    return {"key": key, "operator": operator, "values": list(values)}


SELECTORS: list[tuple[object, dict[str, object], bool | None]] = [
    ({"app": "web"}, {"app": "web"}, True),
    ({"app": "web", "tier": "a"}, {"app": "web"}, True),
    ({"app": "web"}, {"app": "web", "tier": "a"}, False),
    ({"app": "web"}, {"app": "Web"}, False),
    ({}, {"app": "web"}, False),
    (None, {"app": "web"}, False),
    ({"a": "1"}, selector(None, needs("a", "In", "0", "1")), True),
    ({"a": "2"}, selector(None, needs("a", "In", "0", "1")), False),
    ({}, selector(None, needs("a", "In", "0", "1")), False),
    ({"a": "2"}, selector(None, needs("a", "NotIn", "0", "1")), True),
    ({"a": "1"}, selector(None, needs("a", "NotIn", "0", "1")), False),
    ({}, selector(None, needs("a", "NotIn", "0", "1")), True),
    ({"a": ""}, selector(None, needs("a", "Exists")), True),
    ({}, selector(None, needs("a", "Exists")), False),
    ({"a": ""}, selector(None, needs("a", "DoesNotExist")), False),
    ({}, selector(None, needs("a", "DoesNotExist")), True),
    ({"a": "1"}, selector({"a": "1"}, needs("a", "NotIn", "1")), False),
    ({"a": "1"}, selector({"a": "1"}, needs("b", "DoesNotExist"), needs("a", "Exists")), True),
    ({"a": "1"}, selector({"a": "1"}, needs("a", "Like", "1")), None),
    ({"a": "1"}, selector({"a": "2"}, needs("a", "Like", "1")), False),
    ({"a": {}}, {"a": "1"}, None),
    ({"a": {}}, {"a": {}}, None),
    ({}, {"a": {}}, False),
    ("web", {"a": "1"}, None),
    ({"a": "1"}, selector("a"), None),
    ({"a": "1"}, {"matchLabels": None, "matchExpressions": "a"}, None),
    ({"pod-template-hash": "1"}, {"pod-template-hash": "1"}, True),
    ({}, {"pod-template-hash": "1"}, None),
    ({}, {"pod-template-hash": "1", "app": "web"}, False),
]


@pytest.mark.parametrize("kind", ["NetworkPolicy", "PodDisruptionBudget"])
@pytest.mark.parametrize(("labels", "wanted", "selects"), SELECTORS)
def test_label_selectors(kind: str, labels: object, wanted: dict[str, object], selects: bool | None) -> None:
    field, key = {
        "NetworkPolicy": ("network_policies", "podSelector"),
        "PodDisruptionBudget": ("pod_disruption_budgets", "selector"),
    }[kind]
    written = wanted if "matchLabels" in wanted else {"matchLabels": wanted}
    everything = resources(deployment(labels), manifest(kind, "x", {key: written}))
    expected = {True: {field: ["x"]}, False: {}, None: {field: "it"}}[selects]
    assert related(everything, everything) == expected
    assert related(everything, everything, "workload") == expected


EMPTY = [
    ("NetworkPolicy", {"podSelector": {}}, "", {"network_policies": ["x"]}),
    ("NetworkPolicy", {"podSelector": None}, "", {"network_policies": ["x"]}),
    ("NetworkPolicy", {}, "extensions/v1beta1", {"network_policies": ["x"]}),
    ("PodDisruptionBudget", {"selector": {}}, "", {"pod_disruption_budgets": ["x"]}),
    ("PodDisruptionBudget", {"selector": {"matchLabels": {}}}, "", {"pod_disruption_budgets": ["x"]}),
    ("PodDisruptionBudget", {"selector": None}, "", {}),
    ("PodDisruptionBudget", {}, "", {}),
    ("PodDisruptionBudget", {"selector": {}}, "policy/v1beta1", {}),
    ("PodDisruptionBudget", {"selector": {"matchLabels": {}}}, "policy/v1beta1", {}),
    (
        "PodDisruptionBudget",
        {"selector": {"matchLabels": {"a": "1"}}},
        "policy/v1beta1",
        {"pod_disruption_budgets": ["x"]},
    ),
    ("Service", {}, "", {}),
    ("Service", {"selector": {}}, "", {}),
    ("Service", {"selector": {"a": "1"}}, "", {"services": ["x"]}),
    ("Service", {"selector": {"a": "2"}}, "", {}),
    ("Service", {"selector": {"a": "1"}, "type": "ExternalName"}, "", {}),
    ("Service", {"selector": "a"}, "", {"services": "it"}),
]


@pytest.mark.parametrize(("kind", "spec", "version", "expected"), EMPTY)
def test_empty_selectors(kind: str, spec: object, version: str, expected: object) -> None:
    everything = resources(deployment({"a": "1"}), manifest(kind, "x", spec, version=version))
    assert related(everything, everything) == expected


def test_labels_that_controllers_add_are_unknown_only_where_there_is_a_controller() -> None:
    service = manifest("Service", "x", {"selector": {"statefulset.kubernetes.io/pod-name": "web-0"}})
    made = resources(deployment({}, kind="StatefulSet"), service)
    assert related(made, made) == {"services": "it"}
    bare = resources(manifest("Pod", "web", {"containers": []}), service)
    assert related(bare, bare) == {}


ALL = manifest("NetworkPolicy", "all", {"podSelector": {}})


def test_relations_stay_within_a_scope() -> None:
    pods = resources(deployment({}), source="d")
    assert related(pods, resources(ALL, source="d")) == {"network_policies": ["all"]}
    assert related(pods, resources(ALL, source="e")) == {}
    elsewhere = manifest("NetworkPolicy", "all", {"podSelector": {}}, namespace="other")
    assert related(pods, resources(elsewhere, source="d")) == {}


def test_an_open_scope_knows_what_it_sees_and_no_more() -> None:
    everything = resources(deployment({}), ALL, closed=False)
    assert related(everything, everything) == {
        "pod_disruption_budgets": "only",
        "network_policies": ["all"],
        "services": "only",
        "service_account": "only",
        "horizontal_pod_autoscalers": "only",
        "limit_ranges": "only",
        "resource_quotas": "only",
    }


def test_the_unknown_says_what_is_missing() -> None:
    (found,) = (each for each in resources(deployment({}), closed=False) if each.kind == "pod")
    found = Index().relate(found)
    assert found.facts["related"]["pod_disruption_budgets"] == Unknown(  # type: ignore[index]  # it is an object
        "related.pod_disruption_budgets",
        "only part of the namespace's manifests was given",
        "check the whole directory",
    )
    assert found.provenance(("related", "services")) == Provenance("unknown", "check the whole directory")
    assert found.provenance(("labels",)) == DECLARED


def test_every_match_is_listed_with_its_facts_in_the_order_of_the_input() -> None:
    second = manifest("NetworkPolicy", "another", {"podSelector": {}, "policyTypes": ["Egress"]})
    everything = resources(deployment({}), ALL, second)
    index = Index()
    for resource in everything:
        index.add(resource)
    found = index.relate(everything[0])
    assert [facts["policy_types"] for facts in found.facts["related"]["network_policies"]] == [  # type: ignore[index]
        ["Ingress"],
        ["Egress"],
    ]
    assert found.provenance(("related", "network_policies")) == DECLARED


def test_a_relation_stands_at_the_name_of_its_resource() -> None:
    text = "apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {}\n  name: web\nspec: {containers: []}\n"
    (pod,) = kubernetes.read(YamlDocument("m.yaml", text), Context(wanted=frozenset()))
    found = Index().relate(pod)
    places = [found.where(path) for path in (("related",), ("related", "services"), ("related", "services", 0, "name"))]
    assert [(place.line, place.column) for place in places] == [(5, 9)] * 3
    assert found.where(("labels",)).line == 4
    assert shown_line(found, found.where(("related",))) == "  name: web"


def test_other_kinds_are_returned_as_they_are() -> None:
    everything = resources(deployment({}), ALL)
    index = Index()
    kept = [resource for resource in everything if resource.kind not in ("pod", "workload", "network_policy")]
    assert [index.relate(resource) is resource for resource in kept] == [True] * len(kept)
    assert {resource.kind for resource in kept} == {"container", "image_ref"}


def runs_as(account: str | None = None, token: bool | None = None, *, kind: str = "Deployment") -> str:
    spec = {"serviceAccountName": account, "automountServiceAccountToken": token}
    spec |= {"containers": [{"name": "c", "image": "nginx"}]}  # type: ignore[dict-item]  # a manifest, not one type
    return manifest(kind, "web", {"template": {"metadata": {}, "spec": spec}} if kind == "Deployment" else spec)


def account(name: str, token: bool | None = None, *, namespace: str = "default") -> str:
    about = {"name": name, "namespace": namespace}
    written = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": about, "automountServiceAccountToken": token}
    return json.dumps(written)


TOKENS: list[tuple[str, list[str], bool, object, str]] = [
    (runs_as("a", token=True), [account("a", token=False)], True, True, "declared"),
    (runs_as("a", token=False), [account("a", token=True)], True, False, "declared"),
    (runs_as("a"), [account("a", token=False)], True, False, "inherited service_account/a"),
    (runs_as("a"), [account("a")], True, True, "inherited service_account/a"),
    (runs_as("a"), [account("a", token=False)], False, False, "inherited service_account/a"),
    (runs_as("a", kind="Pod"), [account("a", token=False)], False, False, "inherited service_account/a"),
    (runs_as(), [account("default", token=False)], True, False, "inherited service_account/default"),
    (runs_as(), [account("a", token=False)], True, True, "default Kubernetes"),
    (runs_as("a"), [account("a", token=False, namespace="other")], True, True, "default Kubernetes"),
    (runs_as("a"), [], False, "only", "unknown check the whole directory"),
    (runs_as("a"), [account("a"), account("a", token=True)], True, True, "inherited service_account/a"),
    (runs_as("a"), [account("a"), account("a", token=False)], True, "several", "unknown None"),
    (runs_as("a"), [account("a", token=[])], True, "it", "unknown None"),  # type: ignore[arg-type]  # junk
]


@pytest.mark.parametrize(("pod", "accounts", "closed", "token", "how"), TOKENS)
def test_a_service_account_settles_the_token(
    pod: str, accounts: list[str], closed: bool, token: object, how: str
) -> None:
    everything = resources(pod, *accounts, closed=closed)
    index = Index()
    for resource in everything:
        index.add(resource)
    found = index.relate(next(resource for resource in everything if resource.kind == "pod"))
    value = found.facts["automount_service_account_token"]
    assert (value.why.split()[0] if isinstance(value, Unknown) else value) == token
    provenance = found.provenance(("automount_service_account_token",))
    assert " ".join(str(part) for part in (provenance.how, provenance.of) if part or how.startswith("unknown")) == how
    assert found.where(("automount_service_account_token",)).line == 1


def test_a_token_that_nobody_asked_for_is_unknown() -> None:
    (pod,) = (resource for resource in resources(runs_as("a")) if resource.kind == "pod")
    value = pod.facts["automount_service_account_token"]
    assert isinstance(value, Unknown)
    assert value.fact == "automount_service_account_token"


def test_the_service_account_of_a_workload() -> None:
    everything = resources(runs_as("a"), account("a", token=False), account("b"))
    index = Index()
    for resource in everything:
        index.add(resource)
    found = index.relate(everything[0])
    assert found.kind == "workload"
    assert found.facts["related"]["service_account"]["name"] == "a"  # type: ignore[index]  # it is an object
    alone = Index().relate(everything[0])
    assert "service_account" not in alone.facts["related"]  # type: ignore[operator]  # it is an object


def scaler(target: object, **spec: object) -> str:
    return manifest("HorizontalPodAutoscaler", "x", {"scaleTargetRef": target, **spec}, version="autoscaling/v2")


SCALERS: list[tuple[object, dict[str, object]]] = [
    ({"kind": "Deployment", "name": "web"}, {"horizontal_pod_autoscalers": ["x"]}),
    ({"kind": "Deployment", "name": "other"}, {}),
    ({"kind": "StatefulSet", "name": "web"}, {}),
    ({"kind": "Deployment"}, {}),
    (None, {}),
    ("web", {"horizontal_pod_autoscalers": "it"}),
    ({"kind": "Deployment", "name": []}, {"horizontal_pod_autoscalers": "it"}),
]


@pytest.mark.parametrize(("target", "expected"), SCALERS)
def test_what_scales_a_workload(target: object, expected: object) -> None:
    everything = resources(deployment({}), scaler(target))
    assert related(everything, everything, "workload") == expected
    assert related(everything, everything, "pod") == expected


def made(kind: str, name: str, **spec: object) -> str:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
    return manifest(kind, name, {"template": template, **spec})


def budget(fewest: object, labels: object = None) -> str:
    return manifest("PodDisruptionBudget", "b", {"minAvailable": fewest, "selector": {"matchLabels": labels or {}}})


BLOCKED: list[tuple[list[str], object]] = [
    ([made("Deployment", "web"), budget(1)], ["web"]),
    ([made("Deployment", "web", replicas=2), budget(2)], ["web"]),
    ([made("Deployment", "web", replicas=3), budget(2)], None),
    ([made("Deployment", "web", replicas=0), budget(1)], None),
    ([made("Deployment", "web"), made("Deployment", "api", replicas=2), budget(1)], ["web"]),
    ([made("Deployment", "web"), budget(1, {"app": "api"})], None),
    ([made("Deployment", "web"), budget("100%")], None),
    ([made("Deployment", "web", replicas=[]), budget(1)], "it"),
    ([made("DaemonSet", "web"), budget(1)], None),
    ([made("Deployment", "web"), scaler({"kind": "Deployment", "name": "web"}), budget(1)], ["web"]),
    ([made("Deployment", "web"), scaler({"kind": "Deployment", "name": "web"}, minReplicas=2), budget(1)], None),
    ([made("Deployment", "api"), scaler({"kind": "Deployment", "name": "web"}), budget(1)], ["api"]),
]


@pytest.mark.parametrize(("manifests", "expected"), BLOCKED)
def test_workloads_that_a_budget_keeps_whole(manifests: list[str], expected: object) -> None:
    everything = resources(*manifests)
    assert related(everything, everything, "pod_disruption_budget").get("blocked") == expected


def test_what_an_autoscaler_scales() -> None:
    of = scaler({"kind": "Deployment", "name": "web"})
    there = resources(made("Deployment", "web"), made("StatefulSet", "web"), of)
    index = Index()
    for resource in there:
        index.add(resource)
    (found,) = (index.relate(resource) for resource in there if resource.kind == "horizontal_pod_autoscaler")
    assert found.facts["related"] == {"target": {"name": "web", "controller": "Deployment"}}
    alone = resources(of)
    assert related(alone, alone, "horizontal_pod_autoscaler") == {}
    alone = resources(of, closed=False)
    assert related(alone, alone, "horizontal_pod_autoscaler") == {"target": "only"}


def test_who_runs_as_the_same_service_account() -> None:
    both = resources(runs_as("a"), manifest("Pod", "other", {"serviceAccountName": "a", "containers": []}))
    assert related(both, both)["same_service_account"] == ["other"]
    plain = resources(made("Deployment", "a"), made("Deployment", "b"), closed=False)
    assert "same_service_account" not in related(plain, plain)


def test_the_service_that_a_stateful_set_names() -> None:
    service = manifest("Service", "db", {"clusterIP": "None", "selector": {"app": "db"}})
    there = resources(made("StatefulSet", "db", serviceName="db"), service)
    index = Index()
    for resource in there:
        index.add(resource)
    (found,) = (index.relate(resource) for resource in there if resource.kind == "workload")
    assert found.facts["related"]["governing_service"]["cluster_ip"] == "None"  # type: ignore[index]  # it is an object
    alone = resources(made("StatefulSet", "db", serviceName="db"))
    assert "governing_service" not in related(alone, alone, "workload")


def test_an_index_moves_between_processes() -> None:
    everything = resources(
        runs_as("a"),
        account("a", token=False),
        manifest("Service", "s", {"selector": {"a": "0x10", "b": []}, "ports": [{"port": 80}]}),
        manifest("NetworkPolicy", "n", {"podSelector": {"matchLabels": {"a": "1"}}, "ingress": [{}]}),
    )
    filled = Index()
    for resource in everything:
        filled.add(resource)
    merged = Index()
    merged.merge(pickle.loads(pickle.dumps(filled)))
    pod = next(resource for resource in everything if resource.kind == "pod")
    assert merged.relate(pod).facts == filled.relate(pod).facts
    assert list(merged.entries()) == list(filled.entries())
    assert len(merged.within(("kubernetes", "default", "d"))) == 9
    merged.merge(filled)
    assert len(merged.within(("kubernetes", "default", "d"))) == 17


LABELS = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["1", "2", {}]), max_size=3)
WANTED: st.SearchStrategy[tuple[str, object]] = st.one_of(
    LABELS.map(lambda labels: ("Service", {"selector": labels})),
    LABELS.map(lambda labels: ("NetworkPolicy", {"podSelector": {"matchLabels": labels}})),
    LABELS.map(lambda labels: ("PodDisruptionBudget", {"selector": {"matchLabels": labels}})),
    st.just(("NetworkPolicy", {"podSelector": {"matchExpressions": [needs("a", "Exists")]}})),
    st.just(("PodDisruptionBudget", {})),
)


@settings(deadline=None)
@given(st.one_of(LABELS, st.just("junk")), st.lists(WANTED, max_size=8))
def test_narrowing_leaves_nothing_out(labels: object, wanted: list[tuple[str, object]]) -> None:
    """What is found by a Pod's labels is what is found by asking all."""
    others = [manifest(kind, f"x{number}", spec) for number, (kind, spec) in enumerate(wanted)]
    everything = resources(deployment(labels), *others)
    together = related(everything, everything)
    one_by_one: dict[str, list[object]] = {}
    for number, other in enumerate(others):
        for field, value in related(everything[:3], resources(other)).items():
            one_by_one.setdefault(field, []).append(f"x{number}" if isinstance(value, list) else value)
    for field in ("services", "network_policies", "pod_disruption_budgets"):
        found = one_by_one.get(field, [])
        names = [name for name in found if str(name).startswith("x")]
        assert together.get(field) == (names or (found[0] if found else None))


def test_what_comes_later_is_found_too() -> None:
    everything = resources(deployment({"a": "1"}), manifest("Service", "s", {"selector": {"a": "1"}}))
    pod = next(resource for resource in everything if resource.kind == "pod")
    index = Index()
    for _ in range(2):
        index.add(everything[-1])
        found = index.relate(pod).facts["related"]["services"]  # type: ignore[index]  # it is an object
    assert len(found) == 2
