"""Explanations: which rules a connection meets in a cluster, and a packet that does."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Literal

from policyengine.firewall.intervals import contains, intersection, normalised
from policyengine.firewall.network_policy.ports import ICMP, TOP
from policyengine.firewall.reach import Explanation, Packet, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.network_policy.cluster import Cluster
    from policyengine.firewall.network_policy.judging import Applied, Entry, Judge
    from policyengine.firewall.network_policy.reached import Members
    from policyengine.firewall.network_policy.rules import Direction
    from policyengine.firewall.network_policy.services import Services
    from policyengine.firewall.reach import Flows, Place
    from policyengine.firewall.rules import Family

Verdict = Literal["allowed", "denied", "unknown"]

EPHEMERAL = 40000
"""The source port of a packet that is shown."""

_SHOWN: Mapping[Family, tuple[int, ...]] = {
    4: tuple(int(ipaddress.IPv4Address(text)) for text in ("198.51.100.77", "203.0.113.77", "192.0.2.77")),
    6: (int(ipaddress.IPv6Address("2001:db8::77")),),
}
"""Addresses for documentation (RFC 5737, RFC 3849), which readers know for examples."""

_DOES = {"accept": "accepts", "deny": "denies", "pass": "leaves it to the policies that come next"}


def explanation(cluster: Cluster, source: Place, target: Place, protocol: str, port: int | None) -> Explanation:
    """What becomes of a connection between two places: of the first of their members that it gets through between,
    else of the first.
    """
    flows = cluster.flows(source, target)
    verdict = _verdict(flows, protocol, port)
    members = cluster.members(source), cluster.members(target)
    outside = bool(members[0].outside and not members[0].pods)
    path, behind = _in_front(cluster.services, target, protocol, port, outside=outside)
    if behind == NOWHERE and verdict == "denied":
        return Explanation(verdict, None, path)
    if behind == NOWHERE:  # a node port that the cluster chooses
        path, behind = (), port
    found, alike = _Way(cluster, protocol, behind).between(*members, verdict)
    shown = _shown_port(flows, protocol, verdict) if port is None else port
    packet = None
    if verdict != "denied" or port is not None or protocol == ICMP:
        packet = _packet(_Sender(cluster, alike), source, target, protocol, shown)
    why = "; ".join(cluster.reasons(source, target, protocol, port)) if verdict == "unknown" else ""
    return Explanation(verdict, packet, (*path, *found), why, _alike(flows, protocol, verdict))


NOWHERE = -1
"""No port of a Pod."""


def _in_front(
    services: Services, target: Place, protocol: str, port: int | None, *, outside: bool
) -> tuple[tuple[Step, ...], int | None]:
    """What a Service does with a connection to a port of it, and to which port of its Pods that leads."""
    service = services.named(target)
    if service is None:
        return (), port
    where, text = service.written.where, f"Service {service.place.namespace}/{service.written.name}"
    if service.behind is None or port is None:
        return (Step(where, text, "leads to its Pods"),), port
    numbers = services.behind(service, protocol, port, outside=outside)
    if not numbers:
        from_ = " for the outside" if outside else ""
        return (Step(where, text, f"has no such port{from_}"),), NOWHERE
    return (Step(where, text, f"leads to port {numbers[0]} of its Pods"),), numbers[0]


def _verdict(flows: Flows, protocol: str, port: int | None) -> Verdict:
    def holds(ports: Intervals) -> bool:
        return any(port is None or low <= port <= high for low, high in ports)

    if holds(flows.allowed.get(protocol, ())):
        return "allowed"
    return "unknown" if holds(flows.unknown.get(protocol, ())) else "denied"


def _shown_port(flows: Flows, protocol: str, verdict: Verdict) -> int | None:
    if protocol == ICMP:
        return None
    found = (flows.allowed if verdict == "allowed" else flows.unknown).get(protocol, ())
    return max(found[0][0], 1) if found else None


def _alike(flows: Flows, protocol: str, verdict: Verdict) -> str:
    """The ports that fare alike, in words."""
    if protocol == ICMP or verdict == "denied":
        return ""
    ports = (flows.allowed if verdict == "allowed" else flows.unknown).get(protocol, ())
    return f"{protocol} {_ports(ports)}"


def _ports(ports: Intervals) -> str:
    if ports == ((0, TOP),):
        return "all ports"
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in ports)


def _packet(shown: _Sender, source: Place, target: Place, protocol: str, port: int | None) -> Packet:
    family: Family = 6 if not (source.ipv4 or target.ipv4) and (source.ipv6 or target.ipv6) else 4
    sport = None if protocol == ICMP else EPHEMERAL
    return Packet(family, protocol, shown.address(source, family), shown.address(target, family), sport, port)


class _Sender:
    """Which of a place's addresses a packet shows: one of those outside that fare as it does."""

    def __init__(self, cluster: Cluster, outside: int) -> None:
        self._people = cluster.population
        self._outside = outside

    def address(self, place: Place, family: Family) -> str:
        """An address of a place, one for documentation if it has any; its name where none is known."""
        ranges = (place.ipv4 if family == 4 else place.ipv6) or ()
        if place.kind == "zone" and self._outside:
            ranges = intersection(normalised(self._people.ranges(self._outside, family)), ranges)
        if not ranges:
            return place.name
        low, high = next(((number, number) for number in _SHOWN[family] if contains(ranges, number)), ranges[0])
        kind = ipaddress.IPv4Address if family == 4 else ipaddress.IPv6Address
        return str(kind(low if low == high else low + 1))


