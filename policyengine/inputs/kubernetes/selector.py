"""Label selectors as the model has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.node import MAPPING, SEQUENCE, Found
from policyengine.inputs.kubernetes.parts import Part, Parts
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.inputs.kubernetes.node import Node

_NEEDS_VALUES = {"In": True, "NotIn": True, "Exists": False, "DoesNotExist": False}


def selector(node: Node) -> Part:
    """A label selector. What cannot be read of it is unknown: it may select anything."""
    if not isinstance(node.value, dict):
        return Found(node.unknown(MAPPING) if node.written else None, node.at)
    labels, expressions = node["matchLabels"].labels(), node["matchExpressions"]
    return Parts(
        node.at,
        {
            "match_labels": Found({} if labels.value is None else labels.value, labels.at),
            "match_expressions": Found(_expressions(expressions), expressions.at),
        },
    )


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
