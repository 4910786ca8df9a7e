"""What a change of rules changes: the packets that fare otherwise, all of them and no others.

Two decisions about the same query are walked through together. Unknown matches are no property of packets: where what
becomes of one hangs on them, it is not known. Where it was not known and is not known, nothing changed if for each
answer to the unknown matches the packet fares as before; else it may have changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from policyengine.firewall.budget import Budget, deep
from policyengine.firewall.deciding import decide
from policyengine.firewall.diagram import NOTHING
from policyengine.firewall.intervals import intersection, union
from policyengine.firewall.leaves import ABSENT, ACCEPT, TRANSLATED, UNCHOSEN, UNDECIDED
from policyengine.firewall.protocols import FLAGS
from policyengine.firewall.queries import Query
from policyengine.firewall.rules import NEW
from policyengine.firewall.universe import ATOMS, universe
from policyengine.firewall.unknowns import aligned

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.firewall.answers import Decided
    from policyengine.firewall.host import Host
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.packets import Path
    from policyengine.firewall.rules import Family, Field, Ruleset
    from policyengine.firewall.translations import Translation
    from policyengine.firewall.universe import Universe

Fate = Literal["allowed", "denied", "unknown"]
PATHS: tuple[Path, ...] = ("input", "forward", "output")
FAMILIES: tuple[Family, ...] = (4, 6)

BEGINNING: dict[Field, Intervals] = {"state": ((NEW, NEW),), "flags": ((FLAGS["SYN"],) * 2,)}
"""The first packet of a connection; what is not of TCP has no flags, and no rule asks for them."""

Box = tuple[tuple[int, "Intervals"], ...]
"""Packets by dimension, in ascending order; a dimension that is not there has any value."""


class Outcome(NamedTuple):
    """What becomes of a packet, and where translation sends it."""

    fate: Fate
    to: Translation | None = None


class Changed(NamedTuple):
    """Packets of a family on a path that fare otherwise, or may: where both outcomes are unknown. ``opens``: whether
    some get through, or may, that did not, or get elsewhere. ``known``: the dimensions, and what their numbers mean.
    """

    family: Family
    path: Path
    box: Mapping[int, Intervals]
    was: Outcome
    now: Outcome
    opens: bool
    known: Universe


class Rules(NamedTuple):
    """A rule set and the host that it is of."""

    ruleset: Ruleset
    host: Host


def changes(old: Rules, new: Rules) -> Iterator[Changed]:
    """The packets that begin a connection and fare otherwise. Raises BudgetError where there are too many to tell.

    Of a family whose rules only one of them has nothing is told (:func:`incomparable`).
    """
    rulesets = aligned(old.ruleset, new.ruleset)
    hosts = (old.host, new.host)
    for family in FAMILIES:
        if old.ruleset.has(family) != new.ruleset.has(family):
            continue
        interfaces = [one.name for rules in (old, new) for one in rules.host.interfaces or ()]
        outs = [name for rules in (old, new) for name in rules.host.outs(family) or ()]
        known = universe(family, rulesets, old.host, (*interfaces, *outs))
        for path in PATHS:
            query = Query(family, path, BEGINNING)
            before, after = (decide(*both, query, known=known) for both in zip(rulesets, hosts, strict=True))
            with deep():
                found = _Comparing(before, after).boxes(before.diagram, after.diagram)
            for (was, now, opens), boxes in found.items():
                yield from (Changed(family, path, dict(forms[0]), was, now, opens, known) for forms in boxes)


def incomparable(old: Rules, new: Rules) -> Iterator[tuple[Family, Literal["old", "new"]]]:
    """The families whose rules only one side has, and which that is: what becomes of their packets by the other is not
    known."""
    for family in FAMILIES:
        if old.ruleset.has(family) != new.ruleset.has(family):
            yield family, "old" if old.ruleset.has(family) else "new"


Pair = tuple[Outcome, Outcome]
How = tuple[Outcome, Outcome, bool]
"""How packets fared and fare, whatever the unknown matches say, and whether that opens anything."""

Forms = tuple[Box, ...]
"""The same packets as boxes that differ in packets that there are not, the simplest first."""

Found = dict[How, tuple[Forms, ...]]

_KEPT = 4
"""So many forms of a box are kept."""


class _Comparing:
    """Two decisions about the same packets, walked through together."""

    def __init__(self, old: Decided, new: Decided) -> None:
        self.old = old
        self.new = new
        self.budget = Budget()
        self._boxes: dict[tuple[int, int], Found] = {}
        self._pairs: dict[tuple[int, int], frozenset[Pair]] = {}

    def boxes(self, one: int, other: int) -> Found:
        """The packets that fare otherwise below two nodes, by how they fared and fare."""
        known = self._boxes.get((one, other))
        if known is None:
            known = self._boxes[one, other] = self._found(one, other)
            self.budget.spent(len(self._boxes) + sum(map(len, known.values())))
        return known

    def _found(self, one: int, other: int) -> Found:
        dimension = min(_dimension(self.old, one), _dimension(self.new, other))
        if dimension >= ATOMS:
            return self._differing(one, other)
        gathered: dict[How, _Gathered] = {}
        absent: Intervals = ()
        for here, below in self._children(dimension, one, other):
            if self._is_absent(*below):
                absent = union(absent, here)
            for pair, boxes in self.boxes(*below).items():
                found = gathered.setdefault(pair, _Gathered())
                for forms in boxes:
                    found.add(here, forms)
        whole = self._slice(dimension)
        return {pair: tuple(found.boxes(dimension, absent, whole)) for pair, found in gathered.items()}

    def _is_absent(self, one: int, other: int) -> bool:
        """Whether there are no such packets on the path; what was not asked about does not count."""
        return all(
            decided.diagrams.leaves(node) <= {ABSENT, UNCHOSEN, NOTHING}
            for decided, node in ((self.old, one), (self.new, other))
        )

    def _differing(self, one: int, other: int) -> Found:
        """Where only unknown matches are asked any more: nothing, or all packets."""
        pairs = self.pairs(one, other)
        if all(was == now for was, now in pairs):
            return {}
        was, now = (_settled({pair[side] for pair in pairs}) for side in (0, 1))
        return {(was, now, _opens(was, now, pairs)): (((),),)}

    def pairs(self, one: int, other: int) -> frozenset[Pair]:
        """What becomes of packets by the one and by the other, for whatever the unknown matches say."""
        known = self._pairs.get((one, other))
        if known is None:
            dimension = min(_dimension(self.old, one), _dimension(self.new, other))
            if one < 0 and other < 0:
                known = frozenset({(_outcome(self.old, one), _outcome(self.new, other))})
            else:
                known = frozenset().union(*(self.pairs(*below) for _, below in self._children(dimension, one, other)))
            self._pairs[one, other] = known
        return known

    def _children(self, dimension: int, one: int, other: int) -> Iterator[tuple[Intervals, tuple[int, int]]]:
        """The values of a dimension, by what the nodes come to with them."""
        found: dict[tuple[int, int], Intervals] = {}
        slice_ = self._slice(dimension)
        for here, mine in _branches(self.old, dimension, one, slice_):
            for there, theirs in _branches(self.new, dimension, other, here):
                found[mine, theirs] = union(found.get((mine, theirs), ()), there)
        for below, values in found.items():
            yield values, below

    def _slice(self, dimension: int) -> Intervals:
        """The values that were asked about."""
        return self.old.known.get(dimension) or ((0, self.old.universe.tops[dimension]),)


class _Gathered:
    """Boxes below the values of a dimension: those of several values that can be one are."""

    def __init__(self) -> None:
        self._values: list[Intervals] = []
        self._forms: list[Forms] = []
        self._by_form: dict[Box, int] = {}

    def add(self, values: Intervals, forms: Forms) -> None:
        """Take in a box below some values."""
        for form in forms:
            at = self._by_form.get(form)
            if at is not None and form in self._forms[at]:
                self._values[at] = union(self._values[at], values)
                self._forms[at] = tuple(one for one in self._forms[at] if one in forms)
                return
        self._by_form.update(dict.fromkeys(forms, len(self._forms)))
        self._values.append(values)
        self._forms.append(forms)

    def boxes(self, dimension: int, absent: Intervals, whole: Intervals) -> Iterator[Forms]:
        """The boxes, with the dimension's values; those below which there are no packets may be in it or not."""
        for values, forms in zip(self._values, self._forms, strict=True):
            ranges = dict.fromkeys((values, union(values, absent)))
            found = [form if one == whole else ((dimension, one), *form) for form in forms for one in ranges]
            yield tuple(sorted(dict.fromkeys(found), key=_complexity)[:_KEPT])


