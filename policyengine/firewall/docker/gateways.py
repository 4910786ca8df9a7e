"""Which of its networks a container sends by what is for elsewhere, and has its published ports on.

``Endpoint.Less`` and ``getGatewayEndpoint`` of libnetwork: https://github.com/moby/moby/tree/v29.0.0/daemon/libnetwork.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.docker.facts import is_at_least

if TYPE_CHECKING:
    from policyengine.firewall.docker.facts import Attachment, Engine, EngineContainer, EngineNetwork
    from policyengine.firewall.rules import Family

    Way = tuple[EngineNetwork, Attachment]

_LEADING = frozenset({"bridge", "macvlan", "ipvlan"})
"""The drivers whose networks have a gateway. Those of overlay have none: their containers are given another bridge."""


def ways_out(engine: Engine, container: EngineContainer) -> dict[Family, Way | None]:
    """By family the bridge network that is a container's way out, and the container on it; None where there is none.

    No internal network is one. Of others it is that of the highest priority, which only 28 and later know; of equal
    ones that with addresses of both families, then the first by name. Before 28 one network is the way out of both
    families. From 28 each family has its own, but a network of both is that of both, whatever the priorities of the
    others: until moby/moby#52328, since when each family goes by priority.
    """
    found = sorted(_usable(engine, container), key=lambda way: _rank(engine, way))
    both = next((way for way in found if _has_both(way)), None)
    if not is_at_least(engine, 28):
        first = found[0] if found else None
        return {4: _of(first, 4), 6: _of(first, 6)}
    if both is not None and not is_at_least(engine, *_BY_FAMILY):
        return {4: _of(both, 4), 6: _of(both, 6)}
    return {4: _first(found, 4), 6: _first(found, 6)}


_BY_FAMILY = (29, 5)


def _usable(engine: Engine, container: EngineContainer) -> list[Way]:
    found = [(network, one) for one in container.attachments if (network := engine.network(one.network)) is not None]
    return [
        (network, one)
        for network, one in found
        if network.driver in _LEADING and not network.internal and (one.ipv4 is not None or one.ipv6 is not None)
    ]


def _rank(engine: Engine, way: Way) -> tuple[int, bool, str]:
    network, attached = way
    return (-attached.priority if is_at_least(engine, 28) else 0, not _has_both(way), network.name)


def _has_both(way: Way) -> bool:
    return way[1].ipv4 is not None and way[1].ipv6 is not None


def _first(found: list[Way], family: Family) -> Way | None:
    return _of(next((way for way in found if way[1].address(family) is not None), None), family)


def _of(way: Way | None, family: Family) -> Way | None:
    """Unless it has no address of the family, or is no bridge: what goes by another driver the host does not see."""
    return way if way is not None and way[0].driver == "bridge" and way[1].address(family) is not None else None
