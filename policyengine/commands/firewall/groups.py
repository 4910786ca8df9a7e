"""Places that fare alike, told of together: the replicas of a service are one row, however many there are.

Zones are not told together with what is none: "host, internet" would read as if the internet reached itself.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.commands.firewall.matrix import Matrix
    from policyengine.firewall.reach import Flows

Look = tuple[object, ...]
"""What flows are, but for why: two that are equal are the same."""


class Group(Struct, frozen=True):
    """Places, by their names, that reach and are reached by all others in the same way, and each other."""

    names: tuple[str, ...]

    @property
    def first(self) -> str:
        """The one that stands for all."""
        return self.names[0]

    def reached_from(self, source: Group) -> tuple[str, str] | None:
        """A pair of places that shows what gets here; None within a group of one."""
        if source.first != self.first:
            return source.first, self.first
        return self.names[:2] if len(self.names) > 1 else None  # type: ignore[return-value] # these are two


def groups(made: Matrix) -> tuple[Group, ...]:
    """The places of a matrix, in its order, those that are alike in one group."""
    sides = _Sides(made)
    found: list[list[str]] = []
    by_look: dict[Look, list[list[str]]] = {}
    for name in sides.names:
        near = by_look.setdefault(sides.look(name), [])
        group = next((group for group in near if sides.alike(group[0], name)), None)
        if group is None:
            group = []
            near.append(group)
            found.append(group)
        group.append(name)
    return tuple(Group(tuple(names)) for names in found)


class _Sides:
    """What each place of a matrix reaches, and what reaches it."""

    def __init__(self, made: Matrix) -> None:
        sources, targets = ({one.name: None for one in side} for side in (made.sources, made.targets))
        self.names = tuple(dict.fromkeys((*sources, *targets)))
        zones = {one.name for one in (*made.sources, *made.targets) if one.kind == "zone"}
        self._asked = {name: (name in sources, name in targets, name in zones) for name in self.names}
        self._out: dict[str, dict[str, Look]] = {name: {} for name in self.names}
        self._in: dict[str, dict[str, Look]] = {name: {} for name in self.names}
        for (source, target), flows in made.cells.items():
            self._out[source][target] = self._in[target][source] = _look(flows)

    def look(self, name: str) -> Look:
        """What alike places have in common: how much they reach and are reached by, whichever these are."""
        counted = (frozenset(Counter(side[name].values()).items()) for side in (self._out, self._in))
        return (self._asked[name], *counted)

    def alike(self, one: str, other: str) -> bool:
        """Whether two places fare alike."""
        if self._out[one].get(other) != self._out[other].get(one):
            return False
        return all(_without(side[one], other) == _without(side[other], one) for side in (self._out, self._in))


def _look(flows: Flows) -> Look:
    return tuple(tuple(sorted(ports.items())) for ports in (flows.allowed, flows.unknown))


def _without(side: Mapping[str, Look], name: str) -> Mapping[str, Look]:
    return {other: look for other, look in side.items() if other != name} if name in side else side


def shortened(names: Iterable[str], most: int = 3) -> str:
    """Names of a group for where there is little room: ``web-1, web-2, web-3 and 5 more``."""
    listed = list(names)
    left = len(listed) - most
    return ", ".join(listed) if left <= 1 else f"{', '.join(listed[:most])} and {left} more"
