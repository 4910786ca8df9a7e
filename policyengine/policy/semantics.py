"""What a well-shaped policy must also be: its paths, types, expressions and messages fit the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policyengine.errors import PolicyError, did_you_mean
from policyengine.model.kinds import kinds
from policyengine.policy.check import Place, rules_issues
from policyengine.policy.flows import flow_issues
from policyengine.policy.issues import DataPath, Issue
from policyengine.policy.messages import placeholder_error, placeholders
from policyengine.policy.parameters import Param, fits, misfit, parameter, specimen, spoken_type, substituted
from policyengine.policy.remediation import remediation_issues
from policyengine.policy.schema import EXAMPLE_OPTIONS
from policyengine.policy.selectors import SelectorError, Step, parse, selected_type

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from policyengine.model.types import Kind, Type
    from policyengine.policy.parameters import Parameter


def semantic_issues(data: Mapping[str, Any], stem: str, origins: Collection[str]) -> Iterator[Issue]:
    """What is wrong with a policy whose shape is right.

    ``stem`` is the file's name without ``.yaml``, ``origins`` are the known input kinds.
    """
    yield from _id_issues(data, stem)
    yield from _control_issues(data, origins)
    yield from _remedy_issues(data, origins)
    targets, wrong_targets = _targets(data)
    parameters, wrong_parameters = _parameters(data)
    undeclared = list(_param_issues(data, parameters))
    yield from (*wrong_targets, *wrong_parameters, *undeclared)
    yield from _example_issues(data, parameters, origins)
    if wrong_targets or not targets:
        return
    yield from _message_issues(data, targets)
    if not (wrong_parameters or undeclared):
        yield from remediation_issues(data, targets, parameters)
        yield from _body_issues(data, targets, parameters)


def _id_issues(data: Mapping[str, Any], stem: str) -> Iterator[Issue]:
    short = data.get("id", stem).rpartition("/")[2]
    if short != stem:
        yield Issue(("id",), f'the id "{data["id"]}" is not the file\'s name', f"name the file {short}.yaml")


def _targets(data: Mapping[str, Any]) -> tuple[list[Kind], list[Issue]]:
    target = data.get("target", [])
    known = kinds()
    found, wrong = [], []
    for index, name in enumerate([target] if isinstance(target, str) else target):
        if name in known:
            found.append(known[name])
        else:
            at: DataPath = ("target",) if isinstance(target, str) else ("target", index)
            hint = did_you_mean(name, known) or f"kinds: {', '.join(known)}"
            wrong.append(Issue(at, f'unknown kind "{name}"', hint))
    return found, wrong


def _control_issues(data: Mapping[str, Any], origins: Collection[str]) -> Iterator[Issue]:
    for index, control in enumerate(data.get("controls") or ()):
        if not ("benchmark" in control or "tool" in control):
            yield Issue(("controls", index), "a control names a benchmark and its version, or a tool and its inputs")
        for number, origin in enumerate(control.get("inputs") or ()):
            if origin not in origins:
                at = ("controls", index, "inputs", number)
                yield Issue(at, f'unknown input kind "{origin}"', _known_origins(origin, origins))


def _remedy_issues(data: Mapping[str, Any], origins: Collection[str]) -> Iterator[Issue]:
    remedy = data.get("remedy")
    for origin in remedy if isinstance(remedy, dict) else ():
        if origin not in origins and origin != "default":
            hint = _known_origins(origin, [*origins, "default"])
            yield Issue(("remedy", origin), f'unknown input kind "{origin}"', hint, at_key=True)


def _known_origins(origin: str, known: Collection[str]) -> str:
    return did_you_mean(origin, known) or f"input kinds: {', '.join(known)}"


def _parameters(data: Mapping[str, Any]) -> tuple[dict[str, Parameter], list[Issue]]:
    declared = {name: parameter(name, item) for name, item in (data.get("parameters") or {}).items()}
    return declared, [issue for item in declared.values() for issue in _declaration_issues(item)]


def _declaration_issues(declared: Parameter) -> Iterator[Issue]:
    at = ("parameters", declared.name)
    each = declared.type.items or declared.type
    untyped = [index for index, value in enumerate(declared.allowed) if not fits(value, each)]
    for index in untyped:
        yield Issue((*at, "allowed", index), f"what {declared.name} may be should be {spoken_type(each)}")
    wrong = None if untyped else misfit(declared.default, declared)
    if wrong:
        yield Issue((*at, "default"), f"the default of {declared.name} {wrong.message}", wrong.hint)


def _param_issues(data: Mapping[str, Any], declared: Mapping[str, Parameter]) -> Iterator[Issue]:
    waiting: list[tuple[DataPath, object]] = [((key,), data[key]) for key in data if key != "examples"]
    while waiting:
        path, item = waiting.pop()
        if (
            isinstance(item, Param)
            and path[0] not in ("where", "require", "flows")
            and path[:2] != ("remediate", "set")
        ):
            yield Issue(path, "!param stands in where, require, flows and remediate.set; CEL says params.NAME")
        elif isinstance(item, Param) and item.name not in declared:
            hint = did_you_mean(item.name, declared) or _DECLARE
            yield Issue(path, f'undeclared parameter "{item.name}"', hint)
        elif isinstance(item, dict):
            waiting.extend(((*path, key), below) for key, below in item.items())
        elif isinstance(item, list):
            waiting.extend(((*path, index), below) for index, below in enumerate(item))


def _body_issues(
    data: Mapping[str, Any], targets: Sequence[Kind], parameters: Mapping[str, Parameter]
) -> Iterator[Issue]:
    defaults = {name: specimen(item) for name, item in parameters.items()}
    for section in ("where", "require"):
        for path, rules in (data.get(section) or {}).items():
            yield from path_issues((section, path), path, substituted(rules, defaults), targets)
    for index, assertion in enumerate(data.get("assert") or ()):
        yield from assertion_issues(("assert", index), assertion, targets, parameters)
    if data.get("flows"):
        yield from flow_issues(substituted(data["flows"], defaults))


def path_issues(at: DataPath, text: str, rules: object, targets: Sequence[Kind]) -> Iterator[Issue]:
    """What is wrong with a field path and the constraints, parameters put in, on what it selects."""
    try:
        steps = parse(text)
        resolved = list(_resolved(steps, targets))
    except SelectorError as error:
        yield Issue(at, error.message, error.hint, at_key=True, offset=error.offset)
        return
    seen: set[Issue] = set()
    for type_, siblings in resolved:
        place = Place(at, siblings, steps[-1].kind == "values", steps[-1].kind in ("field", "key"))
        for issue in rules_issues(rules, type_, place):
            if issue not in seen:
                seen.add(issue)
                yield issue


def _resolved(steps: tuple[Step, ...], targets: Sequence[Kind]) -> Iterator[tuple[Type, Type | None]]:
    """The type that a path selects in each target that has its first field, and the object it is a field of."""
    having = [kind for kind in targets if steps[0].name in kind.fields] or targets[:1]
    for kind in having:
        above = selected_type(steps[:-1], kind) if len(steps) > 1 else kind.type
        yield selected_type(steps, kind), above if steps[-1].kind == "field" else None


def assertion_issues(
    at: DataPath, assertion: Mapping[str, str], targets: Sequence[Kind], parameters: Mapping[str, Parameter]
) -> Iterator[Issue]:
    """What is wrong with one assertion."""
    from policyengine.policy.expressions import compile_expression

    try:
        compile_expression(
            assertion["cel"], targets, {name: (item.type, item.default) for name, item in parameters.items()}
        )
    except PolicyError as error:
        offset = _offset(assertion["cel"], error.line, error.column or 1) if error.line else None
        yield Issue((*at, "cel"), error.message, error.hint, offset=offset)
    if "field" in assertion:
        yield from _static_path_issues((*at, "field"), assertion["field"], targets)


def _offset(text: str, line: int, column: int) -> int:
    """Line and column of a text as the number of characters before."""
    return sum(len(before) + 1 for before in text.split("\n")[: line - 1]) + column - 1


def _static_path_issues(at: DataPath, text: str, targets: Sequence[Kind]) -> Iterator[Issue]:
    try:
        steps = parse(text)
        list(_resolved(steps, targets))
    except SelectorError as error:
        yield Issue(at, error.message, error.hint, offset=error.offset)
        return
    if any(step.kind not in ("field", "key") for step in steps):
        yield Issue(at, 'a finding\'s field is one value: a.b or a["key"]')


def _message_issues(data: Mapping[str, Any], targets: Sequence[Kind]) -> Iterator[Issue]:
    texts: list[tuple[DataPath, str]] = [(("message",), data["message"])] if "message" in data else []
    texts += [
        (("assert", index, "message"), assertion["message"])
        for index, assertion in enumerate(data.get("assert") or ())
        if "message" in assertion
    ]
    for at, text in texts:
        for offset, name in placeholders(text):
            wrong = placeholder_error(name, targets)
            if wrong is not None:
                yield Issue(at, *wrong, offset=offset)


def _example_issues(
    data: Mapping[str, Any], parameters: Mapping[str, Parameter], origins: Collection[str]
) -> Iterator[Issue]:
    examples = data.get("examples")
    if examples is None:
        return
    for outcome in ("fail", "pass"):
        if not examples.get(outcome):
            yield Issue(("examples",), f"there is no {outcome}ing example", f"examples: {{{outcome}: [...]}}")
    for outcome, items in examples.items():
        for index, example in enumerate(items or ()):
            yield from _one_example_issues(("examples", outcome, index), example, parameters, origins)


_HOST = "host"
"""The input kind that an example may give as a mapping: of paths to what lies there."""


def _one_example_issues(
    at: DataPath, example: Mapping[str, Any], parameters: Mapping[str, Parameter], origins: Collection[str]
) -> Iterator[Issue]:
    inputs = [key for key in example if key not in EXAMPLE_OPTIONS]
    for key in inputs:
        if key not in origins:
            hint = did_you_mean(key, [*origins, *EXAMPLE_OPTIONS]) or f"input kinds: {', '.join(origins)}"
            yield Issue((*at, key), f'unknown input kind or option "{key}"', hint, at_key=True)
        elif not isinstance(example[key], str) and not (key == _HOST and isinstance(example[key], dict)):
            yield Issue((*at, key), f"the {key} input is text", f"write {key}: |")
    if not inputs or sum(key in origins for key in inputs) > 1:
        yield Issue(at, "an example has one input", f"input kinds: {', '.join(origins)}")
    for name, value in (example.get("parameters") or {}).items():
        place = (*at, "parameters", name)
        if name not in parameters:
            hint = did_you_mean(name, parameters) or _DECLARE
            yield Issue(place, f'undeclared parameter "{name}"', hint, at_key=True)
        elif wrong := misfit(value, parameters[name]):
            yield Issue(place, f"{name} {wrong.message}", wrong.hint)


_DECLARE = "declare it under parameters"
