"""Who there is in a cluster: its Pods, its nodes, and the addresses outside that policies tell apart.

Each is a bit. What policies select is a set of bits, so that a selector is matched with all Pods at once.
"""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from policyengine.firewall.intervals import intersection
from policyengine.firewall.network_policy.chosen import NOTHING, Chosen, perhaps, surely
from policyengine.firewall.network_policy.ports import TOP
from policyengine.model.selecting import Labels
from policyengine.model.unknown import OpenList, OpenMap, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.network_policy.written import Written
    from policyengine.firewall.rules import Family

WIDTH: Mapping[Family, int] = {4: 32, 6: 128}

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that every namespace has, with its name.

https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name
"""

_NO_NAMESPACE = Unknown("namespace.labels", "its Namespace is not among the manifests", "check it too")


class Pod(Struct, frozen=True):
    """A Pod, or the Pods of one workload. ``ports`` are (name, protocol, number) of its containers' declared ports.

    ``ports_known``: there are no others. ``host_ports`` are (protocol, port of the node, port behind it).
    ``host_network``: it has its node's network, or None where that is not known.
    """

    name: str
    written: Written
    labels: Labels
    host_network: bool | None
    ports: tuple[tuple[str, str, int], ...]
    host_ports: tuple[tuple[str, int, int], ...]
    ports_known: bool
    ipv4: Intervals
    ipv6: Intervals

    @property
    def alone(self) -> bool:
        """Whether it is one Pod, and no controller makes more of its kind."""
        return self.written.facts.get("controller") == "Pod"


def pod(written: Written, name: str) -> Pod:
    """The Pod that a resource tells of."""
    facts = written.facts
    host = facts.get("host_network", False)
    declared = facts.get("container_ports")
    ports = declared if isinstance(declared, list) else []
    known = [one for one in map(_port, ports) if one]
    whole = declared is None or (isinstance(declared, list) and len(known) == len(declared))
    ipv4, ipv6 = addresses(facts.get("addresses"))
    return Pod(
        name,
        written,
        Labels(facts.get("labels", {}), made=facts.get("controller") != "Pod"),
        host if isinstance(host, bool) else None,
        tuple(known),
        tuple(one for port in ports if (one := _host_port(port, on_host=host is True))),
        whole and not isinstance(declared, OpenList),
        ipv4,
        ipv6,
    )


def _port(port: object) -> tuple[str, str, int] | None:
    if not isinstance(port, dict):
        return None
    name, number, protocol = port.get("name", ""), port.get("port"), port.get("protocol", "TCP")
    if not isinstance(name, str) or not isinstance(number, int) or not isinstance(protocol, str):
        return None
    return (name, protocol.lower(), number) if 0 <= number <= TOP else None


def _host_port(port: object, *, on_host: bool) -> tuple[str, int, int] | None:
    """The port of the node that leads to a port: on the node's network it is the same."""
    found = _port(port)
    if found is None or not isinstance(port, dict):
        return None
    host_port = found[2] if on_host else port.get("host_port")
    return (found[1], host_port, found[2]) if isinstance(host_port, int) and 0 < host_port <= TOP else None


def addresses(texts: object) -> tuple[Intervals, Intervals]:
    """Addresses as numbers, by family. What is no address is passed over."""
    found: dict[Family, list[tuple[int, int]]] = {4: [], 6: []}
    for text in texts if isinstance(texts, list) else ():
        network = cidr(text)
        if network is not None:
            found[network.family].append((network.low, network.high))
    return tuple(sorted(found[4])), tuple(sorted(found[6]))


class Network(NamedTuple):
    """A range of addresses."""

    family: Family
    low: int
    high: int


def cidr(text: object) -> Network | None:
    """A range of addresses as it is written, host bits or not; None for what is none."""
    try:
        network = ipaddress.ip_network(text, strict=False) if isinstance(text, str) else None
    except ValueError:
        return None
    if network is None:
        return None
    return Network(network.version, int(network.network_address), int(network.broadcast_address))


_NOBODYS = tuple(
    filter(None, map(cidr, ("127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::1", "fe80::/10", "ff00::/8")))
)
"""Loopback, link-local and multicast addresses (RFC 6890), none of which is routed from one node to another: what a
policy says of the metadata address of a cloud says nothing of Pods.
"""


