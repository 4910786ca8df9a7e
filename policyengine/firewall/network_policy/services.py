"""Services, and the ports of nodes that lead to Pods: what reaches the Pods behind them, by the ports in front.

Traffic for a Service's own address is taken for traffic for one of its Pods, on whichever node it is:
https://kubernetes.io/docs/reference/networking/virtual-ips/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from policyengine.firewall.intervals import contains, difference, intersection, normalised
from policyengine.firewall.network_policy.chosen import NOTHING, Chosen, surely
from policyengine.firewall.network_policy.population import addresses
from policyengine.firewall.network_policy.ports import ICMP, TOP, TRANSPORTS
from policyengine.firewall.network_policy.reached import Members, Reach
from policyengine.firewall.network_policy.rules import LABELS, PORTS, named_ports
from policyengine.firewall.reach import PORTS as ALL_PORTS
from policyengine.firewall.reach import Flows, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.network_policy.cluster import Cluster
    from policyengine.firewall.network_policy.written import Written

NO_SELECTOR = "the Service has no selector: where it leads is not in the manifests"
ELSEWHERE = "the Service stands for a DNS name outside"
CLIENT = "whether policies see a client's address or a node's is implementation-defined"
INTERNAL = "who reaches a load balancer of the cloud's own network is not in the manifests"
NODE_PORT = "the cluster chooses the node port"
OF_NODES = "what the nodes themselves let through is not in the manifests"

NODE_PORTS: Intervals = ((30000, 32767),)
"""What the cluster chooses node ports from, where it is not told otherwise.

https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
"""


class Served(NamedTuple):
    """A port of a Service, or of nodes: the port in front, and the number or the name of the Pods' behind it."""

    protocol: str
    port: int
    number: int | None
    name: str
    node_port: int | None


def served_ports(service: Written) -> Iterator[Served]:
    """The ports of a Service that can be read."""
    ports = service.facts.get("ports")
    for port in ports if isinstance(ports, list) else ():
        if not isinstance(port, dict):
            continue
        protocol, front, behind = port.get("protocol", "TCP"), port.get("port"), port.get("target_port")
        if isinstance(protocol, str) and protocol.lower() in TRANSPORTS and isinstance(front, int):
            text = behind if isinstance(behind, str) else str(front)
            number = int(text) if text.isascii() and text.isdigit() and int(text) <= TOP else None
            node_port = port.get("node_port")
            yield Served(protocol.lower(), front, number, text, node_port if isinstance(node_port, int) else None)


class Service(Struct, frozen=True):
    """A Service and the Pods behind it; None where no selector says which."""

    place: Place
    written: Written
    behind: Chosen | None

    def pods(self) -> list[int]:
        """The numbers of the Pods that are behind it, or may be."""
        bits = self.behind.possible if self.behind is not None else 0
        return [at for at in range(bits.bit_length()) if bits >> at & 1]


class _Front:
    """What is found to get through, by the ports in front; ``only``: by one of them, or by those of a protocol."""

    def __init__(self, only: tuple[str, int | None] | None = None) -> None:
        self._only = only
        self._passes: dict[str, list[tuple[int, int]]] = {}
        self._may_pass: dict[str, list[tuple[int, int]]] = {}
        self._why: dict[str, None] = {}

    def put(self, protocol: str, ports: Intervals, passes: int, may_pass: int, why: Iterable[str]) -> None:
        """Of some ports, whether what comes by them passes, or may."""
        protocol_, port = self._only or (protocol, None)
        if protocol != protocol_ or not (port is None or contains(ports, port)):
            return
        if passes:
            self._passes.setdefault(protocol, []).extend(ports)
        elif may_pass:
            self._may_pass.setdefault(protocol, []).extend(ports)
            self._why |= dict.fromkeys(why)

    def all_may_pass(self, why: str) -> None:
        """Of all ports nothing more is known."""
        for protocol in (*TRANSPORTS, ICMP):
            self.put(protocol, ALL_PORTS, 0, 1, (why,))

    def flows(self) -> Flows:
        allowed = {protocol: normalised(ports) for protocol, ports in self._passes.items()}
        unknown = {
            protocol: left
            for protocol, ports in self._may_pass.items()
            if (left := difference(normalised(ports), allowed.get(protocol, ())))
        }
        return Flows(allowed, unknown, tuple(self._why) if unknown else ())


