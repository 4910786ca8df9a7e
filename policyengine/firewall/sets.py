"""Sets of addresses, ports and interfaces that rules ask for by name: those of ipset."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from policyengine.firewall.addresses import BITS
from policyengine.firewall.intervals import Intervals, complement, difference, normalised, union
from policyengine.firewall.protocols import TCP, UDP
from policyengine.firewall.rules import NO_CARD, Atom, Condition, Family, Field, Interface, Numbers

Dimension = Literal["ip", "net", "port", "iface", "mac", "mark"]

Alternatives = tuple[tuple[Condition, ...], ...]

LARGEST = 4096
"""More alternatives than these a rule is not given: the set is then a match that is not modelled."""


class Member(Struct, frozen=True):
    """One dimension of an entry: addresses, ports (of a protocol), or the name of an interface."""

    values: Intervals = ()
    protocol: int | None = None
    name: str = ""


class Entry(Struct, frozen=True):
    """``nomatch``: what is within it is not in the set, though a larger entry has it. ``fleeting``: it has a timeout,
    and is not there for good."""

    members: tuple[Member, ...]
    nomatch: bool = False
    fleeting: bool = False


class AddressSet(Struct, frozen=True):
    """A set. ``modelled``: whether all that it holds is known and understood."""

    name: str
    dimensions: tuple[Dimension, ...]
    family: Family
    entries: tuple[Entry, ...] = ()
    modelled: bool = True


def alternatives(asked: AddressSet | None, name: str, sides: list[str], negated: bool, family: Family) -> Alternatives:
    """What ``--match-set NAME SIDES`` matches. A set that is not known is an atom.

    An entry with a timeout is a member now and gone later: whether it is still there nobody knows, of all of a set at
    once.
    """
    unknown: Alternatives = ((Atom(f"set {name} {','.join(sides)}", negated),),)
    if asked is None or not asked.modelled or len(sides) < len(asked.dimensions):
        return unknown
    if asked.family != family and {"ip", "net"} & set(asked.dimensions):
        return ((),) if negated else ()
    if any(entry.fleeting for entry in asked.entries):
        if any(entry.nomatch for entry in asked.entries) or "iface" in asked.dimensions:
            return unknown  # what is left hangs on each of them
        return _with_fleeting(asked, sides, negated, family)
    if len(asked.dimensions) == 1 and asked.dimensions[0] in ("ip", "net"):
        values = _addresses(asked.entries)
        values = complement(values, (1 << BITS[family]) - 1) if negated else values
        return ((Numbers(_field(sides[0]), values),),) if values else ()
    if any(entry.nomatch for entry in asked.entries) or {"mac", "mark"} & set(asked.dimensions):
        return unknown
    entries = _with_ports(_of_smallest(asked.entries) if "iface" in asked.dimensions else asked.entries)
    boxes = [_conditions(asked, entry, sides) for entry in entries]
    found = _outside(boxes, family) if negated else tuple(boxes)
    return unknown if found is None or len(found) > LARGEST else found


def _with_fleeting(asked: AddressSet, sides: list[str], negated: bool, family: Family) -> Alternatives:
    """What is in the set for good; and beside that what is in it as long as its entries do not time out."""
    name = asked.name
    still = Atom(f"set {name} {','.join(sides)}, for as long as its entries do not time out", negated)
    every = tuple(replace(entry, fleeting=False) for entry in asked.entries)
    lasting = tuple(entry for entry in asked.entries if not entry.fleeting)
    now, later = (
        alternatives(replace(asked, entries=entries), name, sides, negated, family) for entries in (every, lasting)
    )
    surely, perhaps = (now, later) if negated else (later, now)
    return (*surely, *((*case, still) for case in perhaps))


def _addresses(entries: tuple[Entry, ...]) -> Intervals:
    """The addresses of a set of networks: the smallest network that an address is in decides."""
    if not any(entry.nomatch for entry in entries):
        return normalised(pair for entry in entries for pair in entry.members[0].values)
    found: Intervals = ()
    taken: Intervals = ()
    for entry in sorted(entries, key=_size):
        if not entry.nomatch:
            found = union(found, difference(entry.members[0].values, taken))
        taken = union(taken, entry.members[0].values)
    return found


def _of_smallest(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Of networks with interfaces the smallest that an address is in decides, whichever interface it is listed with
    (``multi`` in net/netfilter/ipset/ip_set_hash_gen.h and ip_set_hash_netiface.c)."""
    found = []
    for entry in entries:
        network, *rest = entry.members
        smaller = normalised(pair for one in entries if _size(one) < _size(entry) for pair in one.members[0].values)
        if values := difference(network.values, smaller):
            found.append(Entry((Member(values), *rest)))
    return tuple(found)