class Population:
    """The Pods by their place in a list, then pieces of the addresses outside by family, then the nodes."""

    def __init__(self, pods: Sequence[Pod], namespaces: Mapping[str, object], networks: Iterable[Network]) -> None:
        """``namespaces`` are labels by name; ``networks`` the ranges of addresses that policies speak of."""
        self.pods = pods
        self.all_pods = (1 << len(pods)) - 1
        self._of_namespace: dict[str, int] = {}
        for at, one in enumerate(pods):
            self._of_namespace[one.written.namespace] = self._of_namespace.get(one.written.namespace, 0) | 1 << at
        self._namespaces = [(_named(name, namespaces.get(name)), bits) for name, bits in self._of_namespace.items()]
        self._by_label: dict[tuple[str, bool], _ByLabel] = {}
        ranges = list(networks)
        self._starts = {family: _starts(family, ranges) for family in WIDTH}
        self._first_of: dict[Family, int] = {4: len(pods), 6: len(pods) + len(self._starts[4])}
        self.nodes = 1 << self._first_of[6] + len(self._starts[6])
        self.outside = self.nodes - 1 & ~self.all_pods
        self.everybody = self.outside | self.all_pods | self.nodes
        self.certainly_on_host = sum(1 << at for at, one in enumerate(pods) if one.host_network is True)
        self.on_host = sum(1 << at for at, one in enumerate(pods) if one.host_network is not False)

    def of_namespace(self, name: str) -> int:
        """The Pods of a namespace."""
        return self._of_namespace.get(name, 0)

    def labelled(self, selector: object) -> Chosen:
        """The Pods that a selector of Pods selects; all where there is none."""
        return surely(self.all_pods) if selector is None else self._selected(selector, namespaces=False)

    def in_namespaces(self, selector: object) -> Chosen:
        """The Pods of the namespaces that a selector of namespaces selects."""
        return self._selected(selector, namespaces=True)

    def _selected(self, selector: object, *, namespaces: bool) -> Chosen:
        if not isinstance(selector, dict):
            return perhaps(self.all_pods)
        found = surely(self.all_pods)
        labels, expressions = selector.get("match_labels", {}), selector.get("match_expressions", [])
        for key, value in labels.items() if isinstance(labels, dict) else ():
            found = found.both(self._label(key, namespaces=namespaces).one_of([value]))
        for expression in expressions if isinstance(expressions, list) else ():
            found = found.both(self._meeting(expression, namespaces=namespaces))
        settled = isinstance(labels, dict) and isinstance(expressions, list)
        return found if settled and not isinstance(labels, OpenMap) else perhaps(found.possible)

    def _meeting(self, expression: object, *, namespaces: bool) -> Chosen:
        if not isinstance(expression, dict):
            return perhaps(self.all_pods)
        by, operator = self._label(expression["key"], namespaces=namespaces), expression["operator"]
        has = by.any_value() if operator in ("Exists", "DoesNotExist") else by.one_of(expression.get("values", []))
        if operator in ("In", "Exists"):
            return has
        return Chosen(self.all_pods & ~has.possible, self.all_pods & ~has.sure)

    def _label(self, key: str, *, namespaces: bool) -> _ByLabel:
        found = self._by_label.get((key, namespaces))
        if found is None:
            of_pods = [(one.labels, 1 << at) for at, one in enumerate(self.pods)]
            found = self._by_label[key, namespaces] = _ByLabel(self._namespaces if namespaces else of_pods, key)
        return found

    def outside_in(self, family: Family, ranges: Intervals) -> int:
        """The pieces of the addresses outside that ranges overlap."""
        found, starts = 0, self._starts[family]
        for low, high in ranges:
            first, end = bisect_right(starts, low) - 1, bisect_right(starts, high)
            found |= (1 << end) - (1 << first) << self._first_of[family]
        return found

    def ranges(self, outside: int, family: Family) -> Iterator[tuple[int, int]]:
        """The addresses of some pieces outside."""
        starts = self._starts[family]
        ends = [*(start - 1 for start in starts[1:]), (1 << WIDTH[family]) - 1]
        for at, (low, high) in enumerate(zip(starts, ends, strict=True), self._first_of[family]):
            if outside >> at & 1:
                yield low, high

    def pods_in(self, network: Network) -> Chosen:
        """The Pods with an address in a range. Of a Pod that does not run none is known, but that it is IPv4's, as
        clusters' are that are not told otherwise.
        """
        return Chosen(self._pods_in(network, known=True), self._pods_in(network, known=False))

    def _pods_in(self, network: Network, *, known: bool) -> int:
        whole = network.family == 4 and network.high - network.low == (1 << 32) - 1
        found = 0
        for at, one in enumerate(self.pods):
            has = one.ipv4 if network.family == 4 else one.ipv6
            if has or one.ipv4 or one.ipv6:
                inside = bool(intersection(((network.low, network.high),), has))
            else:
                inside = whole or not (known or _is_nobodys(network))
            found |= inside << at
        return found


def _is_nobodys(network: Network) -> bool:
    """Whether no Pod has an address of a range that others reach it by."""
    return any(one.family == network.family and one.low <= network.low and network.high <= one.high for one in _NOBODYS)


def _named(name: str, labels: object) -> Labels:
    """A namespace's labels, of which one is known though no manifest tells of the namespace."""
    if labels is None:
        return Labels(OpenMap({NAMESPACE_NAME: name}, _NO_NAMESPACE), made=False)
    if isinstance(labels, OpenMap):
        return Labels(OpenMap({**labels, NAMESPACE_NAME: name}, labels.unknown), made=False)
    return Labels({**labels, NAMESPACE_NAME: name} if isinstance(labels, dict) else labels, made=False)


def _starts(family: Family, networks: Iterable[Network]) -> list[int]:
    """Where the ranges of addresses begin that policies tell apart."""
    top = (1 << WIDTH[family]) - 1
    cuts = {cut for one in networks if one.family == family for cut in (one.low, one.high + 1)}
    return sorted({0, *(cut for cut in cuts if cut <= top)})


class _ByLabel:
    """Who has which value of one label."""

    def __init__(self, labelled: Iterable[tuple[Labels, int]], key: str) -> None:
        self._known: dict[str, int] = {}
        self._unsettled = 0
        for labels, bits in labelled:
            value = labels.label(key)
            if isinstance(value, str):
                self._known[value] = self._known.get(value, 0) | bits
            elif isinstance(value, Unknown):
                self._unsettled |= bits

    def one_of(self, values: Iterable[object]) -> Chosen:
        """Who has one of these values."""
        found = NOTHING
        for value in values if isinstance(values, list) else ():
            if isinstance(value, str):
                found = found.either(surely(self._known.get(value, 0)))
            else:
                found = found.either(perhaps(sum(self._known.values())))
        return found.either(perhaps(self._unsettled))

    def any_value(self) -> Chosen:
        """Who has the label."""
        known = sum(self._known.values())
        return Chosen(known, known | self._unsettled)
