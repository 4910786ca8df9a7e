"""Networks of an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.docker.config import put_labels
from policyengine.inputs.docker.snapshot import name_of, network_name
from policyengine.inputs.facts import Facts
from policyengine.model.kinds.network import KIND

if TYPE_CHECKING:
    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.docker.snapshot import Snapshot
    from policyengine.model.resource import Resource

_FIELDS = (
    ("name", "Name"),
    ("driver", "Driver"),
    ("internal", "Internal"),
    ("attachable", "Attachable"),
    ("enable_ipv6", "EnableIPv6"),
    ("ingress", "Ingress"),
    ("scope", "Scope"),
    ("created", "Created"),
)


def network(node: Node, snapshot: Snapshot) -> Resource:
    """One network."""
    facts = Facts(KIND, snapshot.document, node.at, snapshot.context)
    for field, key in _FIELDS:
        facts.put(field, node[key].value, node[key].at)
    facts.put("ipam_driver", node["IPAM"]["Driver"].value, node["IPAM"]["Driver"].at)
    for field, key in (("subnets", "Subnet"), ("gateways", "Gateway")):
        _put_addresses(facts, node["IPAM"]["Config"], field, key)
    facts.put("options", node["Options"].value or None, node["Options"].at)
    put_labels(facts, node["Labels"])
    facts.put("containers", _containers(node, snapshot) or None, node["Containers"].at)
    facts.put("endpoints", _endpoints(node["Containers"], snapshot) or None, node["Containers"].at)
    facts.put("bridge", _bridge(node), node["Options"].at)
    return snapshot.resource(facts, network_name(node), node)


def _endpoints(running: Node, snapshot: Snapshot) -> list[dict[str, object]]:
    """The addresses of those that run. A Swarm's way out of its own has other names than its containers."""
    found = []
    for id_, entry in running.entries():
        name = snapshot.container_name(id_)
        found.append({"container": entry["Name"].text if name == id_ else name, **_addresses(entry)})
    return found


def _addresses(entry: Node) -> dict[str, object]:
    told = (("ipv4_address", entry["IPv4Address"].text), ("ipv6_address", entry["IPv6Address"].text))
    return {key: text.partition("/")[0] for key, text in told if text}


def _bridge(node: Node) -> str | None:
    """The interface is named after the network's id, where its options do not name it."""
    if node["Driver"].text != "bridge":
        return None
    return node["Options"]["com.docker.network.bridge.name"].text or f"br-{node['Id'].text[:12]}"


def _put_addresses(facts: Facts, pools: Node, field: str, key: str) -> None:
    found = [pool[key] for pool in pools.items() if pool[key].value]
    facts.put(field, [address.value for address in found] or None, pools.at)
    for index, address in enumerate(found):
        facts.place((field, index), address.at)


def _containers(node: Node, snapshot: Snapshot) -> list[str]:
    """Those that run, which the network tells of, and those that are stopped, which only themselves tell."""
    running = {entry["Name"].text for _, entry in node["Containers"].entries()}
    name = node["Name"].text
    attached = {
        name_of(container)
        for container in snapshot.containers
        if any(key == name for key, _ in container["NetworkSettings"]["Networks"].entries())
    }
    return sorted((running | attached) - {""})