def _with_ports(entries: tuple[Entry, ...]) -> list[Entry]:
    """Entries that differ in the last of their numbers only are one: sets tell each port on a line of its own."""
    found: dict[tuple[object, ...], list[tuple[int, int]]] = {}
    for entry in entries:
        last = entry.members[-1]
        found.setdefault((*entry.members[:-1], last.protocol, last.name), []).extend(last.values)
    return [
        Entry((*members, Member(normalised(values), protocol, name)))  # type: ignore[arg-type]
        for (*members, protocol, name), values in found.items()
    ]


def _size(entry: Entry) -> int:
    return sum(high - low for low, high in entry.members[0].values)


def _field(side: str) -> Field:
    return "source" if side == "src" else "destination"


_OF_ANY: Intervals = ((TCP, TCP), (UDP, UDP))
"""The protocols of a port that is listed without one (``ip_set_get_ip_port``)."""


def _conditions(asked: AddressSet, entry: Entry, sides: list[str]) -> tuple[Condition, ...]:
    found: list[Condition] = []
    for dimension, member, side in zip(asked.dimensions, entry.members, sides, strict=False):
        if dimension in ("ip", "net"):
            found.append(Numbers(_field(side), member.values))
        elif dimension == "iface":
            found.append(Interface("in" if side == "src" else "out", (member.name,)))
        else:
            protocols = _OF_ANY if member.protocol is None else ((member.protocol, member.protocol),)
            found.append(Numbers("protocol", protocols))
            is_icmp = member.protocol in (1, 58)
            found.append(Numbers("icmp" if is_icmp else "sport" if side == "src" else "dport", member.values))
    return tuple(found)


def _outside(boxes: list[tuple[Condition, ...]], family: Family) -> Alternatives | None:
    """What is in none of the boxes; None where that takes too many alternatives."""
    outside: list[tuple[Condition, ...]] = [()]
    for box in boxes:
        outside = [(*rest, *missed) for rest in outside for missed in _misses(box, family)]
        if len(outside) > LARGEST:
            return None
    return tuple(outside)


def _misses(box: tuple[Condition, ...], family: Family) -> list[tuple[Condition, ...]]:
    """Ways to miss a box: the first condition fails; or it holds, and the second fails; and so on."""
    found: list[tuple[Condition, ...]] = []
    for at, condition in enumerate(box):
        if isinstance(condition, Interface):
            found.append((*box[:at], Interface(condition.side, condition.names, not condition.negated)))
        elif isinstance(condition, Numbers) and (rest := complement(condition.values, TOPS[family][condition.field])):
            found.append((*box[:at], Numbers(condition.field, rest)))
    return found


def _tops(family: Family) -> dict[Field, int]:
    address = (1 << BITS[family]) - 1
    ports = {"dport": 65535, "sport": 65535, "odport": 65535, "icmp": 65535}
    addresses = {"source": address, "destination": address, "odestination": address}
    return {"protocol": 255, "card": NO_CARD, "state": 4, "flags": 63, "nat": 3, **ports, **addresses}  # type: ignore[dict-item]


TOPS: dict[Family, dict[Field, int]] = {4: _tops(4), 6: _tops(6)}
"""The greatest number that each field of a packet may be."""
