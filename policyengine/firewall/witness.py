"""An example of the packets that fare in one way, chosen so that its reader knows at a glance what it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.firewall.addresses import number
from policyengine.firewall.answers import verdict
from policyengine.firewall.diagram import NOTHING
from policyengine.firewall.intents.zones import INTERNET
from policyengine.firewall.interpreter import walk
from policyengine.firewall.intervals import Intervals, contains, difference, intersection, normalised
from policyengine.firewall.packets import SOME_CARD, Concrete, Kinds, Verdict
from policyengine.firewall.protocols import TCP, UDP
from policyengine.firewall.rules import ESTABLISHED, KINDS, NEW, RELATED, Family, Field
from policyengine.firewall.universe import (
    CARD,
    DESTINATION,
    DESTINATION_KIND,
    DPORT,
    FLAGS,
    ICMP,
    IN,
    NAT,
    NEW_DESTINATION,
    NEW_DPORT,
    NEW_KIND,
    NEW_SOURCE,
    NEW_SPORT,
    OUT,
    PROTOCOL,
    SOURCE,
    SOURCE_KIND,
    SPORT,
    STATE,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policyengine.firewall.answers import Decided
    from policyengine.firewall.host import Host
    from policyengine.firewall.universe import Universe


class Wish(Struct, frozen=True):
    """What the packet should look like, where there is a choice: addresses and ports, the best first."""

    source: tuple[int, ...] = ()
    destination: tuple[int, ...] = ()
    dport: tuple[int, ...] = ()


DOCUMENTATION: dict[Family, tuple[int, ...]] = {
    4: tuple(number(text, 4) for text in ("198.51.100.77", "203.0.113.10", "192.0.2.10", "10.0.0.10", "192.168.1.10")),
    6: tuple(number(text, 6) for text in ("2001:db8::77", "2001:db8:1::10", "fd00::10")),
}
"""Addresses that nobody has (RFC 5737, RFC 3849), then some that everybody knows."""

ARRIVING: dict[Family, tuple[int, ...]] = {
    4: tuple(number(text, 4) for text in ("203.0.113.10", "192.0.2.10", "198.51.100.78", "10.0.0.20", "192.168.1.20")),
    6: tuple(number(text, 6) for text in ("2001:db8:1::10", "2001:db8:2::10", "fd00::20")),
}
"""The same for destinations."""

PORTS = (443, 80, 22, 5432, 8080)


def witness(decided: Decided, wanted: Verdict, wish: Wish | None = None) -> Concrete | None:
    """A packet that fares so; None: there is none. A packet on which the rules disagree is a bug, and raised as one."""
    if wanted == "absent":
        raise ValueError("what does not take a path cannot be shown on it")
    leaves = {leaf for leaf in decided.diagrams.leaves(decided.diagram) if leaf != NOTHING and verdict(leaf) == wanted}
    wish, wanted_leaves = wish or Wish(), frozenset(leaves)
    searches = (_Search(decided, wish, wanted_leaves, *one) for one in _attempts(decided, wish))
    values = next((one for search in searches if (one := search.values()) is not None), None)
    if values is None:
        return None
    packet = _packet(decided, values)
    found = walk(decided.ruleset, decided.host, packet)
    if found.verdict != wanted:
        raise RuntimeError(f"the diagram says {wanted}, the rules say {found.verdict}: {packet}")
    return packet


def _attempts(decided: Decided, wish: Wish) -> Iterator[tuple[Mapping[int, int], Intervals]]:
    """Addresses, each with the interfaces that a packet is to come by: what is sent from outside comes by those to
    containers only where nothing else will do."""
    every = decided.known[IN]
    likely = difference(every, _to_containers(decided.universe)) if _is_outside(decided) else every
    for ways in (likely, every) if likely != every else (every,):
        if ways:
            yield from ((ends, ways) for ends in _ends(decided, wish) if _is_asked(decided, ends))


_TO_CONTAINERS = re.compile(
    r"(?:docker|podman|cni|virbr|lxcbr|lxdbr)[0-9]+|docker_gwbridge|br-[0-9a-f]{12}|veth.*"
).fullmatch
"""What engines and hypervisors call the interfaces that lead to their containers and machines."""


def _to_containers(universe: Universe) -> Intervals:
    return normalised((at, at) for at, name in enumerate(universe.interfaces) if _TO_CONTAINERS(name))


def _is_outside(decided: Decided) -> bool:
    """Whether it is asked about packets that may be sent from anywhere, and not from private networks alone."""
    internet = INTERNET.ipv4 if decided.query.family == 4 else INTERNET.ipv6
    return bool(intersection(internet, decided.query.sent.get("source", _ANY)))


def _is_asked(decided: Decided, ends: Mapping[int, int]) -> bool:
    """Whether addresses are of those that were asked about."""
    return all(contains(decided.known[at], one) for at, one in ends.items() if at in decided.known)


def _ends(decided: Decided, wish: Wish) -> Iterator[Mapping[int, int]]:
    """Addresses to try to show a packet with, the most readable first, and at last whichever there are.

    Without them the order of dimensions would choose: any address that is routed to the first of the interfaces. The
    host's own is that of the interface which leads to the other end.
    """
    query, family = decided.query, decided.query.family
    senders = _among(query.sent.get("source"), (*wish.source, *DOCUMENTATION[family]))
    receivers = _among(
        query.sent.get("destination", query.reached.get("destination")), (*wish.destination, *ARRIVING[family])
    )
    if query.path == "loopback":
        asked = query.sent.get("destination", query.reached.get("destination", _ANY))
        own = [one for one in _itself(decided, wish) if contains(asked, one)]
        sources = query.sent.get("source", _ANY)
        yield from ({SOURCE: one, DESTINATION: one} for one in own if contains(sources, one))
        yield from ({DESTINATION: one} for one in own)
        yield {}
        return
    if query.path == "input":
        yield from ({SOURCE: one, DESTINATION: own} for one in senders for own in _near(decided.host, one, family))
        yield from ({SOURCE: one} for one in senders)
    for there in receivers if query.path != "input" else ():
        here = _near(decided.host, there, family) if query.path == "output" else senders
        yield from ({SOURCE: one, DESTINATION: there} for one in here)
        yield {DESTINATION: there}
    yield {}


def _itself(decided: Decided, wish: Wish) -> tuple[int, ...]:
    """Addresses at which a host may speak to itself."""
    return (*_own(decided), *wish.destination, number("127.0.0.1", 4) if decided.query.family == 4 else 1)


def _near(host: Host, address: int, family: Family) -> list[int]:
    """The host's addresses of the interfaces by which it sends to an address."""
    outs = host.outs(family) or {}
    leading = [one for one in host.interfaces or () if contains(outs.get(one.name, ()), address)]
    return [one.address for each in leading for one in each.addresses if one.family == family][:_TRIES]


