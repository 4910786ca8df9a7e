"""The shape of a policy file, format version 1, as a Cerberus schema; and what Cerberus says as issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policyengine.errors import did_you_mean
from policyengine.model.report import SEVERITIES
from policyengine.policy.issues import Issue
from policyengine.policy.parameters import SCALARS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.policy.issues import DataPath

CATEGORIES = ("image", "authentication", "firewall", "runtime")
OUTCOMES = ("pass", "fail", "unknown")
_LATER = ("flows", "remediate")

_TEXT = {"type": "string", "empty": False, "maxlength": 10_000}
_TEXTS = {"type": "list", "schema": _TEXT}
_PATHS = {"type": "dict"}
_ID = r"[a-z0-9][a-z0-9-]*(?:/[a-z0-9][a-z0-9-]*)?"
_PARAMETER = r"[a-z][a-z0-9_]*"

EXAMPLE_OPTIONS: dict[str, Any] = {
    "name": _TEXT,
    "line": {"type": "integer", "min": 1},
    "field": _TEXT,
    "parameters": {"type": "dict"},
    "closed": {"type": "boolean"},
}
"""What an example may say beside its input."""

_EXAMPLE = {"type": "dict", "schema": EXAMPLE_OPTIONS, "allow_unknown": True}

SCHEMA: dict[str, Any] = {
    "version": {"type": "integer", "allowed": [1], "required": True},
    "id": {"type": "string", "regex": _ID, "maxlength": 100, "required": True},
    "aliases": _TEXTS,
    "tags": _TEXTS,
    "title": {**_TEXT, "maxlength": 200, "required": True},
    "category": {"type": "string", "allowed": list(CATEGORIES), "required": True},
    "severity": {"type": "string", "allowed": list(SEVERITIES), "required": True},
    "controls": {
        "type": "list",
        "schema": {
            "type": "dict",
            "schema": {
                "benchmark": {**_TEXT, "excludes": "tool", "dependencies": ["version"]},
                "version": _TEXT,
                "tool": {**_TEXT, "dependencies": ["inputs"]},
                "inputs": _TEXTS,
                "id": {**_TEXT, "required": True},
                "name": {**_TEXT, "maxlength": 200, "dependencies": ["tool"]},
            },
        },
    },
    "why": {**_TEXT, "required": True},
    "target": {
        "required": True,
        "anyof": [{"type": "string"}, {"type": "list", "minlength": 1, "schema": {"type": "string"}}],
    },
    "parameters": {
        "type": "dict",
        "keysrules": {"type": "string", "regex": _PARAMETER},
        "valuesrules": {
            "type": "dict",
            "schema": {
                "type": {"type": "string", "allowed": [*SCALARS, "list"], "required": True},
                "items": {"type": "string", "allowed": list(SCALARS)},
                "default": {"required": True},
                "help": {**_TEXT, "required": True},
            },
        },
    },
    "where": _PATHS,
    "require": _PATHS,
    "assert": {
        "type": "list",
        "schema": {
            "type": "dict",
            "schema": {
                "cel": {"type": "string", "empty": False, "required": True},
                "field": _TEXT,
                "message": {**_TEXT, "maxlength": 1000},
            },
        },
    },
    "flows": {},
    "remediate": {},
    "message": {**_TEXT, "maxlength": 1000},
    "remedy": {"anyof": [_TEXT, {"type": "dict", "keysrules": {"type": "string"}, "valuesrules": _TEXT}]},
    "examples": {
        "type": "dict",
        "required": True,
        "schema": {outcome: {"type": "list", "nullable": True, "schema": _EXAMPLE} for outcome in OUTCOMES},
    },
}


def shape_issues(data: Mapping[str, Any]) -> Iterator[Issue]:
    """What is wrong with the shape of a policy file's data."""
    for name in _LATER:
        if name in data:
            yield Issue((name,), f'"{name}" is not available in this version of policyengine', _INSTEAD, at_key=True)
    if not data.get("require") and not data.get("assert"):
        yield Issue((), "the policy demands nothing", "give it require or assert")
    validator = _validator()
    if not validator.validate(dict(data), normalize=False):
        yield from _issues(validator.errors, (), data)


