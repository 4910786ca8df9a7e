"""What the left side of a match speaks of: a field of the packet, an interface, or something that is not modelled.

A field that only some packets have (a port, an address of one family) brings what it needs: on all other packets the
match does not hold, whether negated or not, since nft makes the rule break off there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from policyengine.firewall.directions import original, reply
from policyengine.firewall.intervals import Intervals, contains, normalised
from policyengine.firewall.nft import words
from policyengine.firewall.nft.cases import FALSE, TRUE, Cases, NotModelled, both, either, top
from policyengine.firewall.nft.values import intervals
from policyengine.firewall.nft.writing import expression
from policyengine.firewall.rules import NO_CARD, AddressType, Atom, Family, Field, Interface, Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

WIDEST = 65535
"""The largest number of a field whose every value may be tried."""

_PORTED = normalised((number, number) for number in words.PORTED.values())
_OTHERS: Intervals = tuple(
    (low + 1, high - 1)
    for (_, low), (high, _) in zip(((0, -1), *_PORTED), (*_PORTED, (256, 256)), strict=True)
    if low + 1 < high
)


class Selector(Protocol):
    """One thing that is matched. ``needs``: the packets that have it."""

    @property
    def needs(self) -> Cases:
        """The packets that have it at all."""

    def equal(self, values: Sequence[object]) -> Cases:
        """Where it is one of these values. Raises :class:`NotModelled`."""


class Numeric(Struct, frozen=True):
    """A number of the packet: ``told`` gives the cases in which it is one of some, ``words`` names them."""

    needs: Cases
    family: Family
    top: int
    words: Mapping[str, int]
    told: Callable[[Intervals], Cases]

    def equal(self, values: Sequence[object]) -> Cases:
        """Where it is one of these values."""
        return self.told(intervals(values, self.words, self.family, self.top))

    def where(self, holds: Callable[[int], bool]) -> Cases:
        """Where something holds of it, which is tried on every number that it can be."""
        if self.top > WIDEST:
            raise NotModelled
        return self.told(normalised((each, each) for each in range(self.top + 1) if holds(each)))


class Names(Struct, frozen=True):
    """The interface that the packet came in by or goes out by."""

    side: str
    needs: Cases = TRUE

    def equal(self, values: Sequence[object]) -> Cases:
        """Where it is one of these; an index is not modelled."""
        if not all(isinstance(value, str) for value in values):
            raise NotModelled
        return ((Interface("in" if self.side == "in" else "out", tuple(map(str, values))),),) if values else FALSE


class Types(Struct, frozen=True):
    """The type that an address has in the routing table."""

    side: str
    needs: Cases = TRUE

    def equal(self, values: Sequence[object]) -> Cases:
        """Where it is of one of these types."""
        if not all(isinstance(value, str) for value in values):
            raise NotModelled
        side = self.side
        return either(((AddressType("source" if side == "saddr" else "destination", str(kind)),),) for kind in values)


class Opaque(Struct, frozen=True):
    """What is not modelled: ``atom`` names what is asked of it."""

    needs: Cases
    atom: Callable[[str], Atom]
    text: str

    def equal(self, values: Sequence[object]) -> Cases:
        """One unknown for each value."""
        return either(((self.atom(f"{self.text} {expression(value)}"),),) for value in values)


class Circumstances(Struct, frozen=True):
    """Those of a rule: the packets it is read for, the family of its table, its place, what rules rewrite, and whether
    nft ``joins`` inequalities (see joining)."""

    family: Family
    table: str
    place: str
    rewritten: frozenset[str] = frozenset()
    joins: bool = False

    def atom(self, text: str) -> Atom:
        """What depends on when and how often it is asked: an unknown of this rule's own."""
        return Atom(f"{self.place}: {text}")


_CHANGING = frozenset({"mark", "priority", "random", "cpu", "secmark", "nftrace", "time"})
"""Keys of ``meta`` and ``ct`` that one packet may be asked twice with two answers."""


def selector(left: object, around: Circumstances) -> Selector:
    """What an expression on the left side speaks of."""
    kind, said = _entry(left)
    reader = _READERS.get(kind)
    found = reader(said, around) if reader and isinstance(said, dict) else None
    return found or opaque(left, around)


def opaque(left: object, around: Circumstances) -> Opaque:
    """An expression as what is not modelled."""
    kind, said = _entry(left)
    text = expression(left)
    key = str(said.get("key")) if isinstance(said, dict) else ""
    packets_own = kind in _OF_THE_PACKET and key not in _CHANGING and text not in around.rewritten
    needs = _carried(said, around) if kind == "payload" and isinstance(said, dict) else TRUE
    return Opaque(needs, Atom if packets_own else around.atom, text)


