"""Who reaches whom in a cluster of Kubernetes, as its policies have it.

A connection must be let out by the policies for its source and let in by those for its target. Whether anything routes
it, or listens for it, is not their matter: an address outside "reaches" a Pod where no policy forbids it.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING

from policyengine.firewall.network_policy import wording
from policyengine.firewall.network_policy.judging import Bench
from policyengine.firewall.network_policy.population import Population, pod
from policyengine.firewall.network_policy.ports import TOP, TRANSPORTS, PortSets
from policyengine.firewall.network_policy.reached import NOWHERE, Members, Reach
from policyengine.firewall.network_policy.rules import PINGS, Reader, networks, port_ranges
from policyengine.firewall.network_policy.services import OF_NODES, Services, served_ports
from policyengine.firewall.reach import Flows, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.network_policy.population import Pod
    from policyengine.firewall.network_policy.written import Written
    from policyengine.firewall.reach import Explanation

PART = "only a part of the cluster's manifests was given: check the whole directory"
PATCHES = "some of the manifests are patches: check what kustomize makes of them"
STRANGERS = "neither is in the cluster"

NODES = "nodes"
"""The place that stands for all nodes of a cluster."""


class Cluster:
    """The network of one cluster."""

    rules = ""
    """Its policies are all that there is."""

    def __init__(self, name: str, kept: Iterable[Written]) -> None:
        """``kept`` are all that was kept of the cluster's resources; ``name`` is what a report calls it."""
        self.name = name
        by_kind: dict[str, list[Written]] = {}
        for one in kept:
            by_kind.setdefault(one.kind, []).append(one)
        self._all = [one for ones in by_kind.values() for one in ones]
        policies = [*by_kind.get("cluster_network_policy", []), *by_kind.get("network_policy", [])]
        pods = _pods([one for one in by_kind.get("pod", []) if not one.partial])
        services = [one for one in by_kind.get("service", []) if not one.partial]
        self.ports = PortSets((*port_ranges(policies), *_declared(pods), *_served(services)))
        namespaces = {one.name: one.facts.get("labels", {}) for one in by_kind.get("namespace", [])}
        self.population = Population(pods, namespaces, networks(policies))
        reader = Reader(self.population, self.ports)
        self.bench = Bench([reader.policy(one) for one in policies], self.population, self.ports)
        self.services = Services(self, services)
        self._pods_of = {one.name: at for at, one in enumerate(pods)}
        self._pairs: dict[tuple[int, int], Reach] = {}
        self._flows: dict[Reach, Flows] = {}
        self._members: dict[object, Members] = {}

    @cached_property
    def unsettled(self) -> str | None:
        """Why nothing is certain here; None where all policies are known."""
        if any(one.partial for one in self._all):
            return PATCHES
        return None if all(one.whole for one in self._all) else PART

    def places(self) -> Sequence[Place]:
        """Pods (those of one workload are one place), Services, and the nodes."""
        return self._places

    @cached_property
    def _places(self) -> tuple[Place, ...]:
        pods = [_place(one) for one in self.population.pods]
        return (*pods, *(one.place for one in self.services.all), Place(NODES, "host"))

    def flows(self, source: Place, target: Place) -> Flows:
        """What gets from one to the other. A place that is not known here goes by its addresses."""
        if source.kind == target.kind == "pod":
            ends = self._pods_of.get(source.name), self._pods_of.get(target.name)
            if ends[0] is not None and ends[1] is not None:
                return self.told(self.pair(ends[0], ends[1]))
        service = self.services.named(target)
        if service is not None:
            return self._settled(self.services.flows(source, service))
        if target.kind == "host":
            return self._settled(self.services.of_nodes(source))
        return self.told(self.reach(self.members(source), self.members(target)))

    def reasons(self, source: Place, target: Place, protocol: str, port: int | None) -> tuple[str, ...]:
        """What is not known of a connection to one port."""
        service = self.services.named(target)
        if service is not None:
            return self._settled(self.services.flows(source, service, (protocol, port))).why
        if target.kind == "host" or self.unsettled is not None:
            return self.flows(source, target).why
        low, high = (0, TOP) if port is None else (port, port)
        return self.reach(self.members(source), self.members(target)).reasons(self.ports.mask(protocol, low, high))

    def told(self, reach: Reach) -> Flows:
        """A reach in intervals."""
        if self.unsettled is not None:
            return self._unknown(self.unsettled)
        found = self._flows.get(reach)
        if found is None:
            unknown = reach.may_pass & ~reach.passes
            known = dict(self.ports.intervals(reach.passes))
            why = tuple(sorted(reach.reasons(unknown), key=PINGS.__eq__))  # what is least comes last
            found = self._flows[reach] = Flows(known, dict(self.ports.intervals(unknown)), why)
        return found

    def _settled(self, flows: Flows) -> Flows:
        return flows if self.unsettled is None else self._unknown(self.unsettled)

    def _unknown(self, why: str) -> Flows:
        return Flows({}, dict(self.ports.intervals(self.ports.everything)), (why,))

    def members(self, place: Place) -> Members:
        """Who a place stands for: of a Service its Pods."""
        key = (place.kind, place.name, place.ipv4, place.ipv6)
        found = self._members.get(key)
        if found is None:
            found = self._members[key] = self._members_of(place)
        return found

    def _members_of(self, place: Place) -> Members:
        service = self.services.named(place)
        if service is not None:
            return Members(tuple(service.pods()))
        if place.kind == "pod" and place.name in self._pods_of:
            return Members((self._pods_of[place.name],))
        if place.kind == "host":
            return Members(nodes=True)
        pods = tuple(at for at, one in enumerate(self.population.pods) if _within(one, place))
        outside = 0
        if not (pods and _single(place)):
            outside = self.population.outside_in(4, place.ipv4 or ()) | self.population.outside_in(6, place.ipv6 or ())
        return Members(pods, outside)

    def reach(self, source: Members, target: Members) -> Reach:
        """What gets from one of the source's members to one of the target's."""
        found = NOWHERE
        for way in self._ways(source, target):
            found = found.or_else(way)
        return found

    def _ways(self, source: Members, target: Members) -> Iterator[Reach]:
        """What gets from each member of the source to each of the target, those that fare alike together."""
        for at in source.pods:
            yield from (self.pair(at, to) for to in target.pods)
            yield from (reach for _, reach in self.bench.judge(at, "egress").outcomes(target.outside))
        for to in target.pods:
            for _, reach in self.bench.judge(to, "ingress").outcomes(source.outside):
                yield self._past_nodes(to, reach)
            if source.nodes:  # a Pod's own node reaches it, whatever policies say
                yield Reach(self.ports.everything, self.ports.everything)
        if not source.pods and not target.pods:
            yield Reach(0, self.ports.everything, ((self.ports.everything, STRANGERS),))

    def _past_nodes(self, pod: int, reach: Reach) -> Reach:
        """What gets from outside to a Pod: on a node's network what the node itself lets through, which nobody says."""
        if self.population.pods[pod].host_network is False:
            return reach
        return Reach(0, reach.may_pass, (*reach.why, (self.ports.everything, OF_NODES)))

    def passes_from_all(self, pod: int) -> int:
        """The ports on which a Pod is reached from all addresses outside."""
        found = self.ports.everything
        for _, outcome in self.bench.judge(pod, "ingress").outcomes(self.population.outside):
            found &= outcome.passes
        return found

    def pair(self, source: int, target: int) -> Reach:
        """What gets from one Pod to another. A Pod reaches itself whatever policies say."""
        found = self._pairs.get((source, target))
        if found is None:
            found = self._pairs[source, target] = self._pair(source, target)
        return found

    def _pair(self, source: int, target: int) -> Reach:
        if source == target and self.population.pods[source].alone:
            return Reach(self.ports.everything, self.ports.everything)
        out = self.bench.judge(source, "egress").outcome(1 << target)
        into = self.bench.judge(target, "ingress").outcome(1 << source)
        return Reach(out.passes & into.passes, out.may_pass & into.may_pass, (*out.why, *into.why))

    def explain(self, source: Place, target: Place, protocol: str, port: int | None) -> Explanation:
        """What becomes of a connection, and which rules decide it."""
        return wording.explanation(self, source, target, protocol, port)


