"""The section ``remediate`` of the settings: with what care running things are replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policyengine.model.care import Care, Hooks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policyengine.errors import UsageError

NAME = "remediate"

_TEXT: dict[str, Any] = {"type": "string", "empty": False}


def _texts(help_: str) -> dict[str, Any]:
    meta = {"words": "a text, or a list of texts", "lone": True, "help": help_}
    return {"type": "list", "schema": dict(_TEXT), "meta": meta}


def _seconds(help_: str, least: float = 0) -> dict[str, Any]:
    return {"type": "number", "min": least, "meta": {"words": "a number of seconds", "help": help_}}


_HOOKS: dict[str, Any] = {
    "before": _texts(
        "Before each target: commands, or URLs that are posted to. Exit code 75 skips the target, any other but 0 "
        "stops the run."
    ),
    "after": _texts("After each target, however it went: commands, or URLs that are posted to."),
    "seconds": _seconds("How long each may take. Default: 60."),
}

SECTION: dict[str, Any] = {
    "soak": _seconds("How long what was replaced is kept, stopped, to be rolled back to. Default: 3600."),
    "gate": _seconds("How long a replacement may take to be healthy. Default: 60."),
    "stable": _seconds("How long a replacement without a healthcheck must run undisturbed. Default: 10."),
    "max_unavailable": {
        "type": "integer",
        "min": 1,
        "meta": {"words": "a number of targets", "help": "How many targets are replaced at once. Default: 1."},
    },
    "protected": _texts("What is never touched: names as patterns (db-*), or labels (label=NAME, label=NAME=VALUE)."),
    "hooks": {
        "type": "dict",
        "schema": _HOOKS,
        "meta": {"words": "a mapping with before, after or seconds", "help": "What is called around each target."},
    },
    "unsafe_fixes": {
        "type": "boolean",
        "meta": {"legacy": True, "help": "Make fixes, too, that may keep a program from working. Default: no."},
    },
    "push": {**_TEXT, "meta": {"help": "The repository below which rebuilt images are pushed. Default: none."}},
    "registries": {
        "type": "dict",
        "keysrules": _TEXT,
        "valuesrules": {**_TEXT, "meta": {"words": "a text"}},
        "meta": {
            "words": "a mapping of registries to registries",
            "help": "Where images of registries that are not allowed are moved to: {docker.io: reg.example/hub}.",
        },
    },
    "state_dir": {
        **_TEXT,
        "meta": {
            "help": "Where the journal is kept, relative to this file. Default: $XDG_STATE_HOME/policyengine, else "
            "~/.local/state/policyengine."
        },
    },
}
"""The keys of the section."""

RULES: dict[str, Any] = {
    "type": "dict",
    "schema": SECTION,
    "meta": {
        "words": "a mapping such as {soak: 600}",
        "help": "With what care `policyengine remediate` replaces what runs.",
    },
}

_LONE = tuple(name for name, rules in SECTION.items() if rules["meta"].get("lone"))


def eased(data: Mapping[str, Any], switch: Callable[[object], object]) -> dict[str, Any]:
    """The section with one text made a list where lists are taken, and ``yes`` a boolean where a switch is."""
    found = _listed(data, _LONE)
    if "unsafe_fixes" in found:
        found["unsafe_fixes"] = switch(found["unsafe_fixes"])
    if isinstance(found.get("hooks"), dict):
        found["hooks"] = _listed(found["hooks"], ("before", "after"))
    return found


def _listed(data: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {**data, **{name: [data[name]] for name in names if isinstance(data.get(name), str)}}


def said(data: Mapping[str, Any], at_home: Callable[[str], str]) -> dict[str, Any]:
    """What a checked section says, by the fields of :class:`Care`; ``at_home`` makes a path of the file ready."""
    found = dict(data)
    if "protected" in found:
        found["protected"] = tuple(found["protected"])
    if "hooks" in found:
        hooks = found["hooks"]
        before, after = (tuple(hooks.get(name, ())) for name in ("before", "after"))
        found["hooks"] = Hooks(before, after, hooks.get("seconds", Hooks().seconds), at_home("."))
    if "state_dir" in found:
        found["state_dir"] = at_home(found["state_dir"])
    return found


def joined(before: Mapping[str, Any], value: Mapping[str, Any]) -> dict[str, Any]:
    """What two places say of the section: what is protected is so by either, else the second counts."""
    found = {**before, **value}
    if "protected" in before and "protected" in value:
        found["protected"] = tuple(dict.fromkeys((*before["protected"], *value["protected"])))
    return found


def care(values: Mapping[str, Any], error: Callable[[tuple[str, ...], str], UsageError]) -> Care:
    """The section as a whole. Raises what ``error`` makes of a value that makes no sense."""
    for name in ("soak", "gate", "stable"):
        if values.get(name, 0) < 0:
            raise error((NAME, name), f"{name} takes a number of seconds")
    if values.get("max_unavailable", 1) < 1:
        raise error((NAME, "max_unavailable"), "max-unavailable takes a number of targets, at least 1")
    return Care(**values)
