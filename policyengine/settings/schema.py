"""The keys of a settings file, format version 1, as a Cerberus schema."""

from __future__ import annotations

from typing import Any

from policyengine.model.report import SEVERITIES
from policyengine.settings.settings import COLOR, ON_UNKNOWN

_TEXT: dict[str, Any] = {"type": "string", "empty": False}
_TEXTS = {"type": "list", "schema": _TEXT, "meta": {"words": "a text, or a list of texts"}}
_SWITCH = {"type": "boolean"}
_ENFORCE = ("block", "warn", "off")

SCHEMA: dict[str, Any] = {
    "version": {"type": "integer", "allowed": [1], "required": True},
    "sources": _TEXTS,
    "policies": _TEXTS,
    "built_in": _SWITCH,
    "packs": _TEXTS,
    "select": _TEXTS,
    "ignore": _TEXTS,
    "parameters": {
        "type": "dict",
        "keysrules": _TEXT,
        "valuesrules": {"type": "dict", "meta": {"words": "a mapping of parameters to values"}},
        "meta": {"words": "a mapping of policies to their parameters"},
    },
    "enforcement": {
        "type": "list",
        "schema": {
            "type": "dict",
            "schema": {
                "enforce": {"type": "string", "allowed": list(_ENFORCE), "required": True},
                "severity": {**_TEXTS, "schema": {"type": "string", "allowed": list(SEVERITIES)}},
                "pack": _TEXTS,
                "policy": _TEXTS,
                "path": _TEXTS,
            },
            "meta": {"words": "a rule such as {severity: low, enforce: warn}"},
        },
        "meta": {"words": "a list of rules such as {severity: low, enforce: warn}"},
    },
    "unknown": {"type": "string", "allowed": list(ON_UNKNOWN)},
    "fail_on": {"type": "string", "allowed": list(SEVERITIES)},
    "require_match": _SWITCH,
    "resolve": _TEXTS,
    "exclude": _TEXTS,
    "env": {
        "type": "dict",
        "keysrules": {
            "type": "string",
            "regex": r"[A-Za-z_][A-Za-z0-9_]*",
            "meta": {"words": "a name of a variable"},
        },
        "valuesrules": {"type": "string", "meta": {"words": "a text"}},
        "meta": {"words": "a mapping of variables to texts"},
    },
    "format": _TEXTS,
    "color": {"type": "string", "allowed": list(COLOR)},
    "cache": {
        "anyof": [_SWITCH, _TEXT],
        "meta": {"words": "true, false or a directory"},
    },
    "jobs": {
        "anyof": [{"type": "integer", "min": 1}, {"type": "string", "allowed": ["auto"]}],
        "meta": {"words": "a number of processes, or auto"},
    },
    "progress": _SWITCH,
}

LISTS = frozenset(name for name, rules in SCHEMA.items() if rules is _TEXTS)
"""The keys that take one text, or several."""

SWITCHES = frozenset(name for name, rules in SCHEMA.items() if rules is _SWITCH)
"""The keys that are true or false."""

RULE_LISTS = ("severity", "pack", "policy", "path")
"""The keys of a rule of ``enforcement`` that take one text, or several."""
