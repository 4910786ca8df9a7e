"""``policyengine config``: the settings that count here, and where each was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import asdict

from policyengine.commands.tables import table
from policyengine.model.masking import MASK, concealed
from policyengine.outputs.style import visible
from policyengine.outputs.values import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.model.enforcement import EnforcementRule
    from policyengine.settings.effective import Effective

_DEFAULT = "default"
_LONGEST = 200
_ROW = tuple[str, str, str]


def config(effective: Effective, width: int | None = None) -> str:
    """Each setting, its value, and the file, variable or flag that it comes from. Values of variables are masked."""
    rows = [tuple(map(visible, row)) for row in _rows(effective)]
    head = f"Settings file: {effective.file}\n\n" if effective.file else "Settings file: none\n\n"
    return f"{head}{table(['Setting', 'From', 'Value'], rows, width)}\n"


def _rows(effective: Effective) -> Iterator[_ROW]:
    settings = effective.settings
    yield _row(effective, "sources", effective.sources or ["."])
    yield _row(effective, "policies", settings.policies)
    yield _row(effective, "built_in", settings.built_in)
    packs = settings.packs or (["default"] if settings.built_in and not settings.select else [])
    yield _row(effective, "packs", packs)
    yield _row(effective, "select", settings.select)
    yield _row(effective, "ignore", settings.ignore)
    yield from _parameters(effective)
    yield from _enforcement(effective)
    for name in ("unknown", "fail_on", "require_match", "resolve", "insecure_registries", "registry_mirrors"):
        yield _row(effective, name, getattr(settings, name))
    yield _row(effective, "exceptions", settings.exceptions)
    for name in ("waivers", "baseline"):
        yield _row(effective, name, getattr(settings, name) or "none")
    yield _row(effective, "live_exceptions", settings.live_exceptions)
    yield _row(effective, "new_since", settings.new_since)
    yield from _excludes(effective)
    yield _row(effective, "env", dict.fromkeys(settings.env, MASK))
    yield _row(effective, "zones", {name: " ".join(listed) for name, listed in settings.zones.items()})
    yield _row(effective, "format", effective.format or ["full on a terminal, else text"])
    yield _row(effective, "color", effective.color)
    place = settings.cache and settings.cache_directory
    yield _row(effective, "cache", place or settings.cache, "cache_directory" if place else "cache")
    yield _row(effective, "jobs", settings.jobs or "auto")
    yield _row(effective, "progress", "on a terminal" if settings.progress is None else settings.progress)
    yield from _care(effective)


def _care(effective: Effective) -> Iterator[_ROW]:
    care, origins = effective.settings.remediate, effective.settings.origins
    values = asdict(care)
    hooks = values.pop("hooks")
    told = {**values, **{f"hooks.{when}": concealed(_text(getattr(hooks, when))) for when in ("before", "after")}}
    for name, value in told.items():
        where = origins.get(("remediate", name.partition(".")[0]))
        yield f"remediate.{name}", str(where or _DEFAULT), _text(value)


def _row(effective: Effective, name: str, value: object, key: str | None = None) -> _ROW:
    places = effective.said.get(key or name, ())
    return name, ", ".join(map(str, places)) or _DEFAULT, _text(value)


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={item}" for name, item in value.items())
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _parameters(effective: Effective) -> Iterator[_ROW]:
    origins = effective.settings.origins
    for policy, values in effective.settings.parameters.items():
        for name, value in values.items():
            where = origins.get(("parameters", policy, name)) or origins.get(("parameters",))
            yield f"parameters.{policy}.{name}", str(where or _DEFAULT), shown(value, _LONGEST)


def _enforcement(effective: Effective) -> Iterator[_ROW]:
    rules = effective.settings.enforcement
    if not rules:
        yield _row(effective, "enforcement", "block")
    for rule in rules:
        place = ":".join(map(str, rule.place)) if rule.place else "--warn"
        yield "enforcement", place, _rule(rule)


def _rule(rule: EnforcementRule) -> str:
    named: Mapping[str, tuple[str, ...]] = {
        "severity": rule.severities,
        "category": rule.categories,
        "pack": rule.packs,
        "policy": rule.policies,
        "path": rule.paths,
    }
    return ", ".join([rule.enforce, *(f"{name} {' or '.join(values)}" for name, values in named.items() if values)])


def _excludes(effective: Effective) -> Iterator[_ROW]:
    settings = effective.settings
    for _, patterns in settings.exclusions:
        yield _row(effective, "exclude", patterns, "exclusions")
    if settings.exclude or not settings.exclusions:
        yield _row(effective, "exclude", settings.exclude)
