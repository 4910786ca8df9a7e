"""What a rule's conditions mean at one point of a packet's way: as boxes of the packet's dimensions.

Before tracking every packet's state is "invalid"; before routing nothing is known of the way out; after translation
the destination is another dimension. And within a query's slice much holds always, or never, and is not asked any more.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from policyengine.firewall.addresses import BITS
from policyengine.firewall.host import ALWAYS_LOCAL, BROADCAST, MULTICAST
from policyengine.firewall.intervals import complement, difference, intersection, normalised, union
from policyengine.firewall.rules import ESTABLISHED, KINDS, AddressType, Interface, Numbers
from policyengine.firewall.universe import (
    BY_FIELD,
    DESTINATION,
    DESTINATION_KIND,
    IN,
    NAT,
    OUT,
    SOURCE_KIND,
    STATE,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.firewall.diagram import Box
    from policyengine.firewall.host import Host
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.rules import Condition, Family, Field, Rule
    from policyengine.firewall.universe import Universe

Boxes = tuple["Box", ...]

ALWAYS: Boxes = ((),)
NEVER: Boxes = ()

UNKNOWN_NAT = -1
"""What has been translated of a packet, where that is not known."""

Shift = tuple[int, int, int]
"""The first port, how many there are, and the port that is mapped to the first."""

_KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}


def fixed_kinds(family: Family) -> dict[str, Intervals]:
    """The addresses whose type is the same on every host."""
    return {"local": ALWAYS_LOCAL[family], "broadcast": BROADCAST[family], "multicast": MULTICAST[family]}


class View:
    """``known`` are the values that dimensions can have here; one that is not there can have any."""

    def __init__(
        self,
        universe: Universe,
        host: Host,
        known: Mapping[int, Intervals],
        fields: Mapping[Field, int] = BY_FIELD,
        kind: int = DESTINATION_KIND,
        nat: int = 0,
        shift: Shift | None = None,
        untracked: bool = False,
        first_way: bool = False,
    ) -> None:
        self.universe = universe
        self.host = host
        self.known = dict(known)
        self.fields = fields
        self.kind = kind
        self.nat = nat
        self.shift = shift
        self.untracked = untracked
        self.first_way = first_way
        self.chains: dict[tuple[int, str], int] = {}
        self._conditions: dict[int, Boxes] = {}
        self._kept: list[Condition] = []
        self._derived: dict[object, View] = {}

    def narrowed(
        self, key: object, known: Mapping[int, Intervals], *, untracked: bool | None = None, first_way: bool = False
    ) -> View:
        """The same view with other values known; one view for one key."""
        found = self._derived.get(key)
        if found is None:
            flag = self.untracked if untracked is None else untracked
            found = self._derived[key] = View(
                self.universe,
                self.host,
                {**self.known, **known},
                self.fields,
                self.kind,
                self.nat,
                self.shift,
                flag,
                first_way,
            )
        return found

    @property
    def destination(self) -> int:
        """The dimension of the destination."""
        return self.fields["destination"]

    def values(self, dimension: int) -> Intervals:
        """The values that a dimension can have."""
        return self.known.get(dimension) or ((0, self.universe.tops[dimension]),)

    def boxes(self, rule: Rule) -> Iterator[Box]:
        """The packets that a rule matches. Boxes may overlap."""
        for conditions in rule.any_of:
            yield from self.joined(conditions)

    def joined(self, conditions: tuple[Condition, ...]) -> Iterator[Box]:
        """The packets for which all conditions hold."""
        merged: dict[int, Intervals] = {}
        several: list[Boxes] = []
        meanings = self._conditions
        for condition in reversed(conditions):
            boxes = meanings.get(id(condition))
            if boxes is None:
                boxes = self._remembered(condition)
            if len(boxes) > 1:
                several.append(boxes)
            elif not boxes or not _merge(merged, boxes[0]):
                return
        yield from _products(merged, several)

    def _remembered(self, condition: Condition) -> Boxes:
        self._kept.append(condition)  # an id is its object's as long as that is there
        boxes = self._conditions[id(condition)] = self.meaning(condition)
        return boxes

    def meaning(self, condition: Condition) -> Boxes:
        """What a condition asks of the packet, within what is known."""
        if isinstance(condition, Numbers):
            if condition.field == "nat":
                return self._translated(condition.values)
            return self._within(self.fields[condition.field], self._as_sent(condition))
        if isinstance(condition, Interface):
            return self._interface(condition)
        if isinstance(condition, AddressType):
            return self._address_type(condition)
        wanted = ((0, 0),) if condition.negated else ((1, 1),)
        return self._within(self.universe.atoms[condition.name], wanted)

    def _within(self, dimension: int, values: Intervals) -> Boxes:
        known = self.known.get(dimension)
        if not values:
            return NEVER
        if known is None:
            return ALWAYS if values == ((0, self.universe.tops[dimension]),) else (((dimension, values),),)
        both = intersection(values, known)
        if not both:
            return NEVER
        return ALWAYS if both == known else (((dimension, self.widened(dimension, both)),),)

    def widened(self, dimension: int, values: Intervals) -> Intervals:
        """The values with those beside them that nothing is asked about: fewer borders make smaller diagrams."""
        known = self.known.get(dimension)
        return values if known is None else widened(values, known, self.universe.tops[dimension])

    def _as_sent(self, condition: Numbers) -> Intervals:
        """Which ports as sent become those asked for, where a range is mapped to another one by one."""
        if self.shift is None or condition.field != "dport":
            return condition.values
        return unshifted(condition.values, self.shift)

    def _translated(self, values: Intervals) -> Boxes:
        """Of a connection that is established nobody knows what was translated; of others it is known."""
        if self.nat == UNKNOWN_NAT:
            return self._within(NAT, values)
        established = ((ESTABLISHED, ESTABLISHED),)
        now = any(low <= self.nat <= high for low, high in values)
        found = [_and(self._within(STATE, established), self._within(NAT, values))]
        if now:
            found.append(self._within(STATE, complement(established, self.universe.tops[STATE])))
        return _or(found)

    def _interface(self, condition: Interface) -> Boxes:
        if self.first_way and condition.side == "out" and self._ways is not None:
            return self._first(condition)
        return self._named(condition)

    def _named(self, condition: Interface) -> Boxes:
        dimension = IN if condition.side == "in" else OUT
        named = normalised(pair for name in condition.names for pair in self.universe.named(name))
        if condition.negated:
            named = complement(named, self.universe.tops[dimension])
        return self._within(dimension, named)

    @cached_property
    def _ways(self) -> dict[str, Intervals] | None:
        """By interface, what the host sends by it; None: not known."""
        outs = self.host.outs(self.universe.family)
        if self.host.interfaces is None:
            return outs
        own = self.host.local(self.universe.family) or ()
        return {name: difference(to, own) for name, to in (outs or {}).items()} | {"lo": own}

    def _first(self, condition: Interface) -> Boxes:
        """By the destination that a packet of the host's own was sent to, where that has a way."""
        ways = self._ways or {}
        routed = normalised(pair for to in ways.values() for pair in to)
        names = [name for name in ways if any(is_named(name, pattern) for pattern in condition.names)]
        to = normalised(pair for name in names for pair in ways[name])
        to = difference(routed, to) if condition.negated else to
        elsewhere = self._within(DESTINATION, complement(routed, self.universe.tops[DESTINATION]))
        return _or([self._within(DESTINATION, to), _and(elsewhere, self._named(condition))])

    def _address_type(self, condition: AddressType) -> Boxes:
        if condition.side == "source":
            return self._of_kind(self.fields["source"], SOURCE_KIND, condition)
        return self._of_kind(self.destination, self.kind, condition)

    def _of_kind(self, address: int, dimension: int, condition: AddressType) -> Boxes:
        family = self.universe.family
        top = (1 << BITS[family]) - 1
        known = kinds(self.host, family)
        everywhere = normalised(pair for pairs in known.values() for pair in pairs)
        mine = known.get(condition.kind, ())
        if condition.negated:
            mine = difference(everywhere, mine)
        found = [self._within(address, mine)]
        elsewhere = self._within(address, complement(everywhere, top))
        wanted: Intervals = ((_KIND_NUMBERS[condition.kind],) * 2,)
        wanted = complement(wanted, len(KINDS) - 1) if condition.negated else wanted
        found.append(_and(elsewhere, self._within(dimension, wanted)))
        return _or(found)


