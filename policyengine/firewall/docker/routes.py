"""All ways from one place to another by an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.addresses import BITS
from policyengine.firewall.decisions import Decisions
from policyengine.firewall.docker import ingress
from policyengine.firewall.docker.ends import Ends, Origin, peers
from policyengine.firewall.docker.mappings import mappings
from policyengine.firewall.docker.ways import EVERYTHING, FIRST, Bridged, Closed, Proxied, Relayed, Ruled, Unsure
from policyengine.firewall.host import LOOPBACK
from policyengine.firewall.intervals import contains, intersection, normalised, union
from policyengine.firewall.protocols import PROTOCOLS
from policyengine.firewall.queries import Query
from policyengine.firewall.reach import PORTS, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.docker.facts import Engine, EngineContainer, EngineNetwork, Mapping
    from policyengine.firewall.docker.ways import Way
    from policyengine.firewall.host import Host
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.reach import Place
    from policyengine.firewall.rules import Family, Field, Ruleset

HOSTS_OWN = "the rules of the host itself: an engine does not tell them"
BRIDGED = "whether frames within a bridge go through the rules (net.bridge.bridge-nf-call-iptables)"
PUBLISHED = "the ports that its service has on every node: only managers of a Swarm know them"
PUBLISHABLE: dict[str, Intervals] = {"tcp": PORTS, "udp": PORTS, "sctp": PORTS}


def _lets_through(network: EngineNetwork) -> str:
    how = f"its driver is {network.driver}" if network.known else "it is external"
    return f"what the network {network.name} lets through: {how}"


class Routes:
    """The ways through one engine's host. ``ruleset`` is ``whole`` where it is all that the host has."""

    def __init__(self, engine: Engine, ruleset: Ruleset, host: Host) -> None:
        self.engine = engine
        self.ruleset = ruleset
        self.host = host
        self.decisions = Decisions(ruleset, host)
        self.ends = Ends(engine, host)
        self._mappings = mappings(engine)
        self._of: dict[str, list[Mapping]] = {}
        for one in self._mappings:
            self._of.setdefault(one.name, []).append(one)
        self._spread = ingress.spread(engine)

    def ways(self, source: Place, target: Place) -> list[Way]:
        """Every way there is; none where no network leads there."""
        if source.kind == target.kind == "zone":
            return []
        if self.ends.is_host(source) and self.ends.is_host(target):
            return [Bridged(4, None, None, Step(None, "both are the host", "reaches itself"))]
        found = [*self._doubtful(source, target), *self._unruled(source, target)]
        for family in (4, 6):
            for origin in self.ends.origins(source, family):
                found += self._from(origin, target, family)
        return found

    def _doubtful(self, source: Place, target: Place) -> Iterator[Way]:
        """By networks of which it is not known who is on them, and by ports that may be published."""
        for place in (source, target):
            if doubt := self.ends.doubt(place):
                step = Step(place.where, f"it is not known which networks {place.name} has", "may reach it")
                yield Unsure((Bridged(4, None, None, step),), doubt)
        container = self.ends.container(target)
        if container is None or not self._has_way_out(container):
            return
        for one in container.unread:
            step = Step(container.where, f"it is not known what {container.name} publishes", "may reach it")
            yield Unsure((Bridged(4, None, None, step, one.ports),), one.why)

    def _unruled(self, source: Place, target: Place) -> Iterator[Way]:
        """By networks that are no bridges of this host: on one such network nothing is in between; of one that is
        made elsewhere, and of what comes and goes by it, who knows. Nobody comes or goes by an overlay: it has no
        gateway, and what leads out of its containers, and to the ports that they publish, is a bridge beside it."""
        one, other = self.ends.unruled(source), self.ends.unruled(target)
        for network in (network for network in one if network in other):
            step = Step(network.where, f"both are on the network {network.name}", "reaches it directly")
            way = Bridged(4, None, None, step)
            yield way if network.known else Unsure((way,), _lets_through(network))
        containers = source.kind == target.kind == "container" and not any(map(self.ends.is_host, (source, target)))
        sender = self.ends.container(source)
        if containers and (sender is None or not self._has_way_out(sender)):
            return
        apart = [network for network in (*one, *other) if not containers or (network in one) != (network in other)]
        for network in (network for network in apart if network.driver != "overlay"):
            step = Step(network.where, f"one of them is on the network {network.name}", "may reach it")
            ports = self._published(target) if containers else EVERYTHING
            if ports:
                yield Unsure((Bridged(4, None, None, step, ports),), _lets_through(network))

    def _published(self, target: Place) -> dict[str, Intervals]:
        """What of a container is published, on whichever network it has a way out by."""
        container = self.ends.container(target)
        found: dict[str, Intervals] = {}
        for port in container.ports if container is not None and self._has_way_out(container) else ():
            found[port.protocol] = union(found.get(port.protocol, ()), ((port.target, port.target),))
        return found

    def _has_way_out(self, container: EngineContainer) -> bool:
        """Whether a container has a network to publish ports on, or may have one."""
        networks = [self.engine.network(one.network) for one in container.attachments]
        return any(one is not None and not one.internal for one in networks)

    def _from(self, origin: Origin, target: Place, family: Family) -> Iterator[Way]:
        if self.ends.is_host(target):
            yield self._received(origin, family)
            return
        targets = self.ends.targets(target, family)
        if targets:
            if origin.network is not None:
                yield from self._on_link(origin, origin.network, targets, family)
            yield self._routed(origin, targets, family)
        container = self.ends.container(target)
        for mapping in self._mappings if container is None else self._of.get(container.name, ()):
            leads = container is not None or (mapping.translated and contains(targets, mapping.container))
            if leads and mapping.family == family and self.engine.userland_proxy and mapping.first:
                yield self._proxied(origin, mapping)
        if container is not None and family == 4:
            yield from self._spread_to(origin, container)

    def _received(self, origin: Origin, family: Family) -> Way:
        """By the host itself, whose own rules an engine does not tell."""
        sent = self._sent(origin, self._own(family), family)
        way = self._ruled(Query(family, "input", sent, into=origin.into))
        return way if self.ruleset.whole else Unsure((way,), HOSTS_OWN)

    def _own(self, family: Family) -> Intervals:
        return union(self.host.local(family) or (), LOOPBACK[family])

    def _sent(self, origin: Origin, destination: Intervals | None, family: Family) -> dict[Field, Intervals]:
        """What is known of the packets of an origin: the first of a connection, from there, to where it sends them."""
        sources = origin.sources if origin.sources is not None else self._own(family)
        found: dict[Field, Intervals] = {**FIRST, "source": sources}
        to = origin.sent if destination is None else destination
        if destination is not None and origin.sent is not None:
            to = intersection(destination, origin.sent)
        return found if to is None else {**found, "destination": to}

    def _on_link(self, origin: Origin, network: EngineNetwork, targets: Intervals, family: Family) -> Iterator[Way]:
        """Within the bridge."""
        there = intersection(targets, peers(network, family))
        if not there:
            return
        sent: dict[Field, Intervals] = {**FIRST, "source": origin.sources or (), "destination": there}
        ruled = self._ruled(Query(family, "forward", sent, into=(network.bridge,), out=(network.bridge,)))
        step = Step(network.where, f"both are on the network {network.name}", "reaches it within the bridge")
        source, target = ((origin.sources or ((0, 0),))[0][0], there[0][0])
        bridged = Bridged(family, source, target, step)
        if self.engine.filters_bridged is False:
            yield bridged
        elif self.engine.filters_bridged or not self.ruleset.whole:
            yield ruled
        else:
            yield Unsure((ruled, bridged), BRIDGED)

    def _routed(self, origin: Origin, targets: Intervals, family: Family) -> Ruled:
        """By the host, to the address itself or to one that is translated to it."""
        path = "output" if origin.into is None else "forward"
        query = Query(
            family,
            path,  # type: ignore[arg-type]
            self._sent(origin, None, family),
            {"destination": targets},
            into=origin.into,
        )
        return self._ruled(query)

    def _ruled(self, query: Query) -> Ruled:
        """Shown by a packet to the host, as it reaches one from outside, or to the target itself."""
        sent = query.sent.get("destination") or ((0, (1 << BITS[query.family]) - 1),)
        own = normalised((one, one) for one in self.ends.faces(query.family)[:1])
        wanted = [((low, high),) for low, high in query.reached.get("destination", ()) if low == high]
        tries = (intersection(own, sent), *(intersection(each, sent) for each in wanted))
        return Ruled(self.decisions, query, tuple(each for each in tries if each))

    def _proxied(self, origin: Origin, mapping: Mapping) -> Way:
        """By the proxy, which listens where the port is published."""
        family, number = mapping.family, PROTOCOLS[mapping.protocol]
        at: Intervals = self._own(family) if mapping.host is None else ((mapping.host, mapping.host),)
        sent = self._sent(origin, at, family)
        if not sent["destination"]:
            return Closed(Step(mapping.where, "the port is published on another address", "does not listen"))
        sent |= {"protocol": ((number, number),), "dport": ((mapping.first, mapping.last),)}
        if origin.into is None:
            leaving = self._ruled(Query(family, "output", sent, {"destination": at}))
            there: tuple[Ruled, ...] = (leaving, self._ruled(Query(family, "input", sent, into=("lo",))))
        else:
            there = (self._ruled(Query(family, "input", sent, into=origin.into)),)
        return Proxied(there, self._onward(mapping), mapping)

    def _onward(self, mapping: Mapping) -> Ruled:
        """From the proxy, which is the host, to the container."""
        family: Family = 4 if mapping.container < 1 << 32 and mapping.network.has(4) else 6
        target = ((mapping.container, mapping.container),)
        sent: dict[Field, Intervals] = {**FIRST, "source": self._own(family)}
        return self._ruled(Query(family, "output", sent, {"destination": target}))

    def _spread_to(self, origin: Origin, container: EngineContainer) -> Iterator[Way]:
        """By a port that every node of the Swarm takes; which these are workers are not told."""
        relay, service = ingress.sandbox(self.engine), container.service or container.name
        if relay is None:
            return
        if not self.engine.ingress_known and ingress.SERVICE in container.labels:
            step = Step(container.where, "a port of every node of the Swarm", "may lead to it")
            yield Unsure((Bridged(4, None, None, step, PUBLISHABLE),), PUBLISHED)
        for one in self._spread:
            if one.service == service:
                way = self._routed(origin, ((relay, relay),), 4)
                step = Step(
                    one.where, f"port {one.port}/{one.protocol} of every node", f"leads to a task's {one.target}"
                )
                yield Relayed(way, one.protocol, one.port, one.target, step)
