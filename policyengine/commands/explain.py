"""``policyengine explain``: everything about one policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs import inputs, supplied
from policyengine.policy.schema import EXAMPLE_OPTIONS
from policyengine.policy.selectors import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.policy.policy import Policy


def explain(policy: Policy) -> str:
    """A policy in words: what it demands and why, how to mend a violation, its parameters, controls and examples."""
    return "\n".join(_lines(policy)).rstrip() + "\n"


def _lines(policy: Policy) -> Iterator[str]:
    yield f"{policy.id}: {policy.title}"
    yield f"severity {policy.severity}, category {policy.category}; judges {', '.join(policy.targets)}"
    yield f"reads {', '.join(judged_inputs(policy))}"
    yield from ("", policy.why, "")
    yield from _remedies(policy)
    yield from _demands(policy)
    yield from _parameters(policy)
    yield from _controls(policy)
    yield from _examples(policy)
    yield f"Defined in {policy.path}"


def judged_inputs(policy: Policy) -> list[str]:
    """The input kinds whose resources the policy can judge."""
    roots = {parse(path)[0].name for path in policy.require or {}}
    return [
        origin
        for origin, reader in inputs().items()
        for target in policy.targets
        if target in reader.SUPPLIES and (policy.asserts or roots & supplied(origin, target))
        if _where_can_match(policy, origin, target)
    ]


def _where_can_match(policy: Policy, origin: str, target: str) -> bool:
    return {parse(path)[0].name for path in policy.where or {}} <= supplied(origin, target)


def _remedies(policy: Policy) -> Iterator[str]:
    if policy.remedy is None:
        return
    yield "How to mend it"
    remedies = {"": policy.remedy} if isinstance(policy.remedy, str) else policy.remedy
    for origin, text in remedies.items():
        lines = text.strip().splitlines()
        yield f"  {origin + ': ' if origin else ''}{lines[0]}"
        yield from (f"    {line}" for line in lines[1:])
    yield ""


def _demands(policy: Policy) -> Iterator[str]:
    if policy.where:
        yield "Applies where"
        yield from (f"  {path}: {_inline(rules)}" for path, rules in policy.where.items())
    yield "Demands"
    yield from (f"  {path}: {_inline(rules)}" for path, rules in (policy.require or {}).items())
    yield from (f"  {' '.join(assertion.cel.split())}" for assertion in policy.asserts)
    yield ""


def _inline(data: object) -> str:
    from policyengine.policy.parameters import Param

    if isinstance(data, Param):
        return f"!param {data.name}"
    if isinstance(data, dict):
        return "{" + ", ".join(f"{key}: {_inline(item)}" for key, item in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(map(_inline, data)) + "]"
    if isinstance(data, bool):
        return "true" if data else "false"
    return "null" if data is None else str(data)


def _parameters(policy: Policy) -> Iterator[str]:
    if not policy.parameters:
        return
    yield "Parameters"
    for parameter in policy.parameters.values():
        yield f"  {parameter.name} ({parameter.type}, default {_inline(parameter.default)}): {parameter.help}"
    yield f"  set with --param '{policy.id}.{next(iter(policy.parameters))}=...'"
    yield ""


def _controls(policy: Policy) -> Iterator[str]:
    if not policy.controls:
        return
    yield "Controls"
    yield from (f"  {_control(control)}" for control in policy.controls)
    yield ""


def _control(control: Mapping[str, object]) -> str:
    if "benchmark" in control:
        return f"{control['benchmark']} {control.get('version', '')}: {control['id']}"
    listed = control.get("inputs")
    return f"{control['tool']} {control['id']} ({', '.join(map(str, listed if isinstance(listed, list) else []))})"


def _examples(policy: Policy) -> Iterator[str]:
    for outcome, examples in (policy.examples or {}).items():
        for example in examples:
            origin = next(key for key in example if key not in EXAMPLE_OPTIONS)
            yield f"Example: {outcome} ({origin})"
            yield from (f"  {line}" for line in str(example[origin]).rstrip().splitlines())
            yield ""
