"""What address translation may make of a packet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.firewall.intervals import Intervals, intersection
from policyengine.firewall.protocols import WITH_PORTS
from policyengine.firewall.rules import Condition, Numbers, Translate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.host import Host
    from policyengine.firewall.rules import Family, Field, Hook
    from policyengine.firewall.views import Shift


class Translation(Struct, frozen=True):
    """The addresses and ports that a packet may have afterwards; None: as before.

    ``own``: the address is the host's, and nobody knows which it has.
    """

    side: str
    addresses: Intervals | None = None
    ports: Intervals | None = None
    shift: int | None = None
    own: bool = False

    @property
    def shifting(self) -> Shift | None:
        """How ports are mapped one by one."""
        if self.shift is None or self.ports is None:
            return None
        low, high = self.ports[0][0], self.ports[-1][1]
        return low, high - low + 1, self.shift


Part = tuple[tuple[Condition, ...], Translation | None]
"""The packets for which conditions hold are translated so; None: they stay as they are, and that is final."""

PORTED = Numbers("protocol", tuple((number, number) for number in sorted(WITH_PORTS)))


def parts(action: Translate, family: Family, hook: Hook, host: Host) -> list[Part]:
    """What a rule that translates does, in order of precedence (get_unique_tuple, nf_nat_redirect in the kernel)."""
    side = "destination" if action.does in ("dnat", "redirect") else "source"
    found: list[Part] = []
    for conditions, addresses, own in _addresses(action, side, family, hook, host):
        found += _with_ports(action, side, conditions, addresses, own)
    return found


def _addresses(
    action: Translate, side: str, family: Family, hook: Hook, host: Host
) -> Iterator[tuple[tuple[Condition, ...], Intervals | None, bool]]:
    if action.does in ("dnat", "snat"):
        yield (), action.addresses, False
    elif side == "destination" and hook == "output":
        loopback = 127 << 24 | 1 if family == 4 else 1
        yield (), ((loopback, loopback),), False
    elif host.interfaces is None:
        yield (), None, True
    else:
        yield from _primary(side, family, host)


def _primary(side: str, family: Family, host: Host) -> Iterator[tuple[tuple[Condition, ...], Intervals | None, bool]]:
    """The primary address of the interface that the packet came by, or leaves by."""
    from policyengine.firewall.rules import Interface

    for interface in host.interfaces or ():
        own = [one.address for one in interface.addresses if one.family == family]
        if own:
            where = Interface("in" if side == "destination" else "out", (interface.name,))
            yield (where,), ((own[0], own[0]),), False
    yield (), None, True


def _with_ports(
    action: Translate, side: str, conditions: tuple[Condition, ...], addresses: Intervals | None, own: bool
) -> Iterator[Part]:
    """A port within the range stays; a packet that would become what it is stays as it is."""
    ports = action.ports
    port_field: Field = "dport" if side == "destination" else "sport"
    here = Numbers("destination" if side == "destination" else "source", addresses) if addresses else None
    single = addresses is not None and len(addresses) == 1 and addresses[0][0] == addresses[0][1]
    same_address = (here,) if here is not None and single else () if addresses is None and not own else None
    if ports is None:
        if same_address is not None:
            yield (*conditions, *same_address), None
        yield conditions, Translation(side, addresses, None, None, own)
        return
    if action.shift is None:
        stays = (*conditions, PORTED, Numbers(port_field, ports))
        if same_address is not None:
            yield (*stays, *same_address), None
        yield stays, Translation(side, addresses, None, None, own)
    yield (*conditions, PORTED), Translation(side, addresses, ports, action.shift, own)
    if same_address is not None:
        yield (*conditions, *same_address), None
    yield conditions, Translation(side, addresses, None, None, own)


def within(translation: Translation, addresses: Intervals | None, ports: Intervals | None) -> Translation | None:
    """The translation to these addresses and ports only; None where it never gives such."""
    new_addresses, new_ports = translation.addresses, translation.ports
    if addresses is not None and new_addresses is not None:
        new_addresses = intersection(new_addresses, addresses)
    if ports is not None and new_ports is not None and translation.shift is None:
        new_ports = intersection(new_ports, ports)
    if new_addresses == () or new_ports == ():
        return None
    return Translation(translation.side, new_addresses, new_ports, translation.shift, translation.own)
