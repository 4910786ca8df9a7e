"""``policyengine explain``: everything about one policy."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from policyengine.commands.controls import benchmark_rows, check_rows
from policyengine.commands.example_input import origin_of, shown
from policyengine.commands.judged import judged_inputs
from policyengine.outputs.style import Style, visible
from policyengine.policy.parameters import Param

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from policyengine.policy.policy import Policy

_NARROWEST = 40
_INDENT = "  "


def explain(policy: Policy, width: int, packs: Sequence[str] = (), *, colour: bool = False) -> str:
    """A policy in words: why, what it demands, how to mend a violation, controls, and examples.

    ``packs`` are the names of those that it is in. Nothing in a policy's file can steer the terminal.
    """
    style = Style(colour)
    return "\n".join(_painted(line, style) for line in _lines(policy, width, packs)).rstrip() + "\n"


def _painted(line: str, style: Style) -> str:
    """A line with what heads a section in bold, and the line of an example that a finding is on."""
    shown = visible(line)
    if line.startswith(_MARK):
        return style.paint(shown, "high")
    return shown if line.startswith(_INDENT) else style.paint(shown, "strong")


def _lines(policy: Policy, width: int, packs: Sequence[str]) -> Iterator[str]:
    yield from (*_wrapped(f"{policy.id}: {policy.title}", width), "")
    yield from (*_columns(_facts(policy, packs), width), "")
    yield from ("Why", *_wrapped(policy.why, width, _INDENT), "")
    yield from _demands(policy, width)
    yield from _parameters(policy, width)
    yield from _section("How to mend it", _remedies(policy), width)
    yield from _section("Benchmarks", benchmark_rows(policy), width)
    yield from _section("Checks of other tools", _checks(policy), width)
    yield from _examples(policy, width)
    yield f"Defined in {policy.path}"


def _facts(policy: Policy, packs: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield "severity", policy.severity
    yield "category", policy.category
    yield "judges", f"{_listed(policy.targets)} in {_listed(judged_inputs(policy))}"
    for name, words in (("packs", packs), ("tags", policy.tags), ("formerly", policy.aliases)):
        if words:
            yield name, _listed(words)


def _remedies(policy: Policy) -> Iterator[tuple[str, str]]:
    """How to mend a violation, by input kind; in any of them under no name."""
    remedies = {"": policy.remedy} if isinstance(policy.remedy, str) else policy.remedy or {}
    for origin, text in remedies.items():
        yield "elsewhere" if origin == "default" else origin, text


def _checks(policy: Policy) -> Iterator[tuple[str, str]]:
    for tool, checks, inputs in check_rows(policy):
        yield tool, f"{checks} ({inputs})"


def _section(heading: str, rows: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    """A heading and rows of a name and a text; nothing without rows."""
    lines = _columns(rows, width)
    if lines:
        yield from (heading, *lines, "")


def _columns(rows: Iterable[tuple[str, str]], width: int) -> list[str]:
    """Rows with their texts below each other; a name that is the one before's is left out."""
    listed = list(rows)
    room = max((len(name) for name, _ in listed), default=0)
    margin = _INDENT + " " * (room + 2 if room else 0)
    lines, before = [], None
    for name, text in listed:
        start = f"{_INDENT}{'' if name == before else name}".ljust(len(margin))
        first, *more = text.strip().splitlines() or [""]
        lines += _wrapped(first, width, start, margin)
        lines += [f"{margin}{line}" if line else "" for line in more]
        before = name
    return lines


def _wrapped(text: str, width: int, indent: str = "", hanging: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, _NARROWEST),
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _demands(policy: Policy, width: int) -> Iterator[str]:
    if policy.where:
        yield from ("Applies where", *_rules(policy.where, width), "")
    yield "Demands"
    yield from _rules(policy.require or {}, width)
    for assertion in policy.asserts:
        yield from _wrapped(" ".join(assertion.cel.split()), width, _INDENT, _INDENT * 2)
    if policy.flows:
        yield f"{_INDENT}flows:"
        yield from (f"{_INDENT}{line}" for line in _rules(policy.flows, width - len(_INDENT)))
    yield ""


def _rules(rules: Mapping[str, object], width: int) -> Iterator[str]:
    for path, rule in rules.items():
        yield from _wrapped(f"{path}: {_inline(rule)}", width, _INDENT, _INDENT * 2)


def _inline(data: object) -> str:
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
        allowed = f": {', '.join(map(_inline, parameter.allowed))}" if parameter.allowed else ""
        about = f"{parameter.name} ({parameter.type}{allowed}, default {_inline(parameter.default)}): {parameter.help}"
        yield from _wrapped(about, width, _INDENT, _INDENT * 2)
    yield f"{_INDENT}set with --param '{policy.id}.{next(iter(policy.parameters))}=...'"
    yield ""


_OUTCOMES = {"pass": "Passes", "fail": "Fails", "unknown": "Unknown"}
_MARK = "> "
"""Before the line of a failing example that the finding is on."""


def _examples(policy: Policy, width: int) -> Iterator[str]:
    for outcome, examples in (policy.examples or {}).items():
        for example in examples:
            origin = origin_of(example)
            name = f": {example['name']}" if "name" in example else ""
            yield from _wrapped(f"{_OUTCOMES[outcome]}, {origin}{name}", width)
            yield from _given(example)
            marked = example.get("line")
            if not isinstance(example[origin], str):
                if marked:
                    yield f"{_INDENT}(told at line {marked} of a file)"
                marked = None
            for number, line in enumerate(shown(origin, example).rstrip().splitlines(), 1):
                yield f"{_MARK if number == marked else _INDENT}{line}".rstrip()
            yield ""


def _given(example: Mapping[str, object]) -> Iterator[str]:
    """What an example says beside its input."""
    parameters = example.get("parameters")
    if isinstance(parameters, dict):
        told = _listed(f"{name}={_inline(value)}" for name, value in parameters.items())
        yield f"{_INDENT}(with {told})"
    if example.get("closed"):
        yield f"{_INDENT}(nothing else is there)"
