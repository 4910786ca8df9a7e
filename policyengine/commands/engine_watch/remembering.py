"""What was told of containers last, so that only what is new or gone need be told again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from policyengine.model.report import Finding, Report

KEPT = 1000
"""So many containers that are no more are remembered by name: a container that replaces one is compared with it."""

_TOLD = ("fail", "unknown", "error")


class Difference(Struct, frozen=True):
    """What is new in a report of a container and what is gone, and whether it is the first one."""

    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    first: bool


class Memory(Struct):
    """Remembers the last report of each container, by its name: as long as it is there, and a while longer."""

    _told: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    _gone: dict[str, None] = field(default_factory=dict)

    def compare(self, name: str, report: Report) -> Difference:
        """What a report of a container has that the last one had not, and the other way round; it is the last now."""
        now = tuple(one for one in report.findings if one.status in _TOLD)
        before = self._told.get(name)
        self._told[name] = now
        self._gone.pop(name, None)
        new = _without(now, before or ())
        return Difference(new, _without(before or (), now), before is None)

    def rename(self, before: str, after: str) -> None:
        """Remember what was told of a container under its new name."""
        if before != after and before in self._told:
            self._told[after] = self._told.pop(before)

    def keep(self, names: Collection[str]) -> None:
        """Say which containers there are: all others are no more."""
        for name in [name for name in self._told if name not in names and name not in self._gone]:
            self.remove(name)

    def remove(self, name: str) -> None:
        """Say that a container is no more."""
        if name in self._told:
            self._gone[name] = None
        while len(self._gone) > KEPT:
            oldest = next(iter(self._gone))
            del self._gone[oldest], self._told[oldest]


def _without(findings: Iterable[Finding], others: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that are not among others: what is known by its fingerprint, with another status, is another."""
    known = {(one.policy, one.fingerprint, one.status) for one in others}
    return tuple(one for one in findings if (one.policy, one.fingerprint, one.status) not in known)
