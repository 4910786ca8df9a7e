"""Sets of addresses of both families, from the texts that people write them as."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.firewall.intervals import Intervals, difference, intersection, normalised, union

if TYPE_CHECKING:
    from collections.abc import Iterable

TOPS = {4: 2**32 - 1, 6: 2**128 - 1}
"""The last address of a family."""


class Addresses(Struct, frozen=True):
    """A set of addresses."""

    ipv4: Intervals = ()
    ipv6: Intervals = ()

    def __bool__(self) -> bool:
        return bool(self.ipv4 or self.ipv6)

    def both(self, other: Addresses) -> Addresses:
        """What is in both."""
        return Addresses(intersection(self.ipv4, other.ipv4), intersection(self.ipv6, other.ipv6))

    def either(self, other: Addresses) -> Addresses:
        """What is in one of them."""
        return Addresses(union(self.ipv4, other.ipv4), union(self.ipv6, other.ipv6))

    def without(self, other: Addresses) -> Addresses:
        """What is not in the other one."""
        return Addresses(difference(self.ipv4, other.ipv4), difference(self.ipv6, other.ipv6))

    def within(self, other: Addresses) -> bool:
        """Whether all of it is in the other one."""
        return not self.without(other)


EVERY = Addresses(((0, TOPS[4]),), ((0, TOPS[6]),))
"""All addresses."""


def addresses(texts: Iterable[str]) -> Addresses:
    """The addresses of networks in CIDR notation, and of single addresses. Raises ValueError for any other text.

    Bits beyond a prefix are of no account, as to netfilter: ``10.1.2.3/8`` is ``10.0.0.0/8``.
    """
    found: dict[int, list[tuple[int, int]]] = {4: [], 6: []}
    for text in texts:
        network = ip_network(text, strict=False)
        found[network.version].append((int(network.network_address), int(network.broadcast_address)))
    return Addresses(normalised(found[4]), normalised(found[6]))


def is_address(text: str) -> bool:
    """Whether a text is an address, or a network in CIDR notation. A zone index (``fe80::1%eth0``) is of one host's
    interfaces (RFC 4007, section 6), and of no account to others.
    """
    if "%" in text:
        return False
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True
