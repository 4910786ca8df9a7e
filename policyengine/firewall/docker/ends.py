"""Where packets start and where they are to arrive, as the host of an engine sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.firewall.addresses import BITS
from policyengine.firewall.docker.facts import EngineContainer, EngineNetwork, holder
from policyengine.firewall.docker.gateways import ways_out
from policyengine.firewall.docker.surroundings import own_subnets
from policyengine.firewall.host import LOOPBACK
from policyengine.firewall.intervals import Intervals, difference, intersection, normalised, union

if TYPE_CHECKING:
    from policyengine.firewall.docker.facts import Engine
    from policyengine.firewall.host import Host
    from policyengine.firewall.reach import Place
    from policyengine.firewall.rules import Family


class Origin(Struct, frozen=True):
    """Packets from these addresses come in by ``into`` (None: the host makes them), to ``sent``.

    ``network`` is that of a container. ``sent`` is what its routes send to the host: all but what is on its own
    network; where the network is not its way out, nothing but the host's address on it.
    """

    into: tuple[str, ...] | None
    sources: Intervals | None
    sent: Intervals | None = None
    network: EngineNetwork | None = None


def everything(family: Family) -> Intervals:
    """All addresses."""
    return ((0, (1 << BITS[family]) - 1),)


def peers(network: EngineNetwork, family: Family) -> Intervals:
    """The addresses that are reached within a network, without the host."""
    found = normalised(one.bounds for one in network.subnets if one.family == family)
    return difference(found, gateways(network, family))


def gateways(network: EngineNetwork, family: Family) -> Intervals:
    """The host's addresses on a network."""
    own = [one.gateway for one in network.subnets if one.family == family and one.gateway is not None]
    return normalised((address, address) for address in own)


class Ends:
    """What places are, to a host and its engine."""

    def __init__(self, engine: Engine, host: Host) -> None:
        self.engine = engine
        self.host = host
        self._containers = {one.name: one for one in engine.containers}

    def container(self, place: Place) -> EngineContainer | None:
        """The container whose network a place has."""
        found = self._containers.get(place.name) if place.kind == "container" else None
        return holder(self.engine, found) if found is not None else None

    def doubt(self, place: Place) -> str:
        """Why it is not known which networks a place has; empty where that is known."""
        found = self._containers.get(place.name) if place.kind == "container" else None
        if found is None:
            return ""
        held = holder(self.engine, found)
        return held.doubt if held is not None else f"whose network {found.name} has: {found.mode} is not known here"

    def is_host(self, place: Place) -> bool:
        """Whether a place is the host: itself, a container with its network, or addresses of its own alone."""
        if place.kind == "container":
            container = self.container(place)
            return container is not None and container.mode == "host"
        if place.kind == "host":
            return True
        own = {family: union(self.host.local(family) or (), LOOPBACK[family]) for family in (4, 6)}
        within = [not difference(_of(place, family), own[family]) for family in (4, 6)]
        return all(within) and bool(_of(place, 4) or _of(place, 6))

    def attached(self, container: EngineContainer, family: Family) -> list[tuple[EngineNetwork, int]]:
        """The networks that a container has an address of a family on, and the address."""
        found = [(self.engine.network(one.network), one.address(family)) for one in container.attachments]
        return [(network, address) for network, address in found if network is not None and address is not None]

    def origins(self, place: Place, family: Family) -> list[Origin]:
        """Where packets of a place come from."""
        if self.is_host(place):
            return [Origin(None, None)]
        container = self.container(place)
        if container is not None:
            return [
                self._origin(container, network, address, family)
                for network, address in self.attached(container, family)
                if network.driver == "bridge"
            ]
        return self._of_zone(place, family) if place.kind == "zone" else []

    def _origin(self, container: EngineContainer, network: EngineNetwork, address: int, family: Family) -> Origin:
        main = ways_out(self.engine, container)[family]
        on_link = peers(network, family)
        is_way_out = main is not None and main[0].name == network.name
        sent = difference(everything(family), on_link) if is_way_out else gateways(network, family)
        return Origin((network.bridge,), ((address, address),), sent, network)

    def _of_zone(self, place: Place, family: Family) -> list[Origin]:
        """From elsewhere; from bridges only what is addresses of these alone, as nobody else has them."""
        addresses = _of(place, family)
        outside = difference(addresses, own_subnets(self.engine, family))
        if outside:
            return [Origin(self.outer(), outside, everything(family))]
        found = []
        for network in self.engine.bridges(family):
            inside = intersection(addresses, peers(network, family))
            if inside:
                sent = difference(everything(family), peers(network, family))
                found.append(Origin((network.bridge,), inside, sent, network))
        return found

    def outer(self) -> tuple[str, ...]:
        """The interfaces of the host that are none of the engine's."""
        own = {network.bridge for network in self.engine.networks}
        names = tuple(one.name for one in self.host.interfaces or () if one.name not in own and one.name != "lo")
        return tuple(name for name in names if not name.startswith("veth"))

    def faces(self, family: Family) -> list[int]:
        """The host's addresses that others know it by."""
        outer = self.outer()
        found = [one for each in self.host.interfaces or () if each.name in outer for one in each.addresses]
        return [one.address for one in found if one.family == family]

    def targets(self, place: Place, family: Family) -> Intervals:
        """The addresses that packets to a place arrive at in the end: of containers, those that the host leads to."""
        container = self.container(place)
        if container is not None:
            found = self.attached(container, family)
            return normalised((address, address) for network, address in found if network.driver == "bridge")
        local = union(self.host.local(family) or (), LOOPBACK[family])
        return difference(_of(place, family), local) if place.kind == "zone" else ()

    def unruled(self, place: Place) -> list[EngineNetwork]:
        """The networks of a container that are no bridges of this host, or of which nothing is known."""
        container = self.container(place)
        if container is None or container.mode in ("host", "none"):
            return []
        found = [self.engine.network(one.network) for one in container.attachments]
        return [one for one in found if one is not None and (one.driver != "bridge" or not one.known)]


def _of(place: Place, family: Family) -> Intervals:
    """The addresses of a zone: one of which they are not known may have any."""
    own = place.ipv4 if family == 4 else place.ipv6
    return everything(family) if own is None else own
