"""What becomes of a Pod's connections in one direction: the tiers of policies, each asked where the one before left it.

Admin policies by priority, the first rule that matches decides; then NetworkPolicies, all of which together allow, and
nothing else gets through where one of them selects the Pod; then the baseline; then everything gets through.
"""

from __future__ import annotations

from functools import reduce
from itertools import groupby
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from policyengine.firewall.network_policy.chosen import NOTHING, Chosen
from policyengine.firewall.network_policy.reached import Reach
from policyengine.firewall.network_policy.rules import PINGS, PORTS, TIES, named_ports

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policyengine.firewall.network_policy.population import Population
    from policyengine.firewall.network_policy.ports import PortSets
    from policyengine.firewall.network_policy.rules import Direction, Doubt, Policy, Rule, Tier


class Entry(NamedTuple):
    """A rule, or a part of one whose ports are known: what it does with some peers on some ports."""

    rule: Rule
    peers: Chosen
    ports: Chosen


class Applied(Struct, frozen=True):
    """A policy as it is for one Pod. ``surely``: it is for it."""

    policy: Policy
    surely: bool
    doubts: tuple[Doubt, ...]
    entries: tuple[Entry, ...]


class Judge:
    """What becomes of a Pod's connections in one direction, by peer."""

    def __init__(self, applied: Sequence[Applied], ports: PortSets) -> None:
        self.applied = applied
        self._ports = ports
        self._tiers: dict[Tier, list[list[Applied]]] = {
            tier: [list(group) for _, group in groupby(_of(applied, tier), lambda one: one.policy.priority)]
            for tier in ("Admin", "NetworkPolicy", "Baseline")
        }
        self._classes: list[tuple[int, Reach]] = []
        self._known: dict[int, Reach] = {}

    def tier(self, tier: Tier) -> list[Applied]:
        """The policies of a tier, in the order in which they are asked."""
        return [one for group in self._tiers[tier] for one in group]

    def outcome(self, peer: int) -> Reach:
        """What becomes of the connections with a peer, which is one bit."""
        found = self._known.get(peer)
        if found is None:
            found = next((reach for bits, reach in self._classes if bits & peer), None)
            if found is None:
                found = self._decided(peer)
                self._classes.append((self._alike(peer), found))
            self._known[peer] = found
        return found

    def outcomes(self, peers: int) -> Iterator[tuple[int, Reach]]:
        """What becomes of those with several: all that fare alike, and how."""
        while peers:
            one = peers & -peers
            alike = self._alike(one) & peers
            yield alike, self.outcome(one)
            peers &= ~alike

    def _alike(self, peer: int) -> int:
        """The peers that every rule treats as it does this one."""
        alike = -1
        for entry in (entry for one in self.applied for entry in one.entries):
            for bits in entry.peers:
                alike &= bits if bits & peer else ~bits
            for doubt in entry.rule.doubts:
                alike &= doubt.bits if doubt.bits & peer else ~doubt.bits
        return alike

    def _decided(self, peer: int) -> Reach:
        found = _Found(peer, self._ports)
        left, passed = found.first_match(self._tiers["Admin"], self._ports.everything)
        left = found.network_policies(self._tiers["NetworkPolicy"], left | passed)
        left, passed = found.first_match(self._tiers["Baseline"], left)
        return found.outcome(left | passed)


def _of(applied: Iterable[Applied], tier: Tier) -> list[Applied]:
    return sorted((one for one in applied if one.policy.tier == tier), key=lambda one: one.policy.priority)


