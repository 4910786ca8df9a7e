"""NetworkPolicies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.node import DEFAULT, Found, put
from policyengine.inputs.kubernetes.parts import Part, Parts, listed, put_part
from policyengine.inputs.kubernetes.selector import selector
from policyengine.model.kinds.network_policy import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


def network_policy_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a NetworkPolicy."""
    made, spec = draft(manifest, KIND), manifest.node.required("spec")
    selects = spec["podSelector"]
    put(made.facts, "policy_types", _types(spec))
    put_part(made.facts, "pod_selector", selector(selects) if selects.written else _everything(selects))
    put_part(made.facts, "ingress", listed(spec["ingress"], lambda rule: _rule(rule, "from")))
    put_part(made.facts, "egress", listed(spec["egress"], lambda rule: _rule(rule, "to")))
    yield made.resource()


def _everything(selects: Node) -> Found:
    return Found({"match_labels": {}, "match_expressions": []}, selects.at, DEFAULT)


def _types(spec: Node) -> Found:
    """The policy's types. Without any, the API server takes Ingress, and Egress when there are egress rules."""
    written = spec["policyTypes"].texts()
    if written.value:
        return written
    return Found(["Ingress", "Egress"] if spec["egress"].value else ["Ingress"], written.at, DEFAULT)


def _rule(rule: Node, peers: str) -> Parts:
    """A rule. An empty list of peers or of ports is for all of them, as no list is."""
    fields = {"peers": rule[peers], "ports": rule["ports"]}
    parts = {"peers": _peer, "ports": _port}
    return Parts(
        rule.at,
        {
            field: listed(node, parts[field]) if node.value != [] else Found(None, node.at)
            for field, node in fields.items()
        },
    )


def _peer(peer: Node) -> Part:
    block = peer["ipBlock"].mapping()
    return Parts(
        peer.at,
        {
            "pod_selector": selector(peer["podSelector"]),
            "namespace_selector": selector(peer["namespaceSelector"]),
            "cidr": block["cidr"].text(),
            "except_cidrs": block["except"].texts(),
        },
    )


def _port(port: Node) -> Part:
    return Parts(
        port.at,
        {
            "port": port["port"].text(),
            "end_port": port["endPort"].integer(),
            "protocol": port["protocol"].text().or_default("TCP"),
        },
    )