def _complexity(box: Box) -> int:
    return sum(len(values) for _, values in box)


def _dimension(decided: Decided, node: int) -> int:
    return decided.diagrams.dimensions[node] if node >= 0 else len(decided.universe.tops)


def _branches(decided: Decided, dimension: int, node: int, within: Intervals) -> Iterator[tuple[Intervals, int]]:
    """The children of a node that asks a dimension, each with its values; a node that does not ask it, as a whole."""
    if _dimension(decided, node) != dimension:
        yield within, node
        return
    low = 0
    diagrams = decided.diagrams
    for bound, child in zip(diagrams.bounds[node], diagrams.children[node], strict=True):
        if values := intersection(within, ((low, bound),)):
            yield values, child
        low = bound + 1


def _outcome(decided: Decided, leaf: int) -> Outcome:
    if leaf <= TRANSLATED:
        found = decided.translations[TRANSLATED - leaf]
        return Outcome("allowed", found if found.side == "destination" else None)
    if leaf in (UNDECIDED, NOTHING):
        return Outcome("unknown")
    return Outcome("allowed" if leaf == ACCEPT else "denied")


_FATES: tuple[Fate, ...] = ("allowed", "unknown", "denied")
"""From the most open to the least."""


def _opens(was: Outcome, now: Outcome, pairs: frozenset[Pair]) -> bool:
    """Whether more gets through, or may, or gets elsewhere; of what is unknown on both sides: for any answer."""
    if was == now:
        return any(_opens(before, after, frozenset()) for before, after in pairs if before != after)
    return _FATES.index(now.fate) < _FATES.index(was.fate) or (was.fate == now.fate == "allowed")


def _settled(outcomes: set[Outcome]) -> Outcome:
    """The one that it is, or that it is not known."""
    return outcomes.pop() if len(outcomes) == 1 else Outcome("unknown")
