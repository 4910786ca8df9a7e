"""Relations as fields: which PodDisruptionBudgets, NetworkPolicies and Services select a Pod, what it runs as.

The first pass over the inputs fills an :class:`Index` with what selects; the second asks it for each Pod and
workload. Label selectors mean what they mean to Kubernetes
(https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors):
an empty selector selects every Pod of its namespace, an absent one none, and all requirements must hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine import referents
from policyengine.model.provenance import DECLARED, Provenance
from policyengine.model.unknown import OpenMap, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.resource import Origins, Resource

FIELDS = {
    "pod_disruption_budget": "pod_disruption_budgets",
    "network_policy": "network_policies",
    "service": "services",
    "service_account": "service_account",
    "horizontal_pod_autoscaler": "horizontal_pod_autoscalers",
}
"""The kinds that relations are made of, and the field of ``related`` that holds each."""

_LABELS_OF = {"pod": "labels", "workload": "pod_labels"}
"""The kinds that have relations, and their field with the labels that are selected by."""

_AUTOMOUNT = "automount_service_account_token"
"""The field that the Pod's ServiceAccount settles where the Pod does not."""

SETTLES = {"service_account": _AUTOMOUNT, "horizontal_pod_autoscalers": "replicas"}
"""The fields of Pods and workloads that relations settle."""

_BY_CONTROLLERS = frozenset(
    {
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-completion-index",
        "batch.kubernetes.io/job-name",
        "controller-revision-hash",
        "controller-uid",
        "job-name",
        "pod-template-generation",
        "pod-template-hash",
        "statefulset.kubernetes.io/pod-name",
    }
)
"""Labels that controllers give to Pods beyond their template.

https://kubernetes.io/docs/reference/labels-annotations-taints/
"""


class Index:
    """What selects Pods, by scope: compact, and all that is kept of the first pass."""

    def __init__(self, fields: Collection[str] | None = None) -> None:
        """``fields`` of ``related`` are wanted, None for all: of other kinds nothing is kept."""
        self._wanted = frozenset(kind for kind, field in FIELDS.items() if fields is None or field in fields)
        self._selecting: dict[tuple[tuple[str, str, str], str], list[Mapping[str, object]]] = {}
        self._narrowed: dict[tuple[tuple[str, str, str], str], _Narrowed] = {}
        asked = fields is None or not referents.FIELDS.keys().isdisjoint(fields)
        self._referents = referents.Referents(fields) if asked else None

    def add(self, resource: Resource) -> None:
        """Take in a resource of the first pass; kinds that select nothing are passed over."""
        if resource.kind in self._wanted:
            self.put(resource.scope.key, resource.kind, resource.facts)
        if self._referents is not None:
            self._referents.add(resource)

    def put(self, scope: tuple[str, str, str], kind: str, facts: Mapping[str, object]) -> None:
        """Take in what relates, by the key of its scope and its kind."""
        if self._referents is not None and self._referents.holds(kind):
            self._referents.put(scope, kind, facts)
            return
        self._selecting.setdefault((scope, kind), []).append(facts)
        self._narrowed.pop((scope, kind), None)

    def entries(self) -> Iterator[tuple[tuple[str, str, str], str, Mapping[str, object]]]:
        """Everything that was taken in, in order: the key of its scope, its kind, its facts."""
        for (scope, kind), found in self._selecting.items():
            yield from ((scope, kind, facts) for facts in found)
        if self._referents is not None:
            yield from self._referents.entries()

    def within(self, scope: tuple[str, str, str]) -> list[tuple[str, Mapping[str, object]]]:
        """What was taken in of one scope: its kind and its facts."""
        found = [(kind, facts) for kind in FIELDS for facts in self._selecting.get((scope, kind), ())]
        return found + self._referents.within(scope) if self._referents is not None else found

    def merge(self, other: Index) -> None:
        """Take in what another index holds."""
        for scope, kind, facts in other.entries():
            self.put(scope, kind, facts)

    def relate(self, resource: Resource) -> Resource:
        """The resource with its ``related`` filled, if it is a Pod or a workload; else the resource as it is.

        A list holds the facts of what selects the Pods, in the order of the inputs. An empty list means that there
        is none: where that is not known, since only a part of the namespace was given or a selector cannot be read,
        the field is unknown. What was found is given as a plain list in an open scope too, although there may be
        more: it settles that there is at least one, which is what a policy asks.
        """
        if resource.kind not in _LABELS_OF:
            return resource if self._referents is None else self._referents.relate(resource)
        pod = _pod(resource)
        related = {field: self._related(resource, kind, pod) for kind, field in FIELDS.items()}
        account = related["service_account"] = _single(related["service_account"])
        facts = {**resource.facts, "related": {field: value for field, value in related.items() if value is not None}}
        how: dict[str, Provenance] = {}
        token = facts.get(_AUTOMOUNT)
        if isinstance(token, Unknown) and token.fact == _AUTOMOUNT:
            facts[_AUTOMOUNT], how[_AUTOMOUNT] = _token(account)
        least = _least(related["horizontal_pod_autoscalers"])
        if least is not None:
            facts["replicas"], how["replicas"] = least, Provenance("inherited", "the HorizontalPodAutoscaler")
        return replace(resource, facts=facts, origins=_RelatedOrigins(resource.origins, related, how))

    def _related(self, resource: Resource, kind: str, pod: _Pod) -> object:
        namespace = resource.facts.get("namespace")
        if isinstance(namespace, Unknown):
            return namespace
        verdicts = [(facts, _SELECTS[kind](facts, pod)) for facts in self._candidates(resource.scope.key, kind, pod)]
        found = [facts for facts, selects in verdicts if selects]
        if found:
            return found
        fact = f"related.{FIELDS[kind]}"
        if any(selects is None for _, selects in verdicts):
            return Unknown(fact, "it hangs on labels or a selector that the manifests do not settle")
        if kind not in resource.scope.closed:
            return Unknown(fact, "only part of the namespace's manifests was given", "check the whole directory")
        return found

    def _candidates(self, scope: tuple[str, str, str], kind: str, pod: _Pod) -> Iterable[Mapping[str, object]]:
        """What may select a Pod, in order: many Pods meet many Services, and few of them match."""
        listed = self._selecting.get((scope, kind))
        if listed is None:
            return ()
        narrowed = self._narrowed.get((scope, kind))
        if narrowed is None:
            narrowed = self._narrowed[(scope, kind)] = _Narrowed(listed, kind)
        return narrowed.candidates(pod)


