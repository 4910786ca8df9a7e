"""The policies of a cluster as what they select: whom they are for, and for each rule which peers and ports.

NetworkPolicy: https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
The others: https://network-policy-api.sigs.k8s.io/reference/spec/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from policyengine.firewall.network_policy.chosen import NOTHING, Chosen, perhaps, surely
from policyengine.firewall.network_policy.population import cidr
from policyengine.firewall.network_policy.ports import TOP, TRANSPORTS
from policyengine.model.location import Location  # noqa: TC001 - structures are made by these types
from policyengine.model.unknown import OpenList

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.firewall.network_policy.population import Network, Pod, Population
    from policyengine.firewall.network_policy.ports import PortSets
    from policyengine.firewall.network_policy.written import Written

Direction = Literal["ingress", "egress"]
DIRECTIONS: tuple[Direction, Direction] = ("ingress", "egress")
Tier = Literal["Admin", "NetworkPolicy", "Baseline"]
Does = Literal["accept", "deny", "pass"]

ON_HOST = "what a NetworkPolicy does with Pods on their node's network is implementation-defined"
BLOCKS = "whether an ipBlock is for the addresses of Pods too is implementation-defined"
PINGS = "what a NetworkPolicy does with ICMP is implementation-defined"
"""Of a peer that a rule is for. One that none is for is taken to be held up with all that it sends.

