"""Which labels a Kubernetes label selector selects.

Selectors are values of ``policyengine.model.kinds.label_selector``. An empty selector selects everything, an absent
one nothing, and all requirements must hold:
https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from policyengine.model.unknown import OpenMap, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

BY_CONTROLLERS = frozenset(
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


class Labelled(Protocol):
    """What is selected by its labels."""

    def label(self, key: str) -> object:
        """A label's value, None for none, Unknown where the manifest does not settle it."""


class Labels:
    """The labels of Pods, to which their controller adds some if one ``made`` them."""

    __slots__ = ("labels", "made")

    def __init__(self, labels: object, *, made: bool) -> None:
        self.labels = labels
        self.made = made

    def label(self, key: str) -> object:
        """A label's value, None for none, Unknown where the manifest does not settle it."""
        return label(self.labels, key, made=self.made)


def label(labels: object, key: str, *, made: bool) -> object:
    """The value of one of the labels, to which a controller that ``made`` what they are of adds some."""
    if not isinstance(labels, dict):
        return labels
    value = labels.get(key)
    if value is None and isinstance(labels, OpenMap):
        return labels.unknown
    if value is None and made and key in BY_CONTROLLERS:
        return Unknown("labels", "the controller sets it")
    return value


def selector_matches(selector: object, pod: Labelled) -> bool | None:
    """Whether a label selector selects a Pod, None where that is unknown. An absent selector selects nothing."""
    if not isinstance(selector, dict):
        return None if isinstance(selector, Unknown) else False
    labels, expressions = selector.get("match_labels", {}), selector.get("match_expressions", [])
    if isinstance(expressions, Unknown):
        return all_of([labels_match(labels, pod), None])
    return all_of([labels_match(labels, pod), *(_meets(expression, pod) for expression in expressions)])


def labels_match(wanted: object, pod: Labelled) -> bool | None:
    """Whether a Pod has all of these labels, None where that is unknown."""
    if not isinstance(wanted, dict):
        return None
    return all_of([_equal(pod.label(key), value) for key, value in wanted.items()])


def all_of(verdicts: Iterable[bool | None]) -> bool | None:
    """Kleene's *and*."""
    seen = set(verdicts)
    return False if False in seen else None if None in seen else True


def _any(verdicts: Iterable[bool | None]) -> bool | None:
    seen = set(verdicts)
    return True if True in seen else None if None in seen else False


def _equal(has: object, wanted: object) -> bool | None:
    if isinstance(has, Unknown):
        return None
    if isinstance(wanted, Unknown):
        return None if has is not None else False
    return has == wanted


def _meets(expression: object, pod: Labelled) -> bool | None:
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