_OF_THE_PACKET = frozenset(
    {"payload", "meta", "ct", "fib", "exthdr", "ip option", "tcp option", "jhash", "socket", "service"}
)


def _entry(value: object) -> tuple[str, object]:
    return next(iter(value.items())) if isinstance(value, dict) and len(value) == 1 else ("", value)


def _field(field: Field, values: Intervals) -> Cases:
    return ((Numbers(field, values),),) if values else FALSE


def _numbers(field: Field, around: Circumstances, needs: Cases, names: Mapping[str, int] | None = None) -> Numeric:
    """A field that a packet's number is directly."""
    return Numeric(needs, around.family, top(field, around.family), names or {}, lambda found: _field(field, found))


def _payload(said: dict[str, object], around: Circumstances) -> Selector | None:
    """A field of a header."""
    protocol, field = str(said.get("protocol")), str(said.get("field"))
    needs = _carried(said, around)
    if protocol in ("ip", "ip6"):
        return _of_ip(field, around, needs)
    if protocol == "ether" and field == "saddr" and "ether saddr" not in around.rewritten:
        return Numeric(_CARRIED_BY_ETHERNET, around.family, NO_CARD - 1, {}, lambda found: _field("card", found))
    if protocol == "th" and field in ("sport", "dport"):
        return Numeric(TRUE, around.family, 65535, {}, _ported(field, around, f"th {field}"))
    if protocol in words.PORTED and field in ("sport", "dport"):
        return _numbers("sport" if field == "sport" else "dport", around, needs)
    if protocol == "tcp" and field == "flags":
        return Numeric(needs, around.family, 255, words.FLAGS, _flags)
    return _of_icmp(protocol, field, around, needs)


_CARRIED_BY_ETHERNET = _field("card", ((0, NO_CARD - 1),))


def _of_ip(field: str, around: Circumstances, needs: Cases) -> Selector | None:
    """``ip6 nexthdr`` is taken for the protocol: packets are thought of without extension headers."""
    if field in ("saddr", "daddr"):
        return _numbers("source" if field == "saddr" else "destination", around, needs)
    if field in ("protocol", "nexthdr"):
        return _numbers("protocol", around, needs, words.PROTOCOLS)
    return None


def _of_icmp(protocol: str, field: str, around: Circumstances, needs: Cases) -> Selector | None:
    if protocol not in ("icmp", "icmpv6") or field not in ("type", "code"):
        return None
    names = {
        ("icmp", "type"): words.ICMP_TYPES,
        ("icmp", "code"): words.ICMP_CODES,
        ("icmpv6", "type"): words.ICMPV6_TYPES,
        ("icmpv6", "code"): words.ICMPV6_CODES,
    }[(protocol, field)]
    return Numeric(needs, around.family, 255, names, _icmp_type if field == "type" else _icmp_code)


def _icmp_type(found: Intervals) -> Cases:
    return _field("icmp", tuple((low * 256, high * 256 + 255) for low, high in found))


def _icmp_code(found: Intervals) -> Cases:
    return _field(
        "icmp", normalised((kind * 256 + low, kind * 256 + high) for kind in range(256) for low, high in found)
    )


_FAMILY_OF: Mapping[str, Family] = {"icmp": 4, "igmp": 4, "icmpv6": 6}


def _carried(said: dict[str, object], around: Circumstances) -> Cases:
    """The packets that have a header."""
    protocol = str(said.get("protocol"))
    if protocol in ("ip", "ip6"):
        return TRUE if around.family == (4 if protocol == "ip" else 6) else FALSE
    if protocol == "arp":
        return FALSE
    # In tables of one family nft asks for the protocol alone, in others for the family that it belongs to as well.
    own = _FAMILY_OF.get(protocol, around.family)
    if around.table not in ("ip", "ip6") and own != around.family:
        return FALSE
    number = words.PROTOCOLS.get({"comp": "ipcomp"}.get(protocol, protocol))
    return TRUE if number is None else _field("protocol", ((number, number),))


def _ported(field: str, around: Circumstances, text: str) -> Callable[[Intervals], Cases]:
    """A port of a packet of any protocol; of one without ports it is something else, which is not modelled."""

    def told(found: Intervals) -> Cases:
        ports = both(_field("protocol", _PORTED), _field(_PORT_FIELDS[field], found))
        shown = ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in found)
        atom = around.atom if text in around.rewritten else Atom
        return either((ports, both(_field("protocol", _OTHERS), ((atom(f"{text} {shown}"),),))))

    return told


