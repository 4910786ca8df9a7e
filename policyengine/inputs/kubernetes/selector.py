"""Label selectors as the model has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.node import MAPPING, SEQUENCE
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.inputs.facts import Facts
    from policyengine.inputs.kubernetes.node import Node

_NEEDS_VALUES = {"In": True, "NotIn": True, "Exists": False, "DoesNotExist": False}


def put_selector(facts: Facts, selector: Node) -> None:
    """Fill ``pod_selector``. What cannot be read of it is unknown: it may select anything."""
    facts.place(("pod_selector", "match_labels"), (*selector.at, "matchLabels"))
    facts.place(("pod_selector", "match_expressions"), (*selector.at, "matchExpressions"))
    facts.put("pod_selector", _selector(selector), selector.at)


def _selector(selector: Node) -> object:
    if not isinstance(selector.value, dict):
        return selector.unknown(MAPPING) if selector.written else None
    labels = selector["matchLabels"].labels().value
    return {
        "match_labels": {} if labels is None else labels,
        "match_expressions": _expressions(selector["matchExpressions"]),
    }


def _expressions(expressions: Node) -> object:
    if expressions.written and not isinstance(expressions.value, list):
        return expressions.unknown(SEQUENCE)
    return [_expression(item) for item in expressions.each()]


def _expression(expression: Node) -> object:
    if not isinstance(expression.value, dict):
        return expression.unknown(MAPPING)
    key, operator = expression["key"].text().value, expression["operator"].text().value
    values = expression["values"].texts().value
    if any(isinstance(part, Unknown) for part in (key, operator, values)):
        return Unknown("pod_selector", "a part of it has the wrong type")
    needed = _NEEDS_VALUES.get(str(operator))
    if key is None or needed is None or bool(values) is not needed:
        expression.problem("a requirement needs a key, and In or NotIn with values, or Exists or DoesNotExist without")
        return Unknown("pod_selector", "it has a requirement that Kubernetes refuses")
    return {"key": key, "operator": operator, "values": values if values is not None else []}
