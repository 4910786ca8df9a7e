"""Field paths with constraints, as one nested Cerberus schema.

``ports[].host_ip: {forbidden: [0.0.0.0]}`` is ``{ports: {schema: {schema: {host_ip: {forbidden: [0.0.0.0]}}}}}``.
The result is plain data, valid for ``cerberus.Validator(..., allow_unknown=True)`` but for the predicates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policyengine.policy.selectors import Step

Rules = dict[str, object]
"""Constraints on one value, by rule name: a Cerberus rules set."""

Schema = dict[str, Rules]
"""Rules sets by field name: a Cerberus schema."""


def desugar(paths: Iterable[tuple[tuple[Step, ...], Mapping[str, object]]], *, present: bool = False) -> Schema:
    """The nested schema of several paths, each of which counts by itself.

    ``required: true`` demands every field on the way from the innermost list or map to the value, so that
    ``healthcheck.test: {required: true}`` fails without a healthcheck, and ``ports[].host_ip`` passes without ports.
    ``ports[]?.published`` passes without the field ports, fails when it is an empty list, and an item without what
    follows ``[]?`` does not count. With ``present`` every path must select something, and every field on its way be
    there: ``where`` asks so.
    """
    root = _Node()
    for steps, rules in paths:
        _insert(root, steps, rules, present)
    return {name: node.emit() for name, node in root.fields.items()}


class _Node(Struct):
    """What several paths say about one value: rules of its own, and nodes for what is below it."""

    rules: list[Rules] = field(default_factory=list)
    fields: dict[str, _Node] = field(default_factory=dict)
    items: _Node | None = None
    values: _Node | None = None
    some: list[_Node] = field(default_factory=list)
    required: bool = False

    def emit(self) -> Rules:
        """The node as a Cerberus rules set."""
        result: Rules = {"required": True} if self.required else {}
        also: list[Rules] = []
        for rules in self._parts():
            if _apart(rules, result):
                also.append(rules)
            else:
                result.update(rules)
        if not also:
            return result
        if "allof" in result:
            also.append({"allof": result["allof"]})
        return {**result, "allof": also}

    def _parts(self) -> Iterator[Rules]:
        for rules in self.rules:
            yield {name: argument for name, argument in rules.items() if name != "required"}
        if self.fields:
            yield {"schema": {name: node.emit() for name, node in self.fields.items()}}
        if self.items is not None:
            yield {"schema": self.items.emit()}
        if self.values is not None:
            yield {"valuesrules": self.values.emit()}
        for node in self.some:
            yield {"noneof": [{"schema": _fails(node.emit())}]}


def _apart(rules: Rules, others: Rules) -> bool:
    """Whether two rules sets mean something else in one: they share a rule, or ``empty`` would switch off others."""
    return bool(rules.keys() & (others.keys() - {"required"})) or "empty" in rules or "empty" in others


def _fails(rules: Rules) -> Rules:
    """What holds for the items for which the rules do not; an item that is null included."""
    return {"noneof": [rules]} if rules.get("nullable") else {"nullable": True, "noneof": [rules]}


def _insert(root: _Node, steps: tuple[Step, ...], rules: Mapping[str, object], present: bool) -> None:
    node, passed = root, []
    some = False
    for step in steps:
        node = _descend(node, step, present)
        if step.kind in ("field", "key"):
            passed.append(node)
            continue
        if present or (some and step.kind == "any"):
            _demand(passed)
        passed = []
        some = some or step.kind == "any"
    if rules.get("required", present or some):
        _demand(passed)
    node.rules.append(dict(rules))


def _descend(node: _Node, step: Step, present: bool) -> _Node:
    if step.kind in ("field", "key"):
        return node.fields.setdefault(step.name, _Node())
    if present and step.kind != "any" and {"minlength": 1} not in node.rules:
        node.rules.append({"minlength": 1})
    if step.kind == "any":
        node.some.append(_Node())
        return node.some[-1]
    if step.kind == "each":
        node.items = node.items or _Node()
        return node.items
    node.values = node.values or _Node()
    return node.values


def _demand(nodes: Iterable[_Node]) -> None:
    for node in nodes:
        node.required = True