https://kubernetes.io/docs/concepts/services-networking/network-policies/#network-traffic-filtering
"""
LABELS = "labels or selectors are not all known"
ADDRESSES = "the addresses of Pods are not known"
NODES = "which nodes have these labels is not known"
TIES = "which of several policies with one priority comes first is not defined"
DOMAINS = "what domain names stand for is not known"
PORTS = "ports, or what is declared of them, are not all known"
UNREAD = "a part of the policy cannot be read"


class Doubt(NamedTuple):
    """Why some peers may be meant, and may not."""

    bits: int
    why: str


class Rule(Struct, frozen=True):
    """A rule of a policy: what becomes of traffic with these peers on these ports.

    ``named`` are ports by name and protocol ("" for any): which they are hangs on the Pod that is reached.
    """

    does: Does
    peers: Chosen
    ports: Chosen
    named: tuple[tuple[str, str], ...]
    doubts: tuple[Doubt, ...]
    where: Location
    text: str


class Policy(Struct, frozen=True):
    """A policy: the Pods that it is for, and its rules by direction; None where it says nothing of one."""

    tier: Tier
    priority: int
    title: str
    subjects: Chosen
    doubts: tuple[Doubt, ...]
    rules: dict[Direction, tuple[Rule, ...] | None]
    where: Location


def networks(policies: Iterable[Written]) -> Iterator[Network]:
    """The ranges of addresses that policies speak of."""
    for peer in (peer for _, rule in _rules(policies) for peer in _listed(rule.get("peers"))):
        for text in (peer.get("cidr"), *_texts(peer.get("except_cidrs")), *_texts(peer.get("networks"))):
            found = cidr(text)
            if found is not None:
                yield found


def port_ranges(policies: Iterable[Written]) -> Iterator[tuple[str, int, int]]:
    """The ranges of ports that policies speak of by number."""
    for port in (port for _, rule in _rules(policies) for port in _listed(rule.get("ports"))):
        low, high = _numbers(port)
        if low is not None and high is not None:
            yield from ((protocol, low, high) for protocol in _transports(port))


def _rules(policies: Iterable[Written]) -> Iterator[tuple[Direction, dict[str, object]]]:
    for policy in policies:
        for direction in DIRECTIONS:
            yield from ((direction, rule) for rule in _listed(policy.facts.get(direction)))


def _listed(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _unsettled(value: object) -> bool:
    """Whether a list may hold more than what is known of it."""
    known = value is None or (isinstance(value, list) and all(isinstance(item, dict) for item in value))
    return not known or isinstance(value, OpenList)


def _numbers(port: dict[str, object]) -> tuple[int, int] | tuple[None, None]:
    """The first and the last of a range of ports; None for what is no number."""
    text, end = port.get("port"), port.get("end_port")
    low = int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 5 else None
    if low is None or low > TOP or not isinstance(end, int | None):
        return None, None
    return low, low if end is None else min(max(end, low - 1), TOP)


def _transports(port: dict[str, object]) -> tuple[str, ...]:
    """The protocols that a port may be of: one, or all where that is not known."""
    protocol = port.get("protocol")
    known = protocol.lower() if isinstance(protocol, str) else None
    return TRANSPORTS if known is None else (known,) if known in TRANSPORTS else ()


class Reader:
    """Reads what is written of policies against who there is."""

    def __init__(self, population: Population, ports: PortSets) -> None:
        self._people = population
        self._ports = ports
        self._peers: dict[str, tuple[Chosen, tuple[Doubt, ...]]] = {}

    def policy(self, written: Written) -> Policy:
        """One policy."""
        if written.kind == "network_policy":
            return self._network_policy(written)
        return self._cluster_policy(written)

    def _network_policy(self, written: Written) -> Policy:
        """A NetworkPolicy. What it does with Pods on their node's network, either of two ways, is up to the plugin:
        https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods
        """
        people, facts = self._people, written.facts
        selected = people.labelled(facts.get("pod_selector", {})).within(people.of_namespace(written.namespace))
        subjects = selected.doubted(people.on_host)
        types = facts.get("policy_types", [])
        known = isinstance(types, list) and all(isinstance(one, str) for one in types)
        directions = [one for one in DIRECTIONS if not known or one.capitalize() in types]  # type: ignore[operator]
        return Policy(
            "NetworkPolicy",
            0,
            f"NetworkPolicy {written.namespace}/{written.name}",
            subjects if known else perhaps(subjects.possible),
            (
                Doubt(selected.possible & people.on_host, ON_HOST),
                Doubt(selected.possible & ~selected.sure, LABELS),
                Doubt(0 if known else selected.possible, UNREAD),
            ),
            {one: self._network_rules(written, one) if one in directions else None for one in DIRECTIONS},
            written.where,
        )

    def _network_rules(self, written: Written, direction: Direction) -> tuple[Rule, ...]:
        found: list[Rule] = []
        rules = written.facts.get(direction)
        for at, (rule, where) in enumerate(_placed(written, direction)):
            if isinstance(rule, dict):
                peers, doubts = self._network_peers(rule.get("peers"), written.namespace)
                ports, named = self._port_set(rule.get("ports"), icmp=False)
                found.append(Rule("accept", peers, ports, named, doubts, where, f"{direction}[{at}]"))
        if _unsettled(rules):
            found.append(self._anything("accept", written.where, direction))
        return tuple(found)

    def _anything(self, does: Does, where: Location, text: str) -> Rule:
        """What stands for a part that is not known: it may mean anything."""
        everybody = self._people.everybody
        ports = perhaps(self._ports.everything)
        return Rule(does, perhaps(everybody), ports, (), (Doubt(everybody, UNREAD),), where, text)

    def _network_peers(self, peers: object, namespace: str) -> tuple[Chosen, tuple[Doubt, ...]]:
        people = self._people
        if peers is None:
            return surely(people.everybody), ()
        found, doubts = NOTHING, list[Doubt]()
        for peer in _listed(peers):
            chosen, why = self._network_peer(peer, namespace)
            found = found.either(chosen)
            doubts += why
        if _unsettled(peers):
            found = found.either(perhaps(people.everybody))
            doubts.append(Doubt(people.everybody, UNREAD))
        return found, tuple(doubts)

    def _network_peer(self, peer: dict[str, object], namespace: str) -> tuple[Chosen, list[Doubt]]:
        people = self._people
        pods, namespaces = peer.get("pod_selector"), peer.get("namespace_selector")
        if pods is None and namespaces is None:
            return self._block(peer)
        here = surely(people.of_namespace(namespace)) if namespaces is None else people.in_namespaces(namespaces)
        found = here.both(people.labelled(pods))
        return found.doubted(people.on_host), [
            Doubt(found.possible & people.on_host, ON_HOST),
            Doubt(found.possible & ~found.sure, LABELS),
        ]

    def _block(self, peer: dict[str, object]) -> tuple[Chosen, list[Doubt]]:
        """An ipBlock: addresses outside, and perhaps those of Pods and nodes.

        https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
        """
        people, block = self._people, cidr(peer.get("cidr"))
        excepted = [cidr(text) for text in _texts(peer.get("except_cidrs"))]
        if block is None or None in excepted or not isinstance(peer.get("except_cidrs"), list | None):
            return perhaps(people.everybody), [Doubt(people.everybody, UNREAD)]
        outside, pods = people.outside_in(block.family, ((block.low, block.high),)), people.pods_in(block).possible
        for one in filter(None, excepted):
            outside &= ~people.outside_in(one.family, ((one.low, one.high),))
            pods &= ~people.pods_in(one).sure
        return Chosen(outside, outside | pods | people.nodes), [Doubt(pods | people.nodes, BLOCKS)]

    def _port_set(self, ports: object, *, icmp: bool) -> tuple[Chosen, tuple[tuple[str, str], ...]]:
        """The ports by number, and those by name. ``icmp``: where no ports are told ICMP is surely meant too."""
        everything, pings = self._ports.everything, self._ports.icmp
        if ports is None:
            return surely(everything) if icmp else Chosen(everything & ~pings, everything), ()
        found, named = NOTHING if icmp else perhaps(pings), list[tuple[str, str]]()
        for port in _listed(ports):
            if isinstance(port.get("port"), str) and _numbers(port)[0] is None:
                named.append((str(port["port"]), str(port.get("protocol") or "").lower()))
            else:
                found = found.either(self._numbered(port))
        if _unsettled(ports):
            found = found.either(perhaps(everything))
        return found, tuple(named)

    def _numbered(self, port: dict[str, object]) -> Chosen:
        low, high = (0, TOP) if "port" not in port and "end_port" not in port else _numbers(port)
        protocols = _transports(port)
        if low is None or high is None:
            return perhaps(sum(self._ports.mask(protocol) for protocol in protocols))
        mask = sum(self._ports.mask(protocol, low, high) for protocol in protocols) if low <= high else 0
        return surely(mask) if len(protocols) == 1 else perhaps(mask)

    def _cluster_policy(self, written: Written) -> Policy:
        """A policy of the cluster, which Pods on their node's network are never among the subjects or peers of."""
        facts = written.facts
        subject, priority = facts.get("subject"), facts.get("priority", 0)
        known = isinstance(subject, dict) and isinstance(priority, int)
        chosen, doubts = self._pods(subject) if isinstance(subject, dict) else (perhaps(self._people.all_pods), [])
        if not known:
            chosen, doubts = perhaps(chosen.possible), [*doubts, Doubt(chosen.possible, UNREAD)]
        return Policy(
            "Baseline" if facts.get("tier") == "Baseline" else "Admin",
            priority if isinstance(priority, int) else 0,
            f"{facts.get('object_kind', 'ClusterNetworkPolicy')} {written.name}",
            chosen,
            tuple(doubts),
            {one: self._cluster_rules(written, one) if facts.get(one) else None for one in DIRECTIONS},
            written.where,
        )

    def _cluster_rules(self, written: Written, direction: Direction) -> tuple[Rule, ...]:
        found: list[Rule] = []
        for at, (rule, where) in enumerate(_placed(written, direction)):
            text = f"{direction}[{at}]"
            if not isinstance(rule, dict):
                continue
            does = rule.get("action")
            peers, doubts = self._cluster_peers(rule.get("peers"))
            ports, named = self._port_set(rule.get("ports"), icmp=True)
            known = does in ("Accept", "Deny", "Pass")
            for one in (does,) if known else ("Accept", "Deny", "Pass"):
                name = f' "{rule["name"]}"' if isinstance(rule.get("name"), str) else ""
                chosen = peers if known else perhaps(peers.possible)
                why = doubts if known else (*doubts, Doubt(peers.possible, UNREAD))
                found.append(Rule(str(one).lower(), chosen, ports, named, why, where, text + name))  # type: ignore[arg-type]
        if _unsettled(written.facts.get(direction)):
            found += [self._anything(does, written.where, direction) for does in _ALL]
        return tuple(found)

    def _cluster_peers(self, peers: object) -> tuple[Chosen, tuple[Doubt, ...]]:
        people = self._people
        found, doubts = NOTHING, list[Doubt]()
        for peer in _listed(peers):
            chosen, why = self._cluster_peer(peer)
            found = found.either(chosen)
            doubts += why
        if _unsettled(peers):
            found = found.either(perhaps(people.everybody))
            doubts.append(Doubt(people.everybody, UNREAD))
        return found, tuple(doubts)

    def _cluster_peer(self, peer: dict[str, object]) -> tuple[Chosen, list[Doubt]]:
        people = self._people
        if "namespace_selector" in peer:
            return self._pods(peer)
        if "node_selector" in peer:
            on_host = people.on_host | people.nodes
            return perhaps(on_host), [Doubt(on_host, NODES)]
        if "domain_names" in peer:
            return perhaps(people.outside), [Doubt(people.outside, DOMAINS)]
        if isinstance(peer.get("networks"), list):
            return self._networks(_texts(peer["networks"]))
        return perhaps(people.everybody), [Doubt(people.everybody, UNREAD)]

    def _pods(self, peer: dict[str, object]) -> tuple[Chosen, list[Doubt]]:
        people = self._people
        found = people.in_namespaces(peer.get("namespace_selector")).both(people.labelled(peer.get("pod_selector")))
        found = found.without(people.certainly_on_host).doubted(people.on_host)
        return found, [Doubt(found.possible & ~found.sure, LABELS)]

    def _networks(self, texts: list[object]) -> tuple[Chosen, list[Doubt]]:
        """Ranges of addresses, which are for all that have them, Pods too."""
        people, found = self._people, NOTHING
        for text in texts:
            one = cidr(text)
            if one is None:
                return perhaps(people.everybody), [Doubt(people.everybody, UNREAD)]
            outside = people.outside_in(one.family, ((one.low, one.high),))
            found = found.either(surely(outside)).either(people.pods_in(one)).either(perhaps(people.nodes))
        return found, [Doubt(found.possible & ~found.sure, ADDRESSES)]


_ALL: tuple[Does, ...] = ("accept", "deny", "pass")


def _placed(written: Written, direction: Direction) -> Iterator[tuple[object, Location]]:
    rules = written.facts.get(direction)
    return zip(rules, written.rules[direction], strict=True) if isinstance(rules, list) else iter(())


def named_ports(pod: Pod, named: tuple[tuple[str, str], ...], ports: PortSets) -> Chosen:
    """The ports of a Pod that some names stand for: of every protocol the first that has the name."""
    found = NOTHING
    for name, protocol in named:
        for transport in (protocol,) if protocol else TRANSPORTS:
            number = next((one for has, of, one in pod.ports if (has, of) == (name, transport)), None)
            if number is not None:
                found = found.either(surely(ports.mask(transport, number, number)))
            elif not pod.ports_known:
                found = found.either(perhaps(ports.mask(transport)))
    return found
