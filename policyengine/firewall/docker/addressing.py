"""Addresses for a project that does not run: those that an engine might choose, so that its rules can be written."""

from __future__ import annotations

from ipaddress import ip_network
from itertools import count
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.firewall.addresses import first_and_last
from policyengine.firewall.docker.facts import Subnet
from policyengine.firewall.docker.resources import NetworkPart

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.firewall.docker.facts import Attachment, Engine, EngineContainer, EngineNetwork
    from policyengine.firewall.docker.resources import Part
    from policyengine.firewall.rules import Family

_POOLS: dict[Family, tuple[str, int]] = {4: ("172.16.0.0/12", 16), 6: ("fd00:d0c::/40", 64)}
"""The first of the pools that an engine has unless it is told other ones, and a range of unique local addresses."""


def addressed(engine: Engine, parts: Sequence[Part]) -> Engine:
    """The engine with a range for each network that has none, and an address for each container that has none."""
    with_ipv6 = {part.network.name for part in parts if isinstance(part, NetworkPart) and part.ipv6}
    pools: dict[Family, Iterator[str]] = {4: _pool(4), 6: _pool(6)}
    next(pools[4])  # 172.16.0.0/16 is none of Docker's
    networks = [_ranged(one, index, pools, one.name in with_ipv6) for index, one in enumerate(engine.networks)]
    by_name = {one.name: one for one in networks}
    taken = {address for one in engine.containers for at in one.attachments for address in (at.ipv4, at.ipv6)}
    taken |= {subnet.gateway for one in networks for subnet in one.subnets}
    containers = [_placed(one, by_name, taken) for one in engine.containers]
    return replace(engine, networks=tuple(networks), containers=tuple(containers), addressed=False)


def _pool(family: Family) -> Iterator[str]:
    text, length = _POOLS[family]
    return (str(one) for one in ip_network(text).subnets(new_prefix=length))


def _ranged(network: EngineNetwork, index: int, pools: dict[Family, Iterator[str]], with_ipv6: bool) -> EngineNetwork:
    if network.driver != "bridge" or not network.known:
        return network
    subnets = list(network.subnets)
    for family in (4, 6) if with_ipv6 else (4,):
        if not network.has(family):
            subnets.append(Subnet(family, next(pools[family])))
    bridge = network.bridge or f"br-{index:012x}"
    return replace(network, bridge=bridge, subnets=tuple(map(_with_gateway, subnets)))


def _with_gateway(subnet: Subnet) -> Subnet:
    return subnet if subnet.gateway is not None else replace(subnet, gateway=subnet.bounds[0] + 1)


def _placed(container: EngineContainer, networks: dict[str, EngineNetwork], taken: set[int | None]) -> EngineContainer:
    found = tuple(_at(one, networks[one.network], taken) for one in container.attachments)
    return replace(container, attachments=found)


def _at(attached: Attachment, network: EngineNetwork, taken: set[int | None]) -> Attachment:
    own: dict[Family, int | None] = {4: attached.ipv4, 6: attached.ipv6}
    for subnet in network.subnets:
        if own[subnet.family] is None:
            low, _ = first_and_last(subnet.text, subnet.family)
            own[subnet.family] = next(address for address in count(low + 1) if address not in taken)
            taken.add(own[subnet.family])
    return replace(attached, ipv4=own[4], ipv6=own[6])
