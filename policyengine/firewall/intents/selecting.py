"""Which places are meant: those that a network knows, by what they are, and what lies outside of it, by address."""

from __future__ import annotations

from fnmatch import fnmatchcase
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.firewall.intents.addresses import EVERY, Addresses
from policyengine.firewall.intents.zones import BUILT_IN, OUTSIDE
from policyengine.firewall.intervals import normalised
from policyengine.firewall.reach import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.firewall.intents.intent import Selector
    from policyengine.firewall.reach import Network

_IPV4, _IPV6 = attrgetter("ipv4"), attrgetter("ipv6")

COMPOSE_SERVICE = "com.docker.compose.service"
SWARM_SERVICE = "com.docker.swarm.service.name"


class Peers:
    """The places of a network, and the zones by name: those that the settings declare come before its own.

    ``places`` are what the network knows by more than its address.
    """

    def __init__(self, network: Network, declared: Mapping[str, Addresses]) -> None:
        known = network.places()
        self.declared = declared
        self.places = [place for place in known if place.kind != "zone"]
        self._own_zones = [place for place in known if place.kind == "zone"]
        self._by_name = {place.name: place for place in reversed(known) if place.kind in ("zone", "host")}

    def outside(self, selectors: Sequence[Selector], cuts: Sequence[Selector]) -> Iterator[Place]:
        """The zones that are meant, cut where ``cuts`` begin and end, without the places that the network knows.

        No selectors: all zones. One that nothing cuts is told as the network knows it.
        """
        taken = self._taken()
        edges = [found for cut in cuts if (found := self.range_of(cut)) is not None]
        for zone in self._zones(selectors):
            whole = _of(zone).without(taken)
            for part in _parts(whole, edges):
                name = zone.name if part == whole else _named(zone, part)
                yield zone if part == _of(zone) else replace(zone, name=name, ipv4=part.ipv4, ipv6=part.ipv6)

    def _zones(self, selectors: Sequence[Selector]) -> Iterator[Place]:
        if not selectors or any(one.zone == OUTSIDE and OUTSIDE not in self.declared for one in selectors):
            yield from self._own_zones or [Place(OUTSIDE, "zone", ipv4=EVERY.ipv4, ipv6=EVERY.ipv6)]
            return
        for one in selectors:
            found = self.zone(one)
            if found is not None and found.kind == "zone":
                yield found

    def zone(self, selector: Selector) -> Place | None:
        """The place of a selector that goes by addresses; of ``host`` that of the network."""
        if selector.addresses is not None:
            found = selector.addresses
            return Place(selector.text, "zone", ipv4=found.ipv4, ipv6=found.ipv6)
        if not selector.zone:
            return None
        declared = self.declared.get(selector.zone)
        if declared is None:
            own = self._by_name.get(selector.zone)
            if own is not None:
                return own
            declared = BUILT_IN.get(selector.zone, Addresses())
        return Place(selector.zone, "zone", ipv4=declared.ipv4, ipv6=declared.ipv6)

    def range_of(self, selector: Selector) -> Addresses | None:
        """The addresses that a selector stands for; None of one that goes by other things."""
        found = self.zone(selector)
        return None if found is None or found.kind != "zone" else _of(found)

    def means(self, selector: Selector, place: Place) -> bool:
        """Whether a place is meant, all of it: by what it is, or by all of its addresses.

        What the network knows is not ``internet``, whatever its addresses, nor any other zone of the network's own.
        """
        zone = self.zone(selector)
        if zone is None:
            return _is(selector, place)
        if zone.kind != "zone":
            return zone.name == place.name
        own = Addresses(place.ipv4 or (), place.ipv6 or ())
        inside = bool(own) and own.within(_of(zone))
        return inside and (place.kind == "zone" or selector.addresses is not None or selector.zone in self.declared)

    def meant(self, selectors: Sequence[Selector]) -> list[Place]:
        """The places that are meant by one of the selectors at least: of addresses, these as they are."""
        found: dict[str, Place] = {}
        for one in selectors:
            zone = self.zone(one)
            listed = [zone] if zone is not None else [place for place in self.places if _is(one, place)]
            inhabited = [place for place in listed if place.kind != "service"]
            found |= {place.name: place for place in inhabited or listed}
        return list(found.values())

    def _taken(self) -> Addresses:
        """The addresses of what the network knows."""
        ipv4, ipv6 = ([one for place in self.places for one in own(place) or ()] for own in (_IPV4, _IPV6))
        return Addresses(normalised(ipv4), normalised(ipv6))


def _of(zone: Place) -> Addresses:
    """The addresses of a zone: one of which they are not known may have any."""
    return Addresses(
        EVERY.ipv4 if zone.ipv4 is None else zone.ipv4,
        EVERY.ipv6 if zone.ipv6 is None else zone.ipv6,
    )


def _is(selector: Selector, place: Place) -> bool:
    """Whether a place is what a selector says that it is."""
    short = place.name.rpartition("/")[2]
    return (
        (not selector.names or any(fnmatchcase(name, one) for one in selector.names for name in (place.name, short)))
        and (not selector.services or any(one in _services(place) for one in selector.services))
        and (not selector.namespaces or place.namespace in selector.namespaces)
        and all(place.labels.get(name) == value for name, value in selector.labels.items())
    )


def _services(place: Place) -> tuple[str, ...]:
    told = (place.labels.get(COMPOSE_SERVICE), place.labels.get(SWARM_SERVICE))
    services = (*place.services, *(name for name in told if name))
    if place.kind == "service" or (place.kind == "container" and not services):
        return (place.name.rpartition("/")[2],)
    return services


def _parts(whole: Addresses, edges: Sequence[Addresses]) -> Iterator[Addresses]:
    """The addresses in parts, each of them within or without each of the edges."""
    parts = [whole]
    for edge in edges:
        parts = [piece for part in parts for piece in (part.both(edge), part.without(edge))]
    yield from filter(None, parts)


def _named(zone: Place, part: Addresses) -> str:
    """What a part of a zone is called: its network where it is one, else the zone it is of."""
    from policyengine.firewall.intents.telling import network_text

    text = network_text(part)
    return f"{zone.name} {text}" if text else f"the rest of {zone.name}"