def _least(scalers: object) -> int | None:
    """How many Pods an autoscaler keeps at least, whatever their controller asks for; None where none is known."""
    found = [scaler.get("min_replicas") for scaler in scalers] if isinstance(scalers, list) else []
    known = [count for count in found if isinstance(count, int)]
    return max(known) if known and len(known) == len(found) else None


class _Narrowed:
    """What selects Pods, by something that a Pod must have to be selected: a label, a name."""

    __slots__ = ("_by_need", "_listed", "_others")

    def __init__(self, listed: list[Mapping[str, object]], kind: str) -> None:
        self._listed = listed
        self._by_need: dict[object, list[int]] = {}
        self._others: list[int] = []
        for index, facts in enumerate(listed):
            need = _need(facts, kind)
            (self._others if need is None else self._by_need.setdefault(need, [])).append(index)

    def candidates(self, pod: _Pod) -> list[Mapping[str, object]]:
        """All that may select a Pod, in order; all there are where the Pod's labels or names are not known."""
        has = _has(pod)
        if has is None:
            return self._listed
        found = [index for one in has for index in self._by_need.get(one, ())]
        return [self._listed[index] for index in sorted(found + self._others)]


def _need(facts: Mapping[str, object], kind: str) -> object:
    """Something that a Pod must have to be selected; None where nothing of the kind is known."""
    if kind == "service_account":
        return _named("service account", facts.get("name"))
    if kind == "horizontal_pod_autoscaler":
        target = facts.get("target")
        return _named("name", target.get("name")) if isinstance(target, dict) else None
    selector = facts.get("selector" if kind == "service" else "pod_selector")
    labels = selector.get("match_labels") if isinstance(selector, dict) and kind != "service" else selector
    pairs = labels.items() if isinstance(labels, dict) else ()
    return next((pair for pair in pairs if isinstance(pair[1], str) and pair[0] not in _BY_CONTROLLERS), None)


def _named(what: str, name: object) -> object:
    return (what, name, "") if isinstance(name, str) else None


def _has(pod: _Pod) -> list[object] | None:
    """What a Pod has that :func:`_need` may name; None where a part of it is not known."""
    labels, names = pod.labels, (pod.name, pod.service_account)
    if not isinstance(labels, dict) or isinstance(labels, OpenMap):
        return None
    if any(isinstance(value, Unknown) for value in (*labels.values(), *names)):
        return None
    named = [_named("name", pod.name), _named("service account", pod.service_account)]
    return [*labels.items(), *(need for need in named if need is not None)]


class _RelatedOrigins:
    """A resource's origins, and what is known of ``related``, which no document writes.

    ``how`` tells of the fields that a relation settled.
    """

    __slots__ = ("_how", "_origins", "_related")

    def __init__(self, origins: Origins, related: Mapping[str, object], how: Mapping[str, Provenance]) -> None:
        self._origins = origins
        self._related = related
        self._how = how

    def where(self, path: FieldPath) -> Location:
        """The span of a field; for relations that of the resource itself."""
        return self._origins.where(("related",) if path[:1] == ("related",) else path)

    def provenance(self, path: FieldPath) -> Provenance:
        """How a field came by its value; a relation is as declared as the resources that make it."""
        if path[:1] != ("related",):
            return self._how.get(str(path[0])) or self._origins.provenance(path)
        value = self._related.get(str(path[1])) if len(path) > 1 else None
        return Provenance("unknown", value.settle) if isinstance(value, Unknown) else DECLARED

    def excerpt(self, location: Location) -> str | None:
        """The line of the resource's own document where a location starts."""
        return self._origins.excerpt(location)


