"""What one place says of the settings, and how one place's word counts over another's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from policyengine.settings import remediating

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.settings.settings import Origin

ADDED = frozenset({"policies", "ignore", "exclude", "exclusions", "enforcement"})
"""Lists to which a place adds; all others replace what was said before."""

BY_NAME = frozenset({"env", "zones"})
"""Mappings in which a place replaces only the names that it gives."""

_NESTED = ("parameters", remediating.NAME)
"""Mappings whose values are put together by rules of their own."""

_ONE_CHOICE = ("packs", "select")
"""Two ways of choosing policies: a place that gives either replaces both."""


class Layer(Struct, frozen=True):
    """What one place says: values by setting, and where each setting, and each name or key in it, was said."""

    values: Mapping[str, Any] = field(default_factory=dict)
    origins: Mapping[tuple[str, ...], Origin] = field(default_factory=dict)


def merged(layers: Iterable[Layer]) -> tuple[dict[str, Any], dict[tuple[str, ...], Origin], dict[str, list[Origin]]]:
    """The values of all layers, the last counting most; where each was said; and all that had a part in a setting."""
    values: dict[str, Any] = {}
    origins: dict[tuple[str, ...], Origin] = {}
    parts: dict[str, list[Origin]] = {}
    for layer in layers:
        if not layer.values.keys().isdisjoint(_ONE_CHOICE):
            for name in _ONE_CHOICE:
                values.pop(name, None)
                parts.pop(name, None)
        for name, value in layer.values.items():
            adds = name in values and (name in ADDED or name in BY_NAME or name in _NESTED)
            if not adds:
                origins = {at: said for at, said in origins.items() if at[0] != name}
            values[name] = _joined(name, values.get(name), value)
            said = layer.origins.get((name,))
            parts[name] = [*(parts.get(name, []) if adds else []), *([said] if said else [])]
        origins |= layer.origins
    return values, origins, parts


def _joined(name: str, before: Any, value: Any) -> Any:
    if before is None:
        return value
    if name in ADDED:
        return (*before, *(item for item in value if item not in before or name == "enforcement"))
    if name in BY_NAME:
        return {**before, **value}
    if name == remediating.NAME:
        return remediating.joined(before, value)
    if name == "parameters":
        return {policy: {**before.get(policy, {}), **value.get(policy, {})} for policy in {**before, **value}}
    return value
