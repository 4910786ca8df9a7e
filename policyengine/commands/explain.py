"""``policyengine explain``: everything about one policy."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from policyengine.inputs import inputs, supplied
from policyengine.policy.schema import EXAMPLE_OPTIONS
from policyengine.policy.selectors import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policyengine.policy.policy import Policy

_NARROWEST = 40


def explain(policy: Policy, width: int) -> str:
    """A policy in words: what it demands and why, how to mend a violation, its parameters, controls and examples."""
    return "\n".join(_lines(policy, width)).rstrip() + "\n"


def _lines(policy: Policy, width: int) -> Iterator[str]:
    yield from _wrapped(f"{policy.id}: {policy.title}", width)
    yield f"{policy.severity} severity, category {policy.category}"
    yield f"judges {_and(policy.targets)} in {_and(judged_inputs(policy))}"
    yield from ("", *_wrapped(policy.why, width), "")
    yield from _demands(policy, width)
    yield from _parameters(policy, width)
    yield from _remedies(policy, width)
    yield from _controls(policy)
    yield from _examples(policy)
    yield f"Defined in {policy.path}"


def _wrapped(text: str, width: int, indent: str = "", hanging: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, _NARROWEST),
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _and(names: Iterable[str]) -> str:
    return ", ".join(names)


def judged_inputs(policy: Policy) -> list[str]:
    """The input kinds whose resources the policy can judge."""
    read = list(_fields_read(policy))
    return [
        origin
        for origin, reader in inputs().items()
        for target in policy.targets
        if target in reader.supplies() and any(fields <= supplied(origin, target) for fields in read)
        if _where_can_match(policy, origin, target)
    ]


def _fields_read(policy: Policy) -> Iterator[frozenset[str]]:
    """The fields that each demand reads: one that reads a field which an input kind has no notion of is left out."""
    for path in policy.require or {}:
        yield frozenset((parse(path)[0].name,))
    if policy.asserts:
        from policyengine.policy.body import read_by

        yield from (read_by(policy, assertion) for assertion in policy.asserts)


def _where_can_match(policy: Policy, origin: str, target: str) -> bool:
    return {parse(path)[0].name for path in policy.where or {}} <= supplied(origin, target)


def _remedies(policy: Policy, width: int) -> Iterator[str]:
    if policy.remedy is None:
        return
    yield "How to mend it"
    remedies = {"": policy.remedy} if isinstance(policy.remedy, str) else policy.remedy
    for origin, text in remedies.items():
        first, *more = text.strip().splitlines()
        yield from _wrapped(f"{origin}: {first}" if origin else first, width, "  ", "    " if origin else None)
        yield from (f"    {line}" for line in more)
    yield ""


def _demands(policy: Policy, width: int) -> Iterator[str]:
    if policy.where:
        yield "Applies where"
        yield from _rules(policy.where, width)
    yield "Demands"
    yield from _rules(policy.require or {}, width)
    for assertion in policy.asserts:
        yield from _wrapped(" ".join(assertion.cel.split()), width, "  ", "    ")
    yield ""


def _rules(rules: Mapping[str, object], width: int) -> Iterator[str]:
    for path, rule in rules.items():
        yield from _wrapped(f"{path}: {_inline(rule)}", width, "  ", "    ")


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


def _parameters(policy: Policy, width: int) -> Iterator[str]:
    if not policy.parameters:
        return
    yield "Parameters"
    for parameter in policy.parameters.values():
        about = f"{parameter.name} ({parameter.type}, default {_inline(parameter.default)}): {parameter.help}"
        yield from _wrapped(about, width, "  ", "    ")
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
