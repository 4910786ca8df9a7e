"""What belongs to intervals of numbers, found by the numbers: without looking at what belongs to others."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.firewall.intervals import Intervals

T = TypeVar("T")


class Spans(Generic[T]):
    """Things by intervals: single numbers are looked up, the few wider ones are looked at."""

    def __init__(self, things: Iterable[tuple[Intervals, T]]) -> None:
        self._at: dict[int, list[T]] = {}
        self._wide: list[tuple[Intervals, T]] = []
        for intervals, thing in things:
            if all(low == high for low, high in intervals):
                for low, _ in intervals:
                    self._at.setdefault(low, []).append(thing)
            else:
                self._wide.append((intervals, thing))
        self._numbers = sorted(self._at)

    def overlapping(self, among: Intervals) -> Iterator[T]:
        """The things of which an interval has a number that one of these has; one may come more than once."""
        for low, high in among:
            for number in self._numbers[bisect_left(self._numbers, low) : bisect_right(self._numbers, high)]:
                yield from self._at[number]
        yield from (thing for intervals, thing in self._wide if _meet(intervals, among))


def _meet(one: Intervals, other: Intervals) -> bool:
    """Whether two sets of numbers have one in common."""
    at = 0
    for low, high in one:
        while at < len(other) and other[at][1] < low:
            at += 1
        if at < len(other) and other[at][0] <= high:
            return True
    return False
