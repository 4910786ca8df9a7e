"""ClusterNetworkPolicies, and the AdminNetworkPolicies and BaselineAdminNetworkPolicies that came before them.

https://network-policy-api.sigs.k8s.io/reference/spec/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.node import MAPPING, Found, Node, put
from policyengine.inputs.kubernetes.parts import Part, Parts, listed, put_part
from policyengine.inputs.kubernetes.selector import selector
from policyengine.model.kinds.cluster_network_policy import KIND
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource

_TIERS = {"AdminNetworkPolicy": "Admin", "BaselineAdminNetworkPolicy": "Baseline"}
_PROTOCOLS = ("tcp", "udp", "sctp")
_SELECTOR = frozenset({"matchLabels", "matchExpressions"})
_OTHER = Unknown("selector", "it is of a version of the API that is not read")
_NO_PORT = Unknown("ports", "it names no port in a way that is known")


def cluster_network_policy_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a policy of the cluster."""
    made, spec = draft(manifest, KIND, cluster=True), manifest.node.required("spec")
    made.facts.put("object_kind", manifest.kind, (*manifest.node.at, "kind"))
    tier = spec["tier"].text()
    put(made.facts, "tier", tier.or_default(_TIERS[manifest.kind]) if manifest.kind in _TIERS else tier)
    put(made.facts, "priority", spec["priority"].integer())
    put_part(made.facts, "subject", _pods(spec["subject"].mapping()))
    put_part(made.facts, "ingress", listed(spec["ingress"], lambda rule: _rule(rule, "from")))
    put_part(made.facts, "egress", listed(spec["egress"], lambda rule: _rule(rule, "to")))
    yield made.resource()


def _rule(rule: Node, peers: str) -> Parts:
    action = rule["action"].text()
    return Parts(
        rule.at,
        {
            "name": rule["name"].text(),
            "action": action._replace(value="Accept") if action.value == "Allow" else action,
            "peers": listed(rule[peers], _peer),
            "ports": _ports(rule),
        },
    )


def _pods(node: Node) -> Parts:
    """Pods of namespaces: ``namespaces`` alone means all Pods of them, ``pods`` has selectors of both."""
    pods, namespaces = node["pods"].mapping(), node["namespaces"]
    if not pods.written:
        return Parts(node.at, {"namespace_selector": _selector(namespaces)})
    return Parts(
        node.at,
        {
            "namespace_selector": _required(pods["namespaceSelector"]),
            "pod_selector": _required(pods["podSelector"]),
        },
    )


def _peer(peer: Node) -> Part:
    return Parts(
        peer.at,
        {
            **_pods(peer).fields,
            "node_selector": _selector(peer["nodes"]),
            "networks": peer["networks"].texts(),
            "domain_names": peer["domainNames"].texts(),
        },
    )


def _required(node: Node) -> Part:
    """A selector that selects everything where none is written."""
    return _selector(node) if node.written else Parts(node.at, {"match_labels": Found({}, node.at)})


def _selector(node: Node) -> Part:
    """A selector. Early versions had more ways to choose namespaces: what those choose is unknown."""
    if isinstance(node.value, dict) and not node.value.keys() <= _SELECTOR:
        return Found(_OTHER, node.at)
    return selector(node)


def _ports(rule: Node) -> Part:
    """The ports: ``protocols`` of ClusterNetworkPolicies, ``ports`` of those before. An empty list is as none."""
    protocols, ports = rule["protocols"], rule["ports"]
    node, part = (protocols, _protocol) if protocols.written else (ports, _port)
    return Found(None, node.at) if node.value == [] else listed(node, part)


def _port(item: Node) -> Part:
    """An item of ``ports``: portNumber, portRange or namedPort."""
    number, several, name = item["portNumber"].mapping(), item["portRange"].mapping(), item["namedPort"]
    if number.written:
        return _spelt(item, number["port"].text(), number["protocol"].text().or_default("TCP"))
    if several.written:
        protocol = several["protocol"].text().or_default("TCP")
        return _spelt(item, several["start"].text(), protocol, several["end"].integer())
    return _named(item, name)


def _protocol(item: Node) -> Part:
    """An item of ``protocols``: tcp, udp or sctp, each with a port, a range or all of them, or a named port."""
    name = next((name for name in _PROTOCOLS if name in item.keys), None)
    return _of_protocol(item, name) if name else _named(item, item["destinationNamedPort"])


def _of_protocol(item: Node, name: str) -> Part:
    if item[name].value is not None and not isinstance(item[name].value, dict):
        return Found(item[name].unknown(MAPPING), item[name].at)
    port = item[name]["destinationPort"].mapping()
    protocol = Found(name.upper(), item[name].at)
    several = port["range"].mapping()
    if several.written:
        return _spelt(item, several["start"].text(), protocol, several["end"].integer())
    return _spelt(item, port["number"].text(), protocol)


def _named(item: Node, name: Node) -> Part:
    return _spelt(item, name.text(), None) if name.written else Found(_NO_PORT, item.at)


def _spelt(item: Node, port: Found, protocol: Found | None, end: Found | None = None) -> Part:
    fields = {"port": port, "protocol": protocol, "end_port": end}
    return Parts(item.at, {name: found for name, found in fields.items() if found is not None})