def _pods(kept: Sequence[Written]) -> list[Pod]:
    """The Pods, each with a name of its own: ``shop/web``, and ``shop/job/web`` where it is not the first of that."""
    found: dict[str, Pod] = {}
    for one in kept:
        name = f"{one.namespace}/{one.name}"
        if name in found:
            name = f"{one.namespace}/{str(one.facts.get('controller', 'pod')).lower()}/{one.name}"
        while name in found:
            name += "'"
        found[name] = pod(one, name)
    return list(found.values())


def _declared(pods: Iterable[Pod]) -> Iterator[tuple[str, int, int]]:
    for one in pods:
        yield from ((protocol, number, number) for _, protocol, number in one.ports if protocol in TRANSPORTS)


def _served(services: Iterable[Written]) -> Iterator[tuple[str, int, int]]:
    for service in services:
        for port in served_ports(service):
            if port.number is not None:
                yield port.protocol, port.number, port.number


def _place(one: Pod) -> Place:
    labels = one.labels.labels if isinstance(one.labels.labels, dict) else {}
    texts = {key: value for key, value in labels.items() if isinstance(value, str)}
    place = one.written
    return Place(one.name, "pod", place.namespace, texts, one.ipv4 or None, one.ipv6 or None, place.where)


def _within(one: Pod, place: Place) -> bool:
    """Whether a Pod has one of a place's addresses that is its own."""
    if one.host_network is not False:
        return False
    return _meet(one.ipv4, place.ipv4 or ()) or _meet(one.ipv6, place.ipv6 or ())


def _meet(few: Intervals, many: Intervals) -> bool:
    """Whether two sets have something in common, of which one has few intervals."""
    for low, high in few:
        at = bisect_right(many, high, key=itemgetter(0)) - 1  # the last that begins no later
        if at >= 0 and many[at][1] >= low:
            return True
    return False


def _single(place: Place) -> bool:
    ranges = (*(place.ipv4 or ()), *(place.ipv6 or ()))
    return all(low == high for low, high in ranges)