def _validator() -> Any:
    """Cerberus, to which true is an integer too, with integers that are numbers."""
    from cerberus import TypeDefinition, Validator

    integers = TypeDefinition("integer", (int,), (bool,))
    strict = type("Strict", (Validator,), {"types_mapping": {**Validator.types_mapping, "integer": integers}})
    return strict(SCHEMA)


_INSTEAD = "state what must hold with require or assert, and how to mend it with remedy"


def _issues(errors: Mapping[Any, list[Any]], path: DataPath, data: object) -> Iterator[Issue]:
    for key, messages in errors.items():
        if isinstance(key, str) and key.startswith(("anyof definition", "oneof definition")):
            continue
        at = (*path, key)
        value = data[key] if isinstance(data, dict) and key in data else None
        if isinstance(data, list) and isinstance(key, int):
            value = data[key]
        for message in messages:
            if isinstance(message, dict):
                yield from _issues(message, at, value)
            else:
                yield _issue(message, at, value)


def _issue(message: str, at: DataPath, value: object) -> Issue:
    """One of Cerberus's errors in the words of policies."""
    name = str(at[-1]) if isinstance(at[-1], str) else "this"
    if message == "unknown field":
        known = [str(key) for key in _schema_at(at[:-1])]
        hint = did_you_mean(name, known) or f"known here: {', '.join(known)}"
        return Issue(at, f'unknown key "{name}"', hint, at_key=True)
    if message == "required field":
        return Issue(at[:-1], f'"{name}" is missing', _choices_hint(at))
    if message.startswith("unallowed value"):
        near = did_you_mean(str(value), _choices(at))
        return Issue(at, f'"{_shortened(value)}" is no {_called(at)}', near or _choices_hint(at))
    if message == "no definitions validate" or message.startswith("must be of"):
        return _mistyped(message, name, at, value)
    if message.startswith("value does not match regex"):
        if at[0] == "parameters":
            return Issue(at, f'"{name}" is no name of a parameter', "lower-case letters, digits and _", at_key=True)
        return Issue(at, f'"{_shortened(value)}" is no id', _SPELLING)
    if message in ("empty values not allowed", "null value not allowed"):
        return Issue(at, f"{name} is empty", at_key=True)
    beside = message.removeprefix("field '").partition("'")[0] if message.endswith("' is required") else None
    return Issue(at, f'{name} needs "{beside}" beside it' if beside else f"{name}: {message}", at_key=bool(beside))


_SPELLING = "lower-case letters, digits and hyphens; an organisation may stand before: acme/no-root"
_TYPES = {
    "string": "a text",
    "list": "a list",
    "dict": "a mapping",
    "integer": "an integer",
    "boolean": "true or false",
}
_EITHER = {"target": "a kind of resource, or a list of them", "remedy": "a text, or a mapping of input kinds to texts"}


def _mistyped(message: str, name: str, at: DataPath, value: object) -> Issue:
    wanted = _EITHER.get(name) or _TYPES.get(message.removeprefix("must be of ").removesuffix(" type"), message)
    quote = wanted == "a text" and isinstance(value, bool | int | float)
    return Issue(at, f"{name} should be {wanted}", "write it in quotes" if quote else _choices_hint(at))


def _called(at: DataPath) -> str:
    return "type of items" if at[-1] == "items" else str(at[-1])


def _shortened(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _choices(at: DataPath) -> list[str]:
    return [str(choice) for choice in _schema_at(at[:-1]).get(at[-1], {}).get("allowed", ())]


def _choices_hint(at: DataPath) -> str | None:
    choices = _choices(at)
    return f"one of {', '.join(choices)}" if len(choices) > 1 else f"write {at[-1]}: {choices[0]}" if choices else None


def _schema_at(path: DataPath) -> Mapping[Any, Any]:
    """The schema of the keys of the mapping at a path."""
    fields: Any = SCHEMA
    rules: Any = {"schema": SCHEMA}
    for step in path:
        inside = rules.get("schema", {}) if isinstance(step, int) else rules.get("valuesrules", {})
        rules = inside if isinstance(step, int) else fields.get(step) or inside
        fields = rules.get("schema", {})
    return fields if isinstance(fields, dict) else {}
