"""The host that an engine runs on, as far as the engine tells: its bridges, and one interface that leads elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.addresses import BITS, number
from policyengine.firewall.docker.mappings import mappings
from policyengine.firewall.host import (
    LOOPBACK,
    MULTICAST,
    Host,
    HostAddress,
    HostInterface,
    Route,
    host_address,
    route,
)
from policyengine.firewall.intervals import complement, difference, normalised, union

if TYPE_CHECKING:
    from policyengine.firewall.docker.facts import Engine, EngineNetwork, Subnet
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.rules import Family

ELSEWHERE = "eth0"
"""What the interface is called that leads to all that is no container, where nobody tells its name."""

STAND_INS = ("198.51.100.1/24", "2001:db8::1/64")
"""Its addresses, where nobody tells them: addresses for documentation (RFC 5737, RFC 3849) that nobody has."""


def surroundings(engine: Engine) -> Host:
    """The host of an engine, of which nothing but the engine is known."""
    bound = {(one.family, one.host) for one in mappings(engine) if one.host is not None}
    own = [HostAddress(family, address, BITS[family]) for family, address in sorted(bound) if not _is_loopback(address)]
    outer = HostInterface(ELSEWHERE, (*map(host_address, STAND_INS), *own))
    bridges = [network for network in engine.networks if network.driver == "bridge" and network.known]
    interfaces = (HostInterface("lo"), outer, *(_bridge(network) for network in bridges))
    routes = [_way(network, subnet) for network in bridges for subnet in network.subnets]
    outward = [route("default", ELSEWHERE, family=family) for family in (4, 6)]
    return Host(interfaces, (*routes, *outward))


def _is_loopback(address: int) -> bool:
    return address == number("::1", 6) or (address < 1 << 32 and address >> 24 == 127)


def _bridge(network: EngineNetwork) -> HostInterface:
    addresses = [
        HostAddress(subnet.family, subnet.gateway, int(subnet.text.partition("/")[2]))
        for subnet in network.subnets
        if subnet.gateway is not None and network.mode(subnet.family) != "isolated"
    ]
    return HostInterface(network.bridge, tuple(addresses))


def _way(network: EngineNetwork, subnet: Subnet) -> Route:
    return Route(subnet.family, subnet.bounds, network.bridge)


def own_subnets(engine: Engine, family: Family) -> Intervals:
    """The addresses of the engine's networks."""
    return normalised(one.bounds for network in engine.networks for one in network.subnets if one.family == family)


def beyond(engine: Engine, host: Host, family: Family) -> Intervals:
    """The addresses of all that is neither a container nor the host."""
    own = union(own_subnets(engine, family), union(host.local(family) or (), LOOPBACK[family]))
    return difference(complement(own, (1 << BITS[family]) - 1), MULTICAST[family])