def _among(asked: Intervals | None, readable: Iterable[int]) -> list[int]:
    """The addresses that were asked about, and one that was in any case, of a network not its own address."""
    found = [address for address in readable if contains(asked or (), address)][:_TRIES]
    return [*found, *(low if low == high else low + 1 for low, high in (asked or ())[:1])]


_ANY: Intervals = ((0, (1 << 128) - 1),)

_TRIES = 3
"""So many readable addresses of each side are tried."""


class _Search:
    """The first packet with a wanted leaf, by preference of its values in the order of dimensions. ``ends`` are values
    that are already chosen, ``ways`` the interfaces that it may come by."""

    def __init__(
        self, decided: Decided, wish: Wish, wanted: frozenset[int], ends: Mapping[int, int], ways: Intervals
    ) -> None:
        self.decided = decided
        self.ends = ends
        self.ways = ways
        self.diagrams = decided.diagrams
        self.wanted = wanted
        self.preferred = _preferences(decided, wish)
        self.loopback = decided.universe.interface("lo")
        self.failed: set[int] = set()
        self.found: dict[int, int] = {}
        self.leaf = NOTHING

    def values(self) -> dict[int, int] | None:
        """The values by dimension."""
        if not self._go(self.decided.diagram):
            return None
        every = range(len(self.diagrams.tops))
        return {at: self.found[at] if at in self.found else self._best(at, self._slice(at)) for at in every}

    def _slice(self, dimension: int) -> Intervals:
        if dimension in self.ends:
            return ((self.ends[dimension],) * 2,)
        if dimension == IN:
            return self.ways
        return self.decided.known.get(dimension, ((0, self.diagrams.tops[dimension]),))

    def _go(self, node: int) -> bool:
        if node < 0:
            self.leaf = node
            return node in self.wanted
        if node in self.failed:
            return False
        dimension = self.diagrams.dimensions[node]
        for value, child in self._tries(node, dimension):
            if self._go(child):
                self.found[dimension] = value
                return True
        self.failed.add(node)
        return False

    def _tries(self, node: int, dimension: int) -> list[tuple[int, int]]:
        """A value for each child, the most preferred first."""
        tries: list[tuple[int, int, int]] = []
        slice_ = self._slice(dimension)
        low = 0
        for bound, child in zip(self.diagrams.bounds[node], self.diagrams.children[node], strict=True):
            here = intersection(((low, bound),), slice_)
            low = bound + 1
            if here:
                value = self._best(dimension, here)
                tries.append((self._rank(dimension, value), value, child))
        return [(value, child) for _, value, child in sorted(tries)]

    def _rank(self, dimension: int, value: int) -> int:
        if dimension in (IN, OUT):
            return 1 if value == self.loopback else 0
        preferred = self.preferred.get(dimension, ())
        return preferred.index(value) if value in preferred else len(preferred)

    def _best(self, dimension: int, values: Intervals) -> int:
        for value in self.preferred.get(dimension, ()):
            if any(low <= value <= high for low, high in values):
                return value
        low, high = values[0]
        if dimension in (IN, OUT) and low == self.loopback and (low < high or len(values) > 1):
            return low + 1 if low < high else values[1][0]
        is_address = dimension in (SOURCE, DESTINATION, NEW_DESTINATION, NEW_SOURCE)
        return low + 1 if is_address and high - low > 1 else low


