"""Whether all of a question's packets get through: from every address, to every address, on every port.

Of what else a packet has (its interface, its source port, its way) one that gets through is enough: who connects has
several to try, or has no choice, and which it is the rules alone do not tell.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec.structs import replace

from policyengine.firewall.budget import deep
from policyengine.firewall.deciding import decide
from policyengine.firewall.defaults import without_translation
from policyengine.firewall.diagram import NOTHING
from policyengine.firewall.intervals import Intervals, intersection, normalised
from policyengine.firewall.leaves import ABSENT, ACCEPT, DROP, TRANSLATED, UNCHOSEN, UNDECIDED
from policyengine.firewall.ports import protocols
from policyengine.firewall.universe import ATOMS, DESTINATION, DPORT, NEW_DPORT, PROTOCOL, SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policyengine.firewall.answers import Decided


class Lacking(NamedTuple):
    """Packets of a question of which none gets through, or perhaps none."""

    verdict: Literal["denied", "unknown"]
    decided: Decided


def lacking(decided: Decided, over: frozenset[int]) -> Lacking | None:
    """Values of the dimensions ``over`` with which no packet gets through, or may; None: with all of them one does, or
    no such packet would come even if nothing were translated."""
    with deep():
        projection = _Projection(decided, over)
        whole = projection.whole()
        verdicts: tuple[tuple[int, Literal["denied", "unknown"]], ...] = ((DROP, "denied"), (UNDECIDED, "unknown"))
        for leaf, verdict in verdicts:
            values = projection.values(whole, leaf)
            if values is not None:
                return Lacking(verdict, _narrowed(decided, {**projection.known, **values}))
        for number, values in enumerate(projection.regions(whole, NOTHING)):
            narrowed = _narrowed(decided, {**projection.known, **values})
            if number == MANY:
                return Lacking("unknown", narrowed)
            if _would_come(decided, values):
                return Lacking("denied", narrowed)
    return None


MANY = 32
"""Sets of addresses from which no packet comes that are looked into, at most."""


def _narrowed(decided: Decided, known: dict[int, Intervals]) -> Decided:
    found = copy(decided)
    found.known = known
    return found


def _would_come(decided: Decided, values: dict[int, Intervals]) -> bool:
    """Whether there were packets with these values if nothing were translated: it leads them elsewhere then."""
    query = decided.query
    sent, reached = dict(query.sent), dict(query.reached)
    for dimension, field, of in (
        (SOURCE, "source", sent),
        (DESTINATION, "destination", reached),
        (DPORT, "dport", reached),
    ):
        if dimension in values:
            of[field] = intersection(values[dimension], of.get(field, values[dimension]))  # type: ignore[index, call-overload]
    plain = without_translation(decided.ruleset)
    return bool(
        decide(plain, decided.host, replace(query, sent=sent, reached=reached), known=decided.universe).verdicts()
    )


def apart(decided: Decided, ports: Intervals) -> Iterator[Intervals]:
    """The ports in parts that may be asked about as one: as a whole where they are those that packets are sent to, else
    one of each that fare alike, since what is sent to a port may get to any."""
    changing = [one for one in decided.translations if one.side == "destination" and one.ports is not None]
    if not changing:
        yield ports
        return
    starts = {low for low, _ in ports} | {
        edge for one in changing for pair in one.ports or () for edge in _edges(*pair)
    }
    asked = range(len(decided.diagrams.dimensions))
    for node in (node for node in asked if decided.diagrams.dimensions[node] in (DPORT, NEW_DPORT)):
        starts.update(bound + 1 for bound in decided.diagrams.bounds[node])
    if any(one.shift is not None for one in changing):
        starts.update(port for low, high in ports for port in range(low, high + 1))
    for port in sorted(starts):
        if intersection(ports, ((port, port),)):
            yield ((port, port),)


def _edges(low: int, high: int) -> tuple[int, int]:
    return low, high + 1


class _Projection:
    """What the best packet with each of the values of some dimensions comes to: ACCEPT, UNDECIDED, DROP, or NOTHING
    where there is none."""

    def __init__(self, decided: Decided, over: frozenset[int]) -> None:
        self.decided = decided
        self.diagrams = decided.diagrams
        self.over = over
        those = normalised((number, number) for number in protocols(decided.query.family).values())
        self.known = {**decided.known, PROTOCOL: intersection(decided.known.get(PROTOCOL, those), those)}

    def whole(self) -> int:
        """As a diagram of these dimensions."""
        return self.diagrams.first_of([self._some(leaf) for leaf in (ACCEPT, UNDECIDED, DROP)])

    def _some(self, wanted: int) -> int:
        """``wanted`` where some packet comes to it."""
        memo: dict[int, int] = {}

        def go(node: int) -> int:
            if node < 0 or self.diagrams.dimensions[node] >= ATOMS:
                return wanted if self._comes_to(node) == wanted else NOTHING
            known = memo.get(node)
            if known is None:
                known = memo[node] = self._below(node, go)
            return known

        return go(self.decided.diagram)

    def _below(self, node: int, go: Callable[[int], int]) -> int:
        dimension = self.diagrams.dimensions[node]
        if dimension in self.over:
            children = [go(child) for child in self.diagrams.children[node]]
            return self.diagrams.node(dimension, self.diagrams.bounds[node], children)
        asked = dict.fromkeys(child for child, values in self._children(node) if values)
        return self.diagrams.first_of([go(child) for child in asked])

    def _children(self, node: int) -> Iterator[tuple[int, Intervals]]:
        """The children of a node, each with those of its values that were asked about."""
        dimension = self.diagrams.dimensions[node]
        slice_ = self.known.get(dimension)
        low = 0
        for bound, child in zip(self.diagrams.bounds[node], self.diagrams.children[node], strict=True):
            yield child, ((low, bound),) if slice_ is None else intersection(((low, bound),), slice_)
            low = bound + 1

    def _comes_to(self, node: int) -> int:
        leaves = self.diagrams.leaves(node) - {ABSENT, UNCHOSEN, NOTHING}
        passing = {leaf for leaf in leaves if leaf == ACCEPT or leaf <= TRANSLATED}
        if not leaves:
            return NOTHING
        if passing == leaves:
            return ACCEPT
        return UNDECIDED if passing or UNDECIDED in leaves else DROP

    def values(self, node: int, leaf: int) -> dict[int, Intervals] | None:
        """Values that come to a leaf; of several the widest ones."""
        return next(self.regions(node, leaf), None)

    def regions(self, node: int, leaf: int) -> Iterator[dict[int, Intervals]]:
        """All values that come to a leaf, the widest first."""
        if node == leaf:
            yield {}
        if node < 0 or leaf not in self.diagrams.leaves(node):
            return
        dimension = self.diagrams.dimensions[node]
        for child, values in sorted(self._children(node), key=lambda pair: -_size(pair[1])):
            for found in self.regions(child, leaf) if values else ():
                yield {dimension: values, **found}


def _size(values: Intervals) -> int:
    return sum(high - low + 1 for low, high in values)