class Services:
    """The Services of a cluster."""

    def __init__(self, cluster: Cluster, kept: Sequence[Written]) -> None:
        self._cluster = cluster
        self.all = [self._service(one) for one in kept]
        self._by_name = {one.place.name: one for one in self.all}

    def _service(self, written: Written) -> Service:
        facts, people = written.facts, self._cluster.population
        selector = facts.get("selector")
        behind = None
        if selector:
            selector = {"match_labels": selector} if isinstance(selector, dict) else selector
            behind = people.labelled(selector).within(people.of_namespace(written.namespace))
        labels = facts.get("labels")
        texts = {key: text for key, text in labels.items() if isinstance(text, str)} if isinstance(labels, dict) else {}
        external = facts.get("external_ips")
        ipv4, ipv6 = addresses([facts.get("cluster_ip"), *(external if isinstance(external, list) else [])])
        name = f"{written.namespace}/service/{written.name}"
        place = Place(name, "service", written.namespace, texts, ipv4 or None, ipv6 or None, written.where)
        return Service(place, written, behind)

    def named(self, place: Place) -> Service | None:
        """The Service that a place is; or whose address alone it has."""
        if place.kind == "service":
            return self._by_name.get(place.name)
        return next((one for one in self.all if _same(one.place, place)), None) if place.kind == "zone" else None

    def flows(self, source: Place, service: Service, only: tuple[str, int | None] | None = None) -> Flows:
        """What gets from a place to a Service's Pods by its ports; by the node ports of one for the outside."""
        cluster, kind = self._cluster, service.written.facts.get("type", "ClusterIP")
        front, members = _Front(only), cluster.members(source)
        if service.behind is None:
            front.all_may_pass(ELSEWHERE if kind == "ExternalName" else NO_SELECTOR)
            return front.flows()
        if service.written.facts.get("cluster_ip") == "None":  # its name is resolved to the Pods' own addresses
            return cluster.told(cluster.reach(members, cluster.members(service.place)))
        inside = members._replace(outside=0)
        if inside.pods or inside.nodes:
            self._put(front, service, inside)
        if members.outside:
            self._from_outside(front, service, source, members._replace(pods=(), nodes=False))
        return front.flows()

    def _from_outside(self, front: _Front, service: Service, source: Place, members: Members) -> None:
        """What comes from outside the cluster: by node ports, a load balancer or external addresses."""
        facts = service.written.facts
        if _on_nodes(service):
            self._put(front, service, members, outside=True, on_nodes=True)
        balanced = facts.get("load_balancer")
        if balanced == "restricted" and not _let_in(facts.get("load_balancer_source_ranges"), source):
            balanced = None
        if balanced is not None or facts.get("external_ips"):
            doubt = "" if balanced in ("open", "restricted") else INTERNAL
            self._put(front, service, members, outside=True, doubt=doubt)

    def of_nodes(self, source: Place) -> Flows:
        """What gets from outside to the nodes' ports that lead to Pods. Of their other ports nothing is known, nor of
        what a Pod's own policies take these for.
        """
        front, members = _Front(), self._cluster.members(source)
        if members.outside:
            for service in self.all:
                if _on_nodes(service):
                    self._put(front, service, members, outside=True, on_nodes=True)
            for at, pod in enumerate(self._cluster.population.pods):
                reach = self._cluster.reach(members._replace(pods=(), nodes=False), Members((at,)))
                for protocol, host_port, number in pod.host_ports:
                    mask = self._cluster.ports.mask(protocol, number, number)
                    front.put(
                        protocol,
                        ((host_port, host_port),),
                        reach.passes & mask,
                        reach.may_pass & mask,
                        reach.reasons(mask),
                    )
        front.all_may_pass(OF_NODES)
        return front.flows()

    def _put(
        self,
        front: _Front,
        service: Service,
        members: Members,
        *,
        outside: bool = False,
        on_nodes: bool = False,
        doubt: str = "",
    ) -> None:
        """What gets from some members to a Service's Pods: to one of them is enough."""
        behind = service.behind or NOTHING
        for port in served_ports(service.written):
            known, numbers = _node_ports(port) if on_nodes else (True, ((port.port, port.port),))
            for at in service.pods():
                reach = self._reach(service, members, at) if outside else self._cluster.reach(members, Members((at,)))
                to = self._target(port, at)
                sure = known and not doubt and behind.sure >> at & 1
                why = (
                    *reach.reasons(to.possible),
                    *((LABELS,) if not behind.sure >> at & 1 else ()),
                    *((doubt,) if doubt else ()),
                )
                why = (*why, *(() if known else (NODE_PORT,)), *((PORTS,) if to.sure != to.possible else ()))
                front.put(port.protocol, numbers, sure and reach.passes & to.sure, reach.may_pass & to.possible, why)

    def behind(self, service: Service, protocol: str, port: int, *, outside: bool) -> list[int]:
        """The ports of the Pods that a port of a Service leads to: from outside the cluster, or within it."""
        if service.written.facts.get("cluster_ip") == "None":
            return [port]
        found = []
        for one in served_ports(service.written):
            if one.protocol == protocol and port in _in_front(service, one, outside=outside):
                named = (pod.ports for pod in map(self._cluster.population.pods.__getitem__, service.pods()))
                numbers = [number for all_ in named for name, of, number in all_ if (name, of) == (one.name, protocol)]
                found += numbers if one.number is None else [one.number]
        return found

    def _target(self, port: Served, pod: int) -> Chosen:
        ports = self._cluster.ports
        if port.number is not None:
            return surely(ports.mask(port.protocol, port.number, port.number))
        return named_ports(self._cluster.population.pods[pod], ((port.name, port.protocol),), ports)

    def _reach(self, service: Service, members: Members, pod: int) -> Reach:
        """What gets in from outside by a node: policies see the client where the Service says that it stays known.

        https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-services
        """
        cluster, to = self._cluster, Members((pod,))
        found = cluster.reach(members, to)
        if service.written.facts.get("external_traffic_policy") == "Local":
            return found
        by_all = cluster.passes_from_all(pod)
        everything = cluster.ports.everything
        return Reach(found.passes & by_all, everything, (*found.why, (everything, CLIENT)))


