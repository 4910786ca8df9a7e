"""Values by lot that rules are made of, and that packets are then made near: addresses, networks, ports."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from tests.firewall.kernel.lab import DEVICES

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

POOLS = {
    4: """
        10.0.0.0 10.0.3.255 10.0.4.0 10.255.255.255 172.16.0.9 172.17.0.2 172.17.0.3 172.31.255.255 192.168.0.7
        192.168.1.7 8.8.8.8 100.64.0.1 203.0.113.5 203.0.113.6 169.254.169.254
    """,
    6: """
        2001:db8::1 2001:db8::2 2001:db8:d0c::2 2001:db8:d0c::3 2001:db8:d0c:ffff:ffff:ffff:ffff:ffff fd00::1
        fd00:1::7 fd00:1::ffff fd00:2:: fdff:ffff::1 2001:db8:99::5 2606:4700::1111 64:ff9b::808:808
    """,
}
BASES = {4: ("10.0.0.0", "172.16.0.0", "192.168.0.0"), 6: ("2001:db8::", "fd00:1::", "2001:db8:d0c::")}
LENGTHS = {4: (0, 8, 12, 16, 22, 24, 29, 32, 32), 6: (0, 3, 8, 32, 48, 63, 64, 120, 128, 128)}
LIMITED_BROADCAST = (1 << 32) - 1
STRANGERS = {
    4: "127.0.0.1 127.8.8.8 224.0.0.5 239.255.255.250 255.255.255.255 0.0.0.0 0.0.0.5 240.0.0.1 198.51.100.1",
    6: "::1 ff02::1 ff0e::5 2001:db8:51::1",
}
"""What should not come from anywhere (martians), and what is near them but may: addresses of this host among them."""
ODD_TARGETS = {4: "127.0.0.1 127.255.255.255 0.0.0.0 0.0.0.5 240.0.0.1 255.255.255.255", 6: "::1"}
"""Where nothing should be sent to from another host, and what is near that."""
PORTS = (1, 22, 53, 80, 443, 1023, 1024, 5432, 8080, 32768, 65535)

ANYCAST = frozenset(
    int(ipaddress.ip_network(to).network_address) for device in DEVICES for to in device.routes if ":" in to
)
"""The first address of a network is that of any of its routers (RFC 4291): no host has it to itself."""


class Values:
    """``addresses`` and ``ports`` are the bounds of all that was given out."""

    def __init__(self, lot: random.Random, family: int) -> None:
        self.lot = lot
        self.family = family
        self.bits = 32 if family == 4 else 128
        self.local = [int(ipaddress.ip_address(one.ipv4 if family == 4 else one.ipv6)) for one in DEVICES]
        self._pool = [int(ipaddress.ip_address(one)) for one in POOLS[family].split()]
        self._bases = [int(ipaddress.ip_address(one)) for one in BASES[family]]
        self.strangers = [int(ipaddress.ip_address(one)) for one in STRANGERS[family].split()]
        self.odd_targets = [int(ipaddress.ip_address(one)) for one in ODD_TARGETS[family].split()]
        self.addresses: list[int] = [*self._pool]
        self.ports: list[int] = [*PORTS]

    def chance(self, of: float) -> bool:
        return self.lot.random() < of

    def some_address(self) -> int:
        """One of any network, but not the first of one that is routed to; now and then one of this host's."""
        while (address := self._address()) in ANYCAST:
            pass
        return address

    def _address(self) -> int:
        if self.chance(0.08):
            return self.lot.choice(self.local)
        if self.chance(0.6):
            return self.lot.choice(self._pool)
        return self.lot.choice(self._bases) | self.lot.getrandbits(16)

    def text(self, address: int) -> str:
        return str(ipaddress.IPv4Address(address) if self.family == 4 else ipaddress.IPv6Address(address))

    def address(self) -> str:
        return self.text(self._told(self.some_address()))

    def network(self) -> str:
        length = self.lot.choice(LENGTHS[self.family])
        rest = (1 << self.bits - length) - 1
        low = self.some_address() & ~rest
        self.addresses += [low, low | rest]
        return f"{self.text(low)}/{length}"

    def networks(self, count: int) -> list[str]:
        """Networks of which none has a part of another, as sets want them; none is everything."""
        found: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        for _ in range(count):
            one = ipaddress.ip_network(self.network())
            if one.prefixlen and not any(one.overlaps(other) for other in found):
                found.append(one)
        return [str(one) for one in found] or [self.address()]

    def remote(self) -> int:
        """An address that is not this host's."""
        while (address := self.some_address()) in self.local:
            pass
        return self._told(address)

    def remote_range(self) -> tuple[int, int]:
        """A few addresses of which none is this host's; often one.

        They differ in their last 32 bits only: beyond these the kernel chooses what is in no range of IPv6's, too
        (``find_best_ips_proto`` in net/netfilter/nf_nat_core.c goes word by word).
        """
        low = self.remote()
        high = low
        while (
            high + 1 & 0xFFFFFFFF
            and self.chance(0.6)
            and is_unicast(self.family, high + 1)
            and high + 1 not in (*self.local, *ANYCAST)
        ):
            high += 1
        return low, self._told(high)

    def address_range(self) -> str:
        low, high = sorted((self.some_address(), self.some_address()))
        self.addresses += [low, high]
        return f"{self.text(low)}-{self.text(high)}"

    def port_number(self) -> int:
        return self.lot.choice(PORTS) if self.chance(0.8) else self.lot.randrange(65536)

    def port(self) -> str:
        number = self.port_number()
        self.ports.append(number)
        return str(number)

    def port_range(self, between: str = ":") -> str:
        """A port, or a range of some but not of all."""
        low, high = sorted((self.port_number(), self.port_number()))
        if low == high or self.chance(0.5) or (low, high) == (0, 65535):
            high = low
        self.ports += [low, high]
        return str(low) if low == high else f"{low}{between}{high}"

    def ports_apart(self, count: int, between: str = "-") -> list[str]:
        """Ports and ranges of which none has a part of another, as sets of nftables want them."""
        bounds = sorted({self.port_number() for _ in range(2 * count)})
        found = []
        while bounds:
            low = bounds.pop(0)
            high = bounds.pop(0) if bounds and self.chance(0.4) else low
            self.ports += [low, high]
            found.append(str(low) if low == high else f"{low}{between}{high}")
        return found

    def sample(self, things: Sequence[str], most: int) -> list[str]:
        return self.lot.sample(things, self.lot.randint(1, min(most, len(things))))

    def _told(self, address: int) -> int:
        self.addresses.append(address)
        return address


def is_unicast(family: int, address: int) -> bool:
    """Whether the kernel forwards packets from and to an address, as far as that is for the address to say."""
    if family == 4:
        first = address >> 24
        return 0 < first < 224 and first != 127 and address < 1 << 32
    return 1 < address < 1 << 128 and address >> 120 != 0xFF and address >> 118 != 0x3FA and address >> 32 != 0xFFFF