def _single(found: object) -> object:
    """The one of a list of namesakes; unknown where they differ, None for none."""
    if not isinstance(found, list):
        return found
    if any(other != found[0] for other in found[1:]):
        return Unknown("related.service_account", "several ServiceAccounts have its name")
    return found[0] if found else None


def _token(account: object) -> tuple[object, Provenance]:
    """Whether Pods that leave it to their ServiceAccount get its token, and why.

    https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting
    """
    if isinstance(account, Unknown):
        return account, Provenance("unknown", account.settle)
    if not isinstance(account, dict):
        return True, Provenance("default", "Kubernetes")
    value = account.get(_AUTOMOUNT, True)
    if isinstance(value, Unknown):
        return value, Provenance("unknown", value.settle)
    return value, Provenance("inherited", f"service_account/{account.get('name')}")


class _Pod(Struct, frozen=True):
    """What is selected: a Pod's labels, which a controller that ``made`` it adds to, and what else tells Pods apart."""

    labels: object
    made: bool
    controller: object
    name: object
    service_account: object

    def label(self, key: str) -> object:
        """A label's value, None for none, Unknown where the manifest does not settle it."""
        if not isinstance(self.labels, dict):
            return self.labels
        value = self.labels.get(key)
        if value is None and isinstance(self.labels, OpenMap):
            return self.labels.unknown
        if value is None and self.made and key in _BY_CONTROLLERS:
            return Unknown("labels", "the controller sets it")
        return value


def _pod(resource: Resource) -> _Pod:
    facts = resource.facts
    return _Pod(
        facts.get(_LABELS_OF[resource.kind], {}),
        resource.kind == "workload" or facts.get("controller") != "Pod",
        facts.get("controller"),
        facts.get("name"),
        facts.get("service_account"),
    )


def _selector_matches(selector: object, pod: _Pod) -> bool | None:
    """Whether a label selector selects a Pod, None where that is unknown. An absent selector selects nothing."""
    if not isinstance(selector, dict):
        return None if isinstance(selector, Unknown) else False
    labels, expressions = selector.get("match_labels", {}), selector.get("match_expressions", [])
    if isinstance(expressions, Unknown):
        return _all([_labels_match(labels, pod), None])
    return _all([_labels_match(labels, pod), *(_meets(expression, pod) for expression in expressions)])


def _labels_match(wanted: object, pod: _Pod) -> bool | None:
    if not isinstance(wanted, dict):
        return None
    return _all([_equal(pod.label(key), value) for key, value in wanted.items()])


def _equal(has: object, wanted: object) -> bool | None:
    if isinstance(has, Unknown):
        return None
    if isinstance(wanted, Unknown):
        return None if has is not None else False
    return has == wanted


def _meets(expression: object, pod: _Pod) -> bool | None:
    """Whether a Pod meets one of a selector's ``matchExpressions``."""
    if not isinstance(expression, dict):
        return None
    has = pod.label(expression["key"])
    if isinstance(has, Unknown):
        return None
    operator, values = expression["operator"], expression.get("values", [])
    if operator in ("Exists", "DoesNotExist"):
        return (has is not None) is (operator == "Exists")
    within = has is not None and _any(_equal(has, value) for value in values)
    return within if operator == "In" or within is None else not within


def _service_selects(facts: Mapping[str, object], pod: _Pod) -> bool | None:
    """Services without a selector, and ExternalName ones, send their traffic elsewhere."""
    selector = facts.get("selector")
    if not selector or facts.get("type") == "ExternalName":
        return False
    return _labels_match(selector, pod)


def _policy_selects(facts: Mapping[str, object], pod: _Pod) -> bool | None:
    return _selector_matches(facts.get("pod_selector"), pod)


def _account_selects(facts: Mapping[str, object], pod: _Pod) -> bool | None:
    return _same(facts.get("name"), pod.service_account)


def _autoscaler_selects(facts: Mapping[str, object], pod: _Pod) -> bool | None:
    target = facts.get("target")
    if not isinstance(target, dict):
        return None if isinstance(target, Unknown) else False
    return _all([_same(target.get("kind"), pod.controller), _same(target.get("name"), pod.name)])


def _same(wanted: object, has: object) -> bool | None:
    if wanted is None or has is None:
        return False
    return None if isinstance(wanted, Unknown) or isinstance(has, Unknown) else wanted == has


_SELECTS: Mapping[str, Callable[[Mapping[str, object], _Pod], bool | None]] = {
    "pod_disruption_budget": _policy_selects,
    "network_policy": _policy_selects,
    "service": _service_selects,
    "service_account": _account_selects,
    "horizontal_pod_autoscaler": _autoscaler_selects,
}


def _all(verdicts: Iterable[bool | None]) -> bool | None:
    seen = set(verdicts)
    return False if False in seen else None if None in seen else True


def _any(verdicts: Iterable[bool | None]) -> bool | None:
    seen = set(verdicts)
    return True if True in seen else None if None in seen else False
