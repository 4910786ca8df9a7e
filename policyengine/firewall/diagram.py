"""Interval decision diagrams: what becomes of every packet at once.

A node asks one dimension of the packet (its source, its destination port, ...), and has a child for each interval of
its values; a leaf says what happens. Equal nodes are one node, so two diagrams are equal where their numbers are.
Nodes are numbers from 0, leaves are negative numbers. Dimensions are asked in the order of their numbers.

Bryant, "Graph-Based Algorithms for Boolean Function Manipulation" (1986), with intervals as in Gouda and Liu,
"Structured Firewall Design" (2007).
"""

from __future__ import annotations

from bisect import bisect_left
from operator import eq
from typing import TYPE_CHECKING

from policyengine.firewall.budget import Budget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.firewall.intervals import Intervals

NOTHING = -1
"""The leaf of packets of which nothing has been said: those that no rule has matched yet."""

Box = tuple[tuple[int, "Intervals"], ...]
"""Packets whose dimensions, in ascending order, are within these intervals."""


class Diagrams:
    """Diagrams over the same dimensions; ``tops`` has the greatest number of each.

    ``marks`` are leaves that say nothing either, but leave a mark on what is said after them: that leaf for this one.
    """

    def __init__(
        self, tops: Sequence[int], budget: Budget | None = None, marks: Mapping[int, Mapping[int, int]] | None = None
    ) -> None:
        self.tops = tops
        self.marks = marks or {}
        self.budget = budget or Budget()
        self.dimensions: list[int] = []
        self.bounds: list[tuple[int, ...]] = []
        self.children: list[tuple[int, ...]] = []
        self._numbers: dict[tuple[int, tuple[int, ...], tuple[int, ...]], int] = {}
        self._otherwise: dict[int, int] = {}
        self._within: dict[int, int] = {}
        self._mapped: dict[tuple[tuple[int, int], ...], dict[int, int]] = {}

    @property
    def steps(self) -> int:
        """How many pairs of nodes have been put together."""
        return len(self._otherwise) + len(self._within)

    def node(self, dimension: int, bounds: Sequence[int], children: Sequence[int]) -> int:
        """The node that asks a dimension: ``children[i]`` for values up to ``bounds[i]``."""
        if not any(map(eq, children, children[1:])):
            return self._made(dimension, bounds, children)
        uppers: list[int] = []
        below: list[int] = []
        last = None
        for bound, child in zip(bounds, children, strict=True):
            if child == last:
                uppers[-1] = bound
            else:
                uppers.append(bound)
                below.append(child)
                last = child
        return self._made(dimension, uppers, below)

    def _made(self, dimension: int, bounds: Sequence[int], children: Sequence[int]) -> int:
        """The node with these children, of which no two that follow each other are one."""
        if len(children) == 1:
            return children[0]
        key = (dimension, tuple(bounds), tuple(children))
        new = len(self.dimensions)
        number = self._numbers.setdefault(key, new)
        if number == new:
            self.dimensions.append(dimension)
            self.bounds.append(key[1])
            self.children.append(key[2])
        return number

    def box(self, box: Box, inside: int) -> int:
        """``inside`` for the packets of a box, NOTHING for others. ``inside`` asks only dimensions after the box's."""
        if inside == NOTHING:
            return NOTHING
        for dimension, intervals in reversed(box):
            bounds: list[int] = []
            children: list[int] = []
            low = 0
            for first, last in intervals:
                if first > low:
                    bounds.append(first - 1)
                    children.append(NOTHING)
                bounds.append(last)
                children.append(inside)
                low = last + 1
            if low <= self.tops[dimension]:
                bounds.append(self.tops[dimension])
                children.append(NOTHING)
            if not children:
                return NOTHING
            inside = self._made(dimension, bounds, children)  # intervals do not touch
        return inside

    def otherwise(self, one: int, other: int) -> int:
        """What ``one`` says, and where it says nothing, what ``other`` says."""
        if one < 0:
            if one == NOTHING:
                return other
            return self.mapped(other, self.marks[one]) if one in self.marks else one
        if other == NOTHING or one == other:
            return one
        key = (one << 32) + other
        known = self._otherwise.get(key)
        if known is None:
            known = self._otherwise[key] = self._combined(one, other)
            if len(self._otherwise) > self.budget.most:
                self.budget.spent(len(self._otherwise))
        return known

    def _combined(self, one: int, other: int) -> int:
        mine = self.dimensions[one]
        theirs = self.dimensions[other] if other >= 0 else mine + 1
        both = self.otherwise
        if mine < theirs:
            return self.node(mine, self.bounds[one], [both(child, other) for child in self.children[one]])
        if theirs < mine:
            return self.node(theirs, self.bounds[other], [both(one, child) for child in self.children[other]])
        return self._merged(mine, one, other)

    def _merged(self, dimension: int, one: int, other: int) -> int:
        """Two nodes of one dimension, walked through side by side. Most of the time is spent here."""
        here, there = self.bounds[one], self.bounds[other]
        mine, theirs = self.children[one], self.children[other]
        known, marks = self._otherwise, self.marks
        uppers: list[int] = []
        below: list[int] = []
        last = None
        i = j = 0
        end = len(here)
        while i < end:
            left, right = here[i], there[j]
            child, beside = mine[i], theirs[j]
            if child < 0:
                if child == NOTHING:
                    child = beside
                elif child in marks:
                    child = self.otherwise(child, beside)
                elif right < left:  # it is decided up to here, whatever the other says
                    j = bisect_left(there, left, j + 1)
                    right = there[j]
            elif beside != NOTHING and child != beside:
                met = known.get((child << 32) + beside)
                child = self.otherwise(child, beside) if met is None else met
            if left <= right:
                i += 1
                bound = left
            else:
                bound = right
            if right <= left:
                j += 1
            if child == last:
                uppers[-1] = bound
            else:
                uppers.append(bound)
                below.append(child)
                last = child
        return self._made(dimension, uppers, below)

    def within(self, guard: int, inside: int) -> int:
        """What ``inside`` says, where ``guard`` says anything; NOTHING elsewhere."""
        if guard == NOTHING or inside == NOTHING:
            return NOTHING
        if guard < 0:
            return inside
        key = (guard << 32) + inside
        known = self._within.get(key)
        if known is not None:
            return known
        mine = self.dimensions[guard]
        theirs = self.dimensions[inside] if inside >= 0 else mine + 1
        both = self.within
        if mine < theirs:
            result = self.node(mine, self.bounds[guard], [both(child, inside) for child in self.children[guard]])
        elif theirs < mine:
            result = self.node(theirs, self.bounds[inside], [both(guard, child) for child in self.children[inside]])
        else:
            bounds, pairs = self._paired(guard, inside)
            result = self.node(mine, bounds, [both(here, there) for here, there in pairs])
        self._within[key] = result
        self.budget.spent(len(self._within))
        return result

    def _paired(self, one: int, other: int) -> tuple[list[int], list[tuple[int, int]]]:
        """Where two nodes of one dimension meet: upper bounds, and the children of either up to there."""
        here, there = self.bounds[one], self.bounds[other]
        mine, theirs = self.children[one], self.children[other]
        bounds: list[int] = []
        pairs: list[tuple[int, int]] = []
        i = j = 0
        end = len(here)
        while i < end:
            left, right = here[i], there[j]
            pairs.append((mine[i], theirs[j]))
            if left < right:
                bounds.append(left)
                i += 1
            elif right < left:
                bounds.append(right)
                j += 1
            else:
                bounds.append(left)
                i += 1
                j += 1
        return bounds, pairs

    def first_of(self, diagrams: list[int]) -> int:
        """What the first of them that says anything says; put together in pairs, which keeps them small for long."""
        if not diagrams:
            return NOTHING
        while len(diagrams) > 1:
            pairs = range(0, len(diagrams) - 1, 2)
            rest = diagrams[-1:] if len(diagrams) % 2 else []
            diagrams = [self.otherwise(diagrams[i], diagrams[i + 1]) for i in pairs] + rest
        return diagrams[0]

    def mapped(self, diagram: int, leaves: Mapping[int, int]) -> int:
        """The diagram with other leaves."""
        memo = self._mapped.setdefault(tuple(sorted(leaves.items())), {})

        def go(one: int) -> int:
            if one < 0:
                return leaves.get(one, one)
            known = memo.get(one)
            if known is None:
                children = [go(child) for child in self.children[one]]
                known = memo[one] = self.node(self.dimensions[one], self.bounds[one], children)
            return known

        return go(diagram)

    def then(self, diagram: int, leaf: int, following: int) -> int:
        """``following`` where the diagram says ``leaf``. The diagram says something of every packet."""
        if following < 0:
            return self.mapped(diagram, {leaf: following})
        return self.otherwise(self.mapped(diagram, {leaf: NOTHING}), following)

    def fixed(self, diagram: int, dimension: int, value: int) -> int:
        """The diagram for the packets with this value; nothing before ``dimension`` is asked in it."""
        while diagram >= 0 and self.dimensions[diagram] == dimension:
            diagram = self.child(diagram, value)
        return diagram

    def child(self, node: int, value: int) -> int:
        """Where a node leads for a value of its dimension."""
        return self.children[node][bisect_left(self.bounds[node], value)]

    def leaf(self, diagram: int, packet: Sequence[int]) -> int:
        """What becomes of one packet, given as its values by dimension."""
        while diagram >= 0:
            diagram = self.child(diagram, packet[self.dimensions[diagram]])
        return diagram

    def leaves(self, diagram: int) -> frozenset[int]:
        """What the diagram says at all."""
        seen: set[int] = set()
        waiting = [diagram]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                if one >= 0:
                    waiting.extend(self.children[one])
        return frozenset(one for one in seen if one < 0)

    def size(self, diagram: int) -> int:
        """How many nodes it has."""
        seen: set[int] = set()
        waiting = [diagram]
        while waiting:
            one = waiting.pop()
            if one >= 0 and one not in seen:
                seen.add(one)
                waiting.extend(self.children[one])
        return len(seen)