class _Found:
    """What is found of a peer so far."""

    def __init__(self, peer: int, ports: PortSets) -> None:
        self._peer = peer
        self._ports = ports
        self._may_pass = 0
        self._may_not = 0
        self._doubts: list[tuple[int, str]] = []

    def outcome(self, left: int) -> Reach:
        """What was found, where nothing is against what is left."""
        may_pass = self._may_pass | left
        unknown = may_pass & self._may_not
        why = dict.fromkeys((ports & unknown, why) for ports, why in self._doubts if ports & unknown)
        return Reach(may_pass & ~self._may_not, may_pass, tuple(why))

    def first_match(self, groups: list[list[Applied]], left: int) -> tuple[int, int]:
        """What a tier of ordered rules leaves open of ``left``, and what it passes on.

        Which of several policies with one priority comes first is not defined: each may.
        """
        passed = 0
        for group in groups:
            decided, met = 0, dict.fromkeys(("accept", "deny", "pass"), 0)
            for one in group:
                rest = left
                for entry in one.entries:
                    hit = self._hit(one, entry)
                    met[entry.rule.does] |= hit.possible & rest
                    rest &= ~hit.sure
                decided |= left & ~rest
            self._may_pass |= met["accept"]
            self._may_not |= met["deny"]
            passed |= met["pass"]
            if len(group) > 1:
                self._doubts.append((_in_several(met.values()), TIES))
            left &= ~decided
        return left, passed

    def network_policies(self, groups: list[list[Applied]], left: int) -> int:
        """What NetworkPolicies leave open of ``left``: all of it where none selects the Pod, else nothing.

        What every policy lets through that may select the Pod is not held up by any.
        """
        applied = groups[0] if groups else []
        if not applied:
            return left
        sure, possible, by_all = 0, 0, left
        for one in applied:
            hits = [self._hit(one, entry, selected=True) for entry in one.entries]
            lets = reduce(or_, (hit.sure for hit in hits), 0)
            sure |= lets if one.surely else 0
            by_all &= lets
            possible |= reduce(or_, (hit.possible for hit in hits), 0)
        self._may_pass |= left & possible
        self._may_not |= left & ~(sure | by_all)
        self._doubts.append((self._ports.icmp, PINGS))
        if any(one.surely for one in applied):
            return 0
        self._doubts += [(left, doubt.why) for one in applied for doubt in one.doubts]
        return left

    def _hit(self, one: Applied, entry: Entry, *, selected: bool = False) -> Chosen:
        """The ports on which an entry is for the peer; ``selected``: given that its policy is for the Pod."""
        if not entry.peers.possible & self._peer:
            return NOTHING
        sure = entry.ports.sure if (one.surely or selected) and entry.peers.sure & self._peer else 0
        if not one.surely:
            self._doubts += [(entry.ports.possible, doubt.why) for doubt in one.doubts]
        if not entry.peers.sure & self._peer:
            doubts = (doubt for doubt in entry.rule.doubts if doubt.bits & self._peer)
            self._doubts += [(entry.ports.possible, doubt.why) for doubt in doubts]
        pings = self._ports.icmp if entry.rule.does == "accept" else 0
        self._doubts.append((entry.ports.possible & ~entry.ports.sure & ~pings, PORTS))
        return Chosen(sure, entry.ports.possible)


def _in_several(sets: Iterable[int]) -> int:
    """What is in more than one of some sets."""
    seen = several = 0
    for one in sets:
        several |= seen & one
        seen |= one
    return several


class Bench:
    """The judges of all Pods: those to which the same applies have the same."""

    def __init__(self, policies: Sequence[Policy], population: Population, ports: PortSets) -> None:
        self._policies = policies
        self._people = population
        self._ports = ports
        self._judges: dict[object, Judge] = {}
        self._of: dict[tuple[int, Direction], Judge] = {}
        self._egress: dict[int, tuple[Entry, ...]] = {}

    def judge(self, pod: int, direction: Direction) -> Judge:
        """The judge of a Pod's connections in a direction."""
        found = self._of.get((pod, direction))
        if found is None:
            found = self._of[pod, direction] = self._appointed(pod, direction)
        return found

    def _appointed(self, pod: int, direction: Direction) -> Judge:
        bit = 1 << pod
        meant = [
            (at, one)
            for at, one in enumerate(self._policies)
            if one.subjects.possible & bit and one.rules[direction] is not None
        ]
        host = bool(bit & self._people.on_host)
        names = direction == "ingress" and any(rule.named for _, one in meant for rule in one.rules[direction] or ())
        key = (direction, host, tuple((at, bool(one.subjects.sure & bit)) for at, one in meant), names and pod)
        if key not in self._judges:
            applied = [self._applied(at, one, pod, direction) for at, one in meant]
            self._judges[key] = Judge(applied, self._ports)
        return self._judges[key]

    def _applied(self, at: int, policy: Policy, pod: int, direction: Direction) -> Applied:
        bit, rules = 1 << pod, policy.rules[direction] or ()
        if direction == "ingress":
            entries = tuple(self._incoming(rule, pod) for rule in rules)
        else:
            if at not in self._egress:
                self._egress[at] = tuple(entry for rule in rules for entry in self._outgoing(rule))
            entries = self._egress[at]
        doubts = tuple(doubt for doubt in policy.doubts if doubt.bits & bit)
        return Applied(policy, bool(policy.subjects.sure & bit), doubts, entries)

    def _incoming(self, rule: Rule, pod: int) -> Entry:
        named = named_ports(self._people.pods[pod], rule.named, self._ports)
        return Entry(rule, rule.peers, rule.ports.either(named))

    def _outgoing(self, rule: Rule) -> Iterator[Entry]:
        """A rule by the Pods that are reached, which may have different ports of one name."""
        by_ports: dict[Chosen, int] = {}
        for at, pod in enumerate(self._people.pods if rule.named else ()):
            if rule.peers.possible >> at & 1:
                ports = rule.ports.either(named_ports(pod, rule.named, self._ports))
                by_ports[ports] = by_ports.get(ports, 0) | 1 << at
        for ports, bits in by_ports.items():
            yield Entry(rule, rule.peers.within(bits), ports)
        others = rule.peers.without(sum(by_ports.values()))
        if others.possible:
            yield Entry(rule, others, rule.ports)
