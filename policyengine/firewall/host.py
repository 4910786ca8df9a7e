"""What is known of a host beside its rules: its interfaces, their addresses, and where it sends what.

From these follow which packets are the host's own to receive (input) and by which interface others leave (forward).
"""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from policyengine.firewall.addresses import BITS, first_and_last
from policyengine.firewall.intervals import Intervals, difference, normalised, union
from policyengine.firewall.rules import Family  # noqa: TC001 - structures are made by these types

LOOPBACK: dict[Family, Intervals] = {4: ((127 << 24, (128 << 24) - 1),), 6: ((1, 1),)}
"""127.0.0.0/8 and ::1: on no wire."""

ALWAYS_LOCAL: dict[Family, Intervals] = {4: ((127 << 24, (128 << 24) - 2),), 6: ((1, 1),)}
"""Local on every host: those of the loopback, but for the last of IPv4's, which is a broadcast to the kernel."""

MULTICAST: dict[Family, Intervals] = {4: ((224 << 24, (240 << 24) - 1),), 6: ((0xFF << 120, (1 << 128) - 1),)}
"""224.0.0.0/4 and ff00::/8."""

BROADCAST: dict[Family, Intervals] = {4: ((0, 0), ((128 << 24) - 1,) * 2, ((1 << 32) - 1,) * 2), 6: ()}
"""What the kernel takes for a broadcast wherever it is: 0.0.0.0, 127.255.255.255 and 255.255.255.255
(``inet_addr_type``, and the routes that a loopback interface comes with).

The rest of 0.0.0.0/8 are addresses as others are, since Linux 5.3 (``ipv4_is_zeronet``).
"""

LINK_MULTICAST: Intervals = ((224 << 24, (224 << 24) + 255),)
"""224.0.0.0/24, which nobody forwards (RFC 5771)."""


class HostAddress(Struct, frozen=True):
    """An address of an interface, with the length of its network's prefix."""

    family: Family
    address: int
    length: int

    @property
    def broadcast(self) -> Intervals:
        """The last address of its network, where that has room for one."""
        if self.family == 6 or self.length > 30:
            return ()
        last = self.address | ((1 << (32 - self.length)) - 1)
        return ((last, last),)


class HostInterface(Struct, frozen=True):
    """An interface; the first of its addresses of a family is its primary one."""

    name: str
    addresses: tuple[HostAddress, ...] = ()


class Route(Struct, frozen=True):
    """Packets to these addresses leave by an interface (None: they do not leave: blackhole, unreachable, prohibit)."""

    family: Family
    to: tuple[int, int]
    out: str | None
    metric: int = 0


class Host(Struct, frozen=True, dict=True):
    """``interfaces`` and ``routes``; None: not known, and then every address may be local, and every way out taken."""

    interfaces: tuple[HostInterface, ...] | None = None
    routes: tuple[Route, ...] | None = None

    def local(self, family: Family) -> Intervals | None:
        """The addresses that are the host's own."""
        return self._local[family]

    def addresses(self, family: Family) -> Intervals | None:
        """All that is nobody else's: its own addresses, and the whole of the loopback's network."""
        local = self.local(family)
        return None if local is None else union(local, LOOPBACK[family])

    def broadcast(self, family: Family) -> Intervals:
        """The addresses that are broadcast."""
        return self._broadcast[family]

    def outs(self, family: Family) -> dict[str, Intervals] | None:
        """By interface, what is sent by it: the longest prefix wins, then the lowest metric; of equals, either."""
        return self._outs[family]

    @cached_property
    def _local(self) -> dict[Family, Intervals | None]:
        return {4: self._own(4), 6: self._own(6)}

    def _own(self, family: Family) -> Intervals | None:
        if self.interfaces is None:
            return None
        own = ((one.address, one.address) for one in self._addresses(family))
        return normalised((*own, *ALWAYS_LOCAL[family]))

    @cached_property
    def _broadcast(self) -> dict[Family, Intervals]:
        own = [pair for one in self._addresses(4) for pair in one.broadcast]
        return {4: normalised((*own, *BROADCAST[4])), 6: ()}

    def _addresses(self, family: Family) -> list[HostAddress]:
        return [one for each in self.interfaces or () for one in each.addresses if one.family == family]

    @cached_property
    def _outs(self) -> dict[Family, dict[str, Intervals] | None]:
        return {4: self._ways(4), 6: self._ways(6)}

    def _ways(self, family: Family) -> dict[str, Intervals] | None:
        if self.routes is None:
            return None
        found: dict[str, Intervals] = {}
        taken: Intervals = ()
        for group in _by_precedence([route for route in self.routes if route.family == family]):
            for route in group:
                if route.out is not None:
                    found[route.out] = union(found.get(route.out, ()), difference((route.to,), taken))
            taken = normalised((*taken, *(route.to for route in group)))
        return found


def _by_precedence(routes: list[Route]) -> list[list[Route]]:
    """The routes in groups of those to the same addresses with the same metric, the first to be taken first."""
    groups: dict[tuple[int, int, int], list[Route]] = {}
    for route in routes:
        groups.setdefault((route.to[1] - route.to[0], route.metric, route.to[0]), []).append(route)
    return [groups[key] for key in sorted(groups)]


UNKNOWN_HOST = Host()
"""A host of which nothing is known."""


def host_address(text: str) -> HostAddress:
    """``10.0.0.1/24`` or ``fe80::1/64``; without a length: of its own alone. Raises ValueError."""
    family: Family = 6 if ":" in text else 4
    address, _, length = text.partition("/")
    low, _ = first_and_last(address, family)
    return HostAddress(family, low, int(length) if length else BITS[family])


def route(to: str, out: str | None, metric: int = 0, family: Family = 4) -> Route:
    """``default`` (of ``family``), or a network as text."""
    if to == "default":
        return Route(family, (0, (1 << BITS[family]) - 1), out, metric)
    family = 6 if ":" in to else 4
    return Route(family, first_and_last(to, family), out, metric)
