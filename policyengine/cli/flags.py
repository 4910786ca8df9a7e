"""The options of a command line as settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policyengine.cli.shared import listed, named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def flags(options: Mapping[str, Any]) -> dict[str, object]:
    """The settings that options give, by the names of the command's parameters; None for what was not given."""
    found: dict[str, object] = {}
    sections: dict[str, dict[str, object]] = {}
    for name, (setting, read) in _SETTINGS.items():
        if name not in options:
            continue
        value = read(options[name]) if options[name] is not None else None
        section, _, key = setting.partition(".")
        if not key:
            found[setting] = value
        elif value is not None:
            sections.setdefault(section, {})[key] = value
    return {**found, **sections}


def _same(given: Any) -> object:
    return given


def _if_given(given: bool) -> bool | None:
    return given or None


def _not(given: bool) -> bool | None:
    return False if given else None


def _revision(given: str) -> str:
    """One that is empty is wrong, as when a pipeline has no such variable: everything would count as new."""
    if not given:
        from policyengine.errors import UsageError

        raise UsageError("--new-since takes a git revision", hint="name one, such as origin/main")
    return given


def _warnings(names: list[str]) -> tuple[object, ...] | None:
    """``--warn`` is the last rule of enforcement."""
    from policyengine.model.enforcement import EnforcementRule

    found = named(names)
    return (EnforcementRule("warn", policies=found),) if found else None


def _parameters(given: list[str]) -> object:
    from policyengine.settings import parameters

    return parameters(given) if given else None


def _assignments(given: list[str]) -> object:
    from policyengine.settings import assignments

    return assignments(given) if given else None


_SETTINGS: Mapping[str, tuple[str, Callable[[Any], object]]] = {
    "sources": ("sources", listed),
    "policies": ("policies", listed),
    "built_in": ("built_in", _same),
    "pack": ("packs", named),
    "select": ("select", named),
    "ignore": ("ignore", named),
    "warn": ("enforcement", _warnings),
    "param": ("parameters", _parameters),
    "resolve": ("resolve", named),
    "env": ("env", _assignments),
    "exclude": ("exclude", listed),
    "skip_others": ("skip_others", _if_given),
    "format_": ("format", listed),
    "fail_on": ("fail_on", _same),
    "unknown": ("unknown", _same),
    "require_match": ("require_match", _same),
    "no_exceptions": ("exceptions", _not),
    "waivers": ("waivers", _same),
    "baseline": ("baseline", _same),
    "new_since": ("new_since", _revision),
    "all_": ("all", _if_given),
    "jobs": ("jobs", _same),
    "cache": ("cache", _same),
    "progress": ("progress", _same),
    "color": ("color", _same),
    "soak": ("remediate.soak", _same),
    "gate_seconds": ("remediate.gate", _same),
    "max_unavailable": ("remediate.max_unavailable", _same),
    "protect": ("remediate.protected", named),
    "unsafe_fixes": ("remediate.unsafe_fixes", _if_given),
    "state_dir": ("remediate.state_dir", _same),
}
"""By a parameter's name: the setting, ``SECTION.KEY`` of one in a section, and how it is read."""