def is_named(name: str, pattern: str) -> bool:
    """Whether an interface's name is one, or begins as one that ends in ``*``."""
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def kinds(host: Host, family: Family) -> dict[str, Intervals]:
    """The addresses of each type, as far as they are known: all of them, where the host's own addresses are."""
    local = host.local(family)
    found = fixed_kinds(family)
    found["local"] = difference(local or found["local"], found["multicast"])
    found["broadcast"] = difference(host.broadcast(family), union(found["local"], found["multicast"]))
    if local is not None:
        found["unicast"] = complement(
            normalised(pair for pairs in found.values() for pair in pairs), (1 << BITS[family]) - 1
        )
    return found


def unshifted(ports: Intervals, shift: Shift) -> Intervals:
    """The ports as sent that are mapped to these: the range is counted through again and again (nf_nat_core.c)."""
    first, count, base = shift
    inside = intersection(ports, ((first, first + count - 1),))
    found: list[tuple[int, int]] = []
    for start in range(0, 65536, count):
        for low, high in inside:
            if start + low - first <= 65535:
                found += _unwrapped(base + start + low - first, base + min(start + high - first, 65535))
    return normalised((low & 0xFFFF, high & 0xFFFF) for low, high in found)


def widened(values: Intervals, known: Intervals, top: int) -> Intervals:
    """Values within ``known``, each with the gap after it, and the first of all with the gap before."""
    ends = {high: following[0] - 1 for (_, high), following in zip(known, (*known[1:], (top + 1, 0)), strict=True)}
    first = known[0][0]
    return normalised((0 if low == first else low, ends.get(high, high)) for low, high in values)


def _unwrapped(low: int, high: int) -> list[tuple[int, int]]:
    return [(low, 65535), (65536, high)] if low <= 65535 < high else [(low, high)]


def _merge(merged: dict[int, Intervals], box: Box) -> bool:
    """Whether anything is left when a box is cut out of what was merged before."""
    for dimension, values in box:
        before = merged.get(dimension)
        if before is not None:
            values = intersection(before, values)
            if not values:
                return False
        merged[dimension] = values
    return True


def _products(merged: dict[int, Intervals], several: list[Boxes]) -> Iterator[Box]:
    if not several:
        yield tuple(sorted(merged.items()))
        return
    for box in several[0]:
        here = dict(merged)
        if _merge(here, box):
            yield from _products(here, several[1:])


def _and(one: Boxes, other: Boxes) -> Boxes:
    found: list[Box] = []
    for here in one:
        for there in other:
            merged = dict(here)
            if _merge(merged, there):
                found.append(tuple(sorted(merged.items())))
    return tuple(found)


def _or(parts: list[Boxes]) -> Boxes:
    if any(part == ALWAYS for part in parts):
        return ALWAYS
    return tuple(box for part in parts for box in part)
