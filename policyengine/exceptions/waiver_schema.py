"""The keys of a waivers file, format version 1, as a Cerberus schema."""

from __future__ import annotations

from typing import Any

_TEXT: dict[str, Any] = {"type": "string", "empty": False}


def _text(help_: str) -> dict[str, Any]:
    return {**_TEXT, "meta": {"help": help_}}


def _texts(help_: str, words: str = "a text, or a list of texts", offers: str = "") -> dict[str, Any]:
    """The rules of a key that takes one text, or several; an editor offers names of a sort."""
    item = {**_TEXT, "meta": {"offers": offers}} if offers else _TEXT
    return {"type": "list", "minlength": 1, "schema": item, "meta": {"words": words, "lone": True, "help": help_}}


SELECTORS = ("resource", "path", "scope")
"""The keys that say which resources a waiver is for; one of them is needed."""

WAIVER: dict[str, Any] = {
    "policy": {
        **_texts(
            "The policies that the waiver is for: any of their names.",
            "a policy's name, or a list of names",
            "policies",
        ),
        "required": True,
    },
    "resource": _texts(
        "The resources that it is for: NAME, KIND/NAME, or the same of what they are part of; *, ? and [...] as in a "
        "shell."
    ),
    "path": _texts("The files that it is for: patterns as in .gitignore, relative to this file."),
    "scope": _texts("The scopes that it is for, such as compose:shop; *, ? and [...] as in a shell."),
    "value": {"nullable": True, "meta": {"help": "The value that was found: any other is a violation again."}},
    "reason": {**_text("Why the violation is let pass."), "required": True},
    "owner": _text("Who answers for it."),
    "expires": {
        "type": "string",
        "required": True,
        "regex": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "meta": {"words": "a day such as 2027-01-31", "help": "The last day on which it counts: 2027-01-31."},
    },
}
"""The keys of a waiver."""

LISTS = frozenset(name for name, rules in WAIVER.items() if rules.get("meta", {}).get("lone"))
"""The keys that take one text, or several."""

SCHEMA: dict[str, Any] = {
    "version": {
        "type": "integer",
        "allowed": [1],
        "required": True,
        "meta": {"help": "The version of this file's format: 1."},
    },
    "waivers": {
        "type": "list",
        "required": True,
        "schema": {
            "type": "dict",
            "schema": WAIVER,
            "meta": {"words": "a waiver such as {policy: privileged, resource: web, reason: ..., expires: ...}"},
        },
        "meta": {"words": "a list of waivers", "help": "Which violations are let pass, of what, why, and until when."},
    },
}
