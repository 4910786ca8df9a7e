"""What several policies want of one image, as one: or which of them want it otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from policyengine.errors import RemedyError
from policyengine.policy.image_strategy import WITHIN, Pin, Rebuild, Upgrade

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.policy.image_strategy import ImageStrategy

_T = TypeVar("_T")


class Wanted(Struct, frozen=True):
    """An image, and the layer on top of it where one is wanted.

    ``moves`` are the registries, or starts of image names, that it is to be moved from, and where to, beside what the
    settings say; None where it stays where it is. ``layered`` are the policies that the layer is for, ``sought`` those
    that an upgrade is for.
    """

    base: Pin | Upgrade
    moves: Mapping[str, str] | None = None
    layer: Rebuild | None = None
    layered: frozenset[str] = frozenset()
    sought: frozenset[str] = frozenset()


def combined(strategies: Mapping[str, ImageStrategy]) -> Wanted:
    """What policies, by id, want together.

    An upgrade is pinned, too, to what is served; the narrowest rule is within all of them; a layer has all that is
    wanted of it, and goes on top of what is wanted besides. Raises :class:`RemedyError` for what cannot be had
    together.
    """
    upgrades = {policy: one for policy, one in strategies.items() if isinstance(one, Upgrade)}
    layers = {policy: one for policy, one in strategies.items() if isinstance(one, Rebuild)}
    pins = [one for one in strategies.values() if isinstance(one, Pin)]
    base: Pin | Upgrade = Pin("served" if any(pin.to == "served" for pin in pins) else "running")
    if upgrades:
        base = Upgrade(min((one.within for one in upgrades.values()), key=WITHIN.index))
    layer = _layer(layers) if layers else None
    return Wanted(base, _moves(upgrades), layer, frozenset(layers), frozenset(upgrades))


def _moves(upgrades: Mapping[str, Upgrade]) -> Mapping[str, str] | None:
    if not any(one.registry for one in upgrades.values()):
        return None
    stated = {policy: one.registry for policy, one in upgrades.items() if not isinstance(one.registry, str)}
    starts = dict.fromkeys(start for moves in stated.values() for start in moves)
    return {start: _moved(start, stated) for start in starts}


def _moved(start: str, stated: Mapping[str, Mapping[str, str]]) -> str:
    wanted = {policy: moves[start] for policy, moves in stated.items() if start in moves}
    return _one(f"registries in place of {start}", wanted) or ""


def _layer(layers: Mapping[str, Rebuild]) -> Rebuild:
    paths = dict.fromkeys(path for layer in layers.values() for path in layer.files)
    files = {path: _written(path, layers) for path in paths}
    every = list(layers.values())
    whole = Rebuild(
        user=_one("users", {policy: layer.user for policy, layer in layers.items() if layer.user}) or "",
        remove_setuid=any(layer.remove_setuid for layer in every),
        remove=_each(layer.remove for layer in every),
        run=_each(layer.run for layer in every),
    )
    if gone := sorted(set(whole.remove) & set(files)):
        raise RemedyError(f"one policy removes {gone[0]}, and another writes it: {', '.join(sorted(layers))}")
    return replace(whole, files=files)


def _written(path: str, layers: Mapping[str, Rebuild]) -> str:
    wanted = {policy: one.files[path] for policy, one in layers.items() if path in one.files}
    return _one(f"contents of {path}", wanted) or ""


def _one(what: str, wanted: Mapping[str, _T]) -> _T | None:
    """The one value that is wanted, None where none is. Raises :class:`RemedyError` where there are several."""
    different = list({repr(value): value for value in wanted.values()}.values())
    if len(different) > 1:
        raise RemedyError(f"{' and '.join(sorted(wanted))} want different {what}")
    return different[0] if different else None


def _each(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for items in lists for item in items))