def _on_nodes(service: Service) -> bool:
    return service.written.facts.get("type") in ("NodePort", "LoadBalancer") and service.behind is not None


def _in_front(service: Service, port: Served, *, outside: bool) -> list[int | None]:
    """The numbers by which a port of a Service is reached."""
    if not outside:
        return [port.port]
    facts = service.written.facts
    open_ = facts.get("load_balancer") is not None or facts.get("external_ips")
    return [*([port.node_port] if _on_nodes(service) else []), *([port.port] if open_ else [])]


def _node_ports(port: Served) -> tuple[bool, Intervals]:
    """Whether a port's node port is known, and which it may be."""
    return (False, NODE_PORTS) if port.node_port is None else (True, ((port.node_port, port.node_port),))


def _let_in(ranges: object, source: Place) -> bool:
    """Whether a load balancer lets in some of a place's addresses."""
    ipv4, ipv6 = addresses(ranges)
    return bool(intersection(normalised(ipv4), source.ipv4 or ()) or intersection(normalised(ipv6), source.ipv6 or ()))


def _same(service: Place, place: Place) -> bool:
    """Whether a place is one of a Service's addresses."""
    ranges = (*(place.ipv4 or ()), *(place.ipv6 or ()))
    own = (*(service.ipv4 or ()), *(service.ipv6 or ()))
    return len(ranges) == 1 and ranges[0] in own