class _Way:
    """The rules on the way of connections to one port."""

    def __init__(self, cluster: Cluster, protocol: str, port: int | None) -> None:
        self._cluster = cluster
        low, high = (0, TOP) if port is None else (port, port)
        self._ports = cluster.ports.mask(protocol, low, high)

    def between(self, source: Members, target: Members, verdict: Verdict) -> tuple[tuple[Step, ...], int]:
        """The rules between two places: for the members that the verdict holds for, else the first of each; and the
        addresses outside that fare so.
        """
        first: tuple[str, list[Step], int] | None = None
        for way in self._ways(source, target):
            first = first or way
            if way[0] == verdict:
                return tuple(way[1]), way[2]
        return (tuple(first[1]), first[2]) if first else ((), 0)

    def _ways(self, source: Members, target: Members) -> Iterator[tuple[str, list[Step], int]]:
        people, bench = self._cluster.population, self._cluster.bench
        for at in source.pods:
            out = bench.judge(at, "egress")
            for to in target.pods:
                reach = self._cluster.pair(at, to)
                into = bench.judge(to, "ingress")
                steps = [*self._steps(out, "egress", people.pods[at].name, 1 << to)]
                if out.outcome(1 << to).may_pass & self._ports:
                    steps += self._steps(into, "ingress", people.pods[to].name, 1 << at)
                yield self._told(reach.passes, reach.may_pass), steps, 0
            yield from self._outside(out, "egress", people.pods[at].name, target.outside)
        for to in target.pods:
            yield from self._outside(bench.judge(to, "ingress"), "ingress", people.pods[to].name, source.outside)

    def _outside(
        self, judge: Judge, direction: Direction, name: str, outside: int
    ) -> Iterator[tuple[str, list[Step], int]]:
        for alike, outcome in judge.outcomes(outside):
            yield (
                self._told(outcome.passes, outcome.may_pass),
                self._steps(judge, direction, name, alike & -alike),
                alike,
            )

    def _told(self, passes: int, may_pass: int) -> str:
        return "allowed" if passes & self._ports else "unknown" if may_pass & self._ports else "denied"

    def _steps(self, judge: Judge, direction: Direction, name: str, peer: int) -> list[Step]:
        """The rules that decide about a peer in one direction, in the order in which they are asked."""
        steps, left = _ordered(judge.tier("Admin"), peer, self._ports)
        policies = judge.tier("NetworkPolicy")
        if left and policies:
            steps += self._isolated(policies, direction, name, peer)
            left = 0 if any(one.surely for one in policies) else left
        if left:
            further, left = _ordered(judge.tier("Baseline"), peer, left)
            steps += further
        if left and not steps:
            steps.append(Step(None, f"no policy is for {direction} of {name}", "allows"))
        return steps

    def _isolated(self, applied: list[Applied], direction: Direction, name: str, peer: int) -> list[Step]:
        """The rules of NetworkPolicies that let through; where there are none, the policies that then hold it up."""
        hits = [
            _step(one, entry, peer)
            for one in applied
            for entry in one.entries
            if entry.peers.possible & peer and entry.ports.possible & self._ports
        ]
        text = f"selects {name} for {direction}, and no rule of it allows this"
        return hits or [Step(one.policy.where, one.policy.title, text) for one in applied]


def _ordered(applied: list[Applied], peer: int, left: int) -> tuple[list[Step], int]:
    """The rules of a tier that a peer meets, the first that matches deciding, and the ports that it leaves open."""
    steps, passed = list[Step](), 0
    for one in applied:
        for entry in one.entries:
            met = entry.ports.possible & left if entry.peers.possible & peer else 0
            if met:
                steps.append(_step(one, entry, peer))
                passed |= met if entry.rule.does == "pass" else 0
                left &= ~(entry.ports.sure if one.surely and entry.peers.sure & peer else 0)
    return steps, left | passed


def _step(one: Applied, entry: Entry, peer: int) -> Step:
    sure = one.surely and entry.peers.sure & peer
    does = "allows" if one.policy.tier == "NetworkPolicy" else _DOES[entry.rule.does]
    return Step(entry.rule.where, f"{one.policy.title} {entry.rule.text}", does if sure else f"perhaps {does}")
