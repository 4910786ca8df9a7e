"""Sets of whole numbers as sorted, disjoint, inclusive intervals that do not touch: addresses, ports, states."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Intervals = tuple[tuple[int, int], ...]
"""``((1, 5), (8, 8))``: 1 to 5, and 8. Empty: no number."""


def normalised(pairs: Iterable[tuple[int, int]]) -> Intervals:
    """The intervals of pairs in any order, which may overlap or touch."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(pairs):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return tuple(joined)


def complement(intervals: Intervals, top: int) -> Intervals:
    """The numbers from 0 to ``top`` that are not in ``intervals``."""
    gaps: list[tuple[int, int]] = []
    low = 0
    for first, last in intervals:
        if first > low:
            gaps.append((low, first - 1))
        low = last + 1
    if low <= top:
        gaps.append((low, top))
    return tuple(gaps)


def intersection(one: Intervals, other: Intervals) -> Intervals:
    """The numbers that are in both."""
    both: list[tuple[int, int]] = []
    here = there = 0
    while here < len(one) and there < len(other):
        low = max(one[here][0], other[there][0])
        high = min(one[here][1], other[there][1])
        if low <= high:
            both.append((low, high))
        if one[here][1] < other[there][1]:
            here += 1
        else:
            there += 1
    return tuple(both)


def union(one: Intervals, other: Intervals) -> Intervals:
    """The numbers that are in either."""
    return normalised((*one, *other))


def difference(one: Intervals, other: Intervals) -> Intervals:
    """The numbers of ``one`` that are not in ``other``."""
    return intersection(one, complement(other, one[-1][1])) if one else ()


def contains(intervals: Intervals, number: int) -> bool:
    """Whether the number is in the set."""
    return any(low <= number <= high for low, high in intervals)
