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

_TEXT = {"type": "string", "empty": False}
_TEXTS = {"type": "list", "schema": _TEXT}
_PATHS = {"type": "dict", "keysrules": {"type": "string"}, "valuesrules": {"type": "dict"}}
_ID = r"[a-z0-9][a-z0-9-]*(?:/[a-z0-9][a-z0-9-]*)?"

EXAMPLE_OPTIONS: dict[str, Any] = {
    "name": _TEXT,
    "line": {"type": "integer", "min": 1},
    "field": _TEXT,
    "parameters": {"type": "dict"},
    "closed": {"type": "boolean"},
}
"""What an example may say beside its input."""

SCHEMA: dict[str, Any] = {
    "version": {"type": "integer", "allowed": [1], "required": True},
    "id": {"type": "string", "regex": _ID, "required": True},
    "aliases": _TEXTS,
    "tags": _TEXTS,
    "title": {**_TEXT, "required": True},
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
        "keysrules": {"type": "string", "regex": "[a-z][a-z0-9_]*"},
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
            "schema": {"cel": {**_TEXT, "required": True}, "field": _TEXT, "message": _TEXT},
        },
    },
    "flows": {},
    "remediate": {},
    "message": _TEXT,
    "remedy": {"anyof": [_TEXT, {"type": "dict", "keysrules": {"type": "string"}, "valuesrules": _TEXT}]},
    "examples": {
        "type": "dict",
        "required": True,
        "schema": {outcome: {"type": "list", "nullable": True, "schema": {"type": "dict"}} for outcome in OUTCOMES},
    },
}


def shape_issues(data: Mapping[str, Any]) -> Iterator[Issue]:
    """What is wrong with the shape of a policy file's data."""
    from cerberus import Validator

    for name in _LATER:
        if name in data:
            yield Issue((name,), f'"{name}" is not available in this version of policyengine', at_key=True)
    validator = Validator(SCHEMA)
    if not validator.validate(dict(data), normalize=False):
        yield from _issues(validator.errors, (), data)


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
    known = _known(at)
    if message == "unknown field":
        hint = did_you_mean(str(at[-1]), known) or f"known here: {', '.join(known)}"
        return Issue(at, f'unknown key "{at[-1]}"', hint, at_key=True)
    if message == "required field":
        return Issue(at[:-1], f'"{at[-1]}" is missing')
    if message == "no definitions validate":
        return Issue(at, f'"{at[-1]}" has the wrong type')
    if message.startswith("unallowed value"):
        choices = _choices(at)
        hint = did_you_mean(str(value), choices) or f"one of {', '.join(choices)}"
        return Issue(at, f'"{value}" is no {at[-1]}', hint)
    return Issue(at, f'"{at[-1]}": {message}')


def _known(at: DataPath) -> list[str]:
    """The keys that the schema knows where ``at`` stands."""
    schema = _schema_at(at[:-1])
    return [str(name) for name in schema]


def _choices(at: DataPath) -> list[str]:
    return [str(choice) for choice in _schema_at(at[:-1]).get(at[-1], {}).get("allowed", ())]


def _schema_at(path: DataPath) -> Mapping[Any, Any]:
    fields: Any = SCHEMA
    rules: Any = {"schema": SCHEMA}
    for step in path:
        inside = rules.get("schema", {}) if isinstance(step, int) else rules.get("valuesrules", {})
        rules = inside if isinstance(step, int) else fields.get(step) or inside
        fields = rules.get("schema", {})
    return fields if isinstance(fields, dict) else {}
