"""The network of this host, by its live rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.connections.host_firewall import URL as HOST
from policyengine.firewall.reach import Place

if TYPE_CHECKING:
    from policyengine.firewall.host import Host, HostInterface
    from policyengine.firewall.host_network import HostNetwork
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.rules import Family

__all__ = ["HOST", "live_network"]

_FAMILIES: tuple[Family, ...] = (4, 6)


def live_network() -> HostNetwork:
    """The network of this host, by its live rules. Raises :class:`SourceError`: see ``host_firewall``."""
    from policyengine.firewall.host_network import HostNetwork
    from policyengine.inputs.firewall.live import live

    found, _ = live()
    return HostNetwork(HOST, found.ruleset, found.host, neighbours(found.host))


def neighbours(host: Host) -> tuple[Place, ...]:
    """The networks that interfaces are in, each called as its interface is; the host's own addresses are not theirs."""
    found = ((one, {family: _beside(one, family, host) for family in _FAMILIES}) for one in host.interfaces or ())
    return tuple(Place(one.name, "zone", ipv4=of[4], ipv6=of[6]) for one, of in found if of[4] or of[6])


def _beside(interface: HostInterface, family: Family, host: Host) -> Intervals:
    """The addresses of neighbours: neither the host's own, nor a network's first and last, nor of the link only."""
    from policyengine.firewall.addresses import BITS, first_and_last, shown
    from policyengine.firewall.host import LOOPBACK
    from policyengine.firewall.intervals import difference, normalised, union

    own = [one for one in interface.addresses if one.family == family and one.length < BITS[family] - 1]
    spans = [first_and_last(f"{shown(one.address, family)}/{one.length}", family) for one in own]
    inner = normalised((low + 1, high) for low, high in spans)
    of_links = (first_and_last("fe80::/10", 6),) if family == 6 else ()
    taken = union(host.local(family) or (), union(host.broadcast(family), union(LOOPBACK[family], of_links)))
    return difference(inner, taken)