_PORT_FIELDS: Mapping[str, Field] = {"sport": "sport", "dport": "dport", "proto-dst": "odport"}


def _flags(found: Intervals) -> Cases:
    """The six flags that are modelled; where the other two (``ecn``, ``cwr``) matter they are unknowns."""
    by_others = [
        normalised((each, each) for each in range(64) if contains(found, each | others << 6)) for others in range(4)
    ]
    if all(one == by_others[0] for one in by_others):
        return _field("flags", by_others[0])
    ecn, cwr = Atom("tcp flags ecn"), Atom("tcp flags cwr")
    no_ecn, no_cwr = Atom("tcp flags ecn", negated=True), Atom("tcp flags cwr", negated=True)
    pairs = (((no_ecn, no_cwr),), ((ecn, no_cwr),), ((no_ecn, cwr),), ((ecn, cwr),))
    return either(both(_field("flags", one), pair) for one, pair in zip(by_others, pairs, strict=True))


def _meta(said: dict[str, object], around: Circumstances) -> Selector | None:
    key = str(said.get("key"))
    if key in ("iif", "iifname", "oif", "oifname"):
        return Names("in" if key.startswith("i") else "out")
    if key == "l4proto":
        return _numbers("protocol", around, TRUE, words.PROTOCOLS)
    if key == "nfproto":
        return _constant(words.NFPROTO, "ipv4" if around.family == 4 else "ipv6", around)
    if key == "protocol":
        return _constant(words.ETHERTYPES, "ip" if around.family == 4 else "ip6", around)
    return None


def _constant(names: Mapping[str, int], name: str, around: Circumstances) -> Numeric:
    """What is the same for all packets of a family."""
    return Numeric(TRUE, around.family, 65535, names, lambda found: TRUE if contains(found, names[name]) else FALSE)


_TRACKED = _field("state", ((0, 2),))
"""New, established or related: packets of a connection. Of others there is nothing to be told of one."""


def _ct(said: dict[str, object], around: Circumstances) -> Selector | None:
    """What connection tracking knows."""
    key, direction = str(said.get("key")), said.get("dir")
    if key == "state":
        return Numeric(TRUE, around.family, 127, words.STATES, _states)
    if key == "status":
        return Numeric(_TRACKED, around.family, 1023, words.STATUS, _status)
    if key == "direction":
        return Numeric(_TRACKED, around.family, 255, words.DIRECTIONS, _direction)
    if key == "protocol":
        return _numbers("protocol", around, _TRACKED, words.PROTOCOLS)
    if key == "l3proto":
        return _constant(words.NFPROTO, "ipv4" if around.family == 4 else "ipv6", around)
    if direction == "original" and key in ("daddr", "ip daddr", "ip6 daddr"):
        other = {"ip daddr": 4, "ip6 daddr": 6}.get(key, around.family) != around.family
        return _numbers("odestination", around, FALSE if other else _TRACKED)
    if direction == "original" and key == "proto-dst":
        return Numeric(_TRACKED, around.family, 65535, {}, _ported(key, around, "ct original proto-dst"))
    return None


_STATE_BITS = (8, 2, 4, 1, 64)
"""Of the states in the order of STATES."""


def _states(found: Intervals) -> Cases:
    return _field("state", normalised((each, each) for each, bit in enumerate(_STATE_BITS) if contains(found, bit)))


def _direction(found: Intervals) -> Cases:
    name = "ct direction original"
    told = [cases for number, cases in enumerate((original(name), reply(name))) if contains(found, number)]
    return TRUE if len(told) == 2 else either(told)


def _status(found: Intervals) -> Cases:
    """Of a connection's status, what of it was translated (dnat 32, snat 16), where nothing else matters."""
    told = {number for low, high in found for number in range(low, high + 1)}
    values = []
    for nat in range(4):
        bits = (nat & 1) * 32 | (nat >> 1) * 16
        outcomes = {(others | bits) in told for others in range(1024) if not others & 48}
        if len(outcomes) > 1:
            raise NotModelled
        values += [(nat, nat)] * outcomes.pop()
    return _field("nat", normalised(values))


def _fib(said: dict[str, object], _: Circumstances) -> Selector | None:
    flags = said.get("flags")
    side = flags[0] if isinstance(flags, list) and len(flags) == 1 else flags
    if said.get("result") != "type" or side not in ("saddr", "daddr"):
        return None
    return Types(str(side))


_READERS: Mapping[str, Callable[[dict[str, object], Circumstances], Selector | None]] = {
    "payload": _payload,
    "meta": _meta,
    "ct": _ct,
    "fib": _fib,
}
