"""The published ports of an engine as what they come to: addresses and ports of the host, led to containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.addresses import number
from policyengine.firewall.docker.facts import Engine, EngineContainer, Mapping, Published
from policyengine.firewall.docker.gateways import ways_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.docker.facts import EngineNetwork
    from policyengine.firewall.rules import Family

_ANY: dict[Family, str] = {4: "0.0.0.0", 6: "::"}  # noqa: S104 - what an engine binds, not what we do

_CHOSEN = (32768, 60999)
"""What an engine chooses a port of the host from (``net.ipv4.ip_local_port_range``)."""


def mappings(engine: Engine) -> list[Mapping]:
    """All that is published, in the order of the containers. A container without a way out publishes nothing."""
    return [
        one
        for container in engine.containers
        for port in container.ports
        if not port.ingress and not container.mode
        for one in _of(engine, container, port)
    ]


def _of(engine: Engine, container: EngineContainer, port: Published) -> Iterator[Mapping]:
    first, last = (port.first, port.last) if port.first is not None and port.last is not None else _CHOSEN
    for family in (4, 6):
        target = _target(engine, container, family)
        if target is None:
            continue
        network, address, inside = target
        host_ip = port.host_ip or (network.host_binding if network.host_binding != _ANY[4] else "")
        if not _listens(host_ip, family):
            continue
        if network.mode(inside) == "routed":
            first = last = 0
        host = None if host_ip in ("", _ANY[family]) else number(host_ip, family)
        yield Mapping(
            family=family,
            host=host,
            first=first,
            last=last,
            protocol=port.protocol,
            container=address,
            target=port.target,
            name=container.name,
            network=network,
            where=port.where,
            translated=inside == family,
        )


def _target(engine: Engine, container: EngineContainer, family: Family) -> tuple[EngineNetwork, int, Family] | None:
    """Where what comes by a family ends: IPv6 of the host leads to a container that has IPv4 alone, by the proxy."""
    ways = ways_out(engine, container)
    own = ways[family]
    if own is not None and own[1].address(family) is not None:
        return own[0], own[1].address(family) or 0, family
    other = ways[4]
    if family == 6 and other is not None and engine.userland_proxy and other[1].ipv4 is not None:
        return other[0], other[1].ipv4, 4
    return None


def _listens(host_ip: str, family: Family) -> bool:
    """Whether an address of the host is of a family; none, and 0.0.0.0 that nobody has written, is both's."""
    return not host_ip or (":" in host_ip) == (family == 6)


def of_family(engine: Engine, family: Family) -> list[Mapping]:
    """Those that rules of a family are made for."""
    return [one for one in mappings(engine) if one.family == family and one.translated]