def _preferences(decided: Decided, wish: Wish) -> dict[int, tuple[int, ...]]:
    family = decided.query.family
    received = ("unicast",) if decided.query.path in ("forward", "output") else ("local", "broadcast")
    kinds = tuple(KINDS.index(kind) for kind in received)
    return {
        SOURCE: (*wish.source, *DOCUMENTATION[family]),
        DESTINATION: (*wish.destination, *_own(decided), *ARRIVING[family]),
        NEW_DESTINATION: wish.destination,
        DPORT: (*wish.dport, *PORTS),
        NEW_DPORT: wish.dport,
        SPORT: (40000,),
        PROTOCOL: (TCP, UDP, 1 if family == 4 else 58),
        STATE: (NEW, ESTABLISHED, RELATED),
        CARD: (SOME_CARD, SOME_CARD + 1),
        FLAGS: (2, 16),
        ICMP: (8 * 256 if family == 4 else 128 * 256,),
        DESTINATION_KIND: kinds,
        NEW_KIND: kinds,
    }


def _own(decided: Decided) -> tuple[int, ...]:
    """The host's addresses other than its loopback's, for what it receives."""
    if decided.query.path not in ("input", "loopback"):
        return ()
    family = decided.query.family
    own = [one.address for each in decided.host.interfaces or () for one in each.addresses if one.family == family]
    return tuple(sorted(own, key=lambda address: address >> 24 == 127 or address == 1))


def _packet(decided: Decided, values: dict[int, int]) -> Concrete:
    return Concrete(
        family=decided.query.family,
        path=decided.query.path,
        source=values[SOURCE],
        destination=values[DESTINATION],
        into=_interface(decided, values[IN], decided.query.into),
        out=_interface(decided, values[OUT], decided.query.out),
        protocol=values[PROTOCOL],
        state=values[STATE],
        sport=values[SPORT],
        dport=values[DPORT],
        flags=values[FLAGS],
        icmp=values[ICMP],
        nat=values[NAT],
        card=values[CARD],
        atoms={name: True for name, dimension in decided.universe.atoms.items() if values[dimension]},
        kinds=_kinds(values),
        chosen=_chosen(values),
    )


def _interface(decided: Decided, value: int, asked: tuple[str, ...] | None) -> str:
    """A name for an interface: its own, or one that is asked for, or one that is common and that no rule names."""
    universe = decided.universe
    name = universe.interfaces[value]
    if not name.endswith("*"):
        return name
    common = (f"{name[:-1]}{number}" for number in range(len(universe.interfaces) + 1))
    ethernet = (f"eth{number}" for number in range(len(universe.interfaces) + 1))
    candidates = [*(asked or ()), *(ethernet if name == "*" else common)]
    return next(one for one in candidates if universe.interface(one) == value)


def _kinds(values: dict[int, int]) -> dict[Kinds, str]:
    return {
        "source": KINDS[values[SOURCE_KIND]],
        "destination": KINDS[values[DESTINATION_KIND]],
        "translated": KINDS[values[NEW_KIND]],
    }


def _chosen(values: dict[int, int]) -> dict[Field, int]:
    return {
        "destination": values[NEW_DESTINATION],
        "dport": values[NEW_DPORT],
        "source": values[NEW_SOURCE],
        "sport": values[NEW_SPORT],
    }
