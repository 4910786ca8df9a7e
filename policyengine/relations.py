"""Relations as fields: which PodDisruptionBudgets, NetworkPolicies and Services select a Pod.

The first pass over the inputs fills an :class:`Index` with what selects; the second asks it for each Pod and
workload. Label selectors mean what they mean to Kubernetes
(https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors):
an empty selector selects every Pod of its namespace, an absent one none, and all requirements must hold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from policyengine.model.provenance import DECLARED, Provenance
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.resource import Origins, Resource

FIELDS = {
    "pod_disruption_budget": "pod_disruption_budgets",
    "network_policy": "network_policies",
    "service": "services",
}
"""The kinds that relations are made of, and the field of ``related`` that holds each."""

_LABELS_OF = {"pod": "labels", "workload": "pod_labels"}
"""The kinds that have relations, and their field with the labels that are selected by."""

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

    def __init__(self) -> None:
        self._selecting: dict[tuple[tuple[str, str, str], str], list[Mapping[str, object]]] = {}

    def add(self, resource: Resource) -> None:
        """Take in a resource of the first pass; kinds that select nothing are passed over."""
        if resource.kind in FIELDS:
            self._selecting.setdefault((resource.scope.key, resource.kind), []).append(resource.facts)

    def relate(self, resource: Resource) -> Resource:
        """The resource with its ``related`` filled, if it is a Pod or a workload; else the resource as it is.

        A list holds the facts of what selects the Pods, in the order of the inputs. An empty list means that there
        is none: where that is not known, since only a part of the namespace was given or a selector cannot be read,
        the field is unknown. What was found is given as a plain list in an open scope too, although there may be
        more: it settles that there is at least one, which is what a policy asks.
        """
        if resource.kind not in _LABELS_OF:
            return resource
        related = {field: self._related(resource, kind) for kind, field in FIELDS.items()}
        facts = {**resource.facts, "related": related}
        return replace(resource, facts=facts, origins=_RelatedOrigins(resource.origins, related))

    def _related(self, resource: Resource, kind: str) -> object:
        labels = resource.facts.get(_LABELS_OF[resource.kind], {})
        made = resource.kind == "workload" or resource.facts.get("controller") != "Pod"
        verdicts = [
            (facts, _SELECTS[kind](facts, _Pod(labels, made)))
            for facts in self._selecting.get((resource.scope.key, kind), ())
        ]
        found = [facts for facts, selects in verdicts if selects]
        if found:
            return found
        fact = f"related.{FIELDS[kind]}"
        if any(selects is None for _, selects in verdicts):
            return Unknown(fact, "it hangs on labels or a selector that the manifests do not settle")
        if kind not in resource.scope.closed:
            return Unknown(fact, "only part of the namespace's manifests was given", "check the whole directory")
        return found


class _RelatedOrigins:
    """A resource's origins, and what is known of ``related``, which no document writes."""

    __slots__ = ("_origins", "_related")

    def __init__(self, origins: Origins, related: Mapping[str, object]) -> None:
        self._origins = origins
        self._related = related

    def where(self, path: FieldPath) -> Location:
        """The span of a field; for relations that of the resource itself."""
        return self._origins.where(("related",) if path[:1] == ("related",) else path)

    def provenance(self, path: FieldPath) -> Provenance:
        """How a field came by its value; a relation is as declared as the resources that make it."""
        if path[:1] != ("related",):
            return self._origins.provenance(path)
        value = self._related.get(str(path[1])) if len(path) > 1 else None
        return Provenance("unknown", value.settle) if isinstance(value, Unknown) else DECLARED

    def excerpt(self, line: int) -> str | None:
        """A line of the resource's own document."""
        return self._origins.excerpt(line)


@dataclass(frozen=True, slots=True)
class _Pod:
    """What is selected: a Pod's labels, which a controller that ``made`` it adds to."""

    labels: object
    made: bool

    def label(self, key: str) -> object:
        """A label's value, None for none, Unknown where the manifest does not settle it."""
        if not isinstance(self.labels, dict):
            return self.labels
        value = self.labels.get(key)
        if value is None and self.made and key in _BY_CONTROLLERS:
            return Unknown("labels", "the controller sets it")
        return value


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


_SELECTS: Mapping[str, Callable[[Mapping[str, object], _Pod], bool | None]] = {
    "pod_disruption_budget": _policy_selects,
    "network_policy": _policy_selects,
    "service": _service_selects,
}


def _all(verdicts: Iterable[bool | None]) -> bool | None:
    seen = set(verdicts)
    return False if False in seen else None if None in seen else True


def _any(verdicts: Iterable[bool | None]) -> bool | None:
    seen = set(verdicts)
    return True if True in seen else None if None in seen else False
