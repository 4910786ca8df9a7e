"""The ports of a container: those that its node has too, and those that only other Pods reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs import normal
from policyengine.inputs.kubernetes.node import DEFAULT, SEQUENCE, Found

if TYPE_CHECKING:
    from policyengine.inputs.facts import Facts
    from policyengine.inputs.kubernetes.node import Node


def put_ports(facts: Facts, ports: Node, *, host_network: bool) -> None:
    """Fill ``ports`` with those of the node and ``expose`` with the others, which publish nothing.

    On the node's network every port is one of the node's, as the API server writes down; on which addresses it
    listens is the program's matter, whatever ``hostIP`` says.
    https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports
    """
    if not isinstance(ports.value, list):
        nothing = ports.unknown(SEQUENCE) if ports.written else None
        facts.put("ports", nothing, ports.at)
        facts.put("expose", nothing, ports.at)
        return
    values: list[dict[str, object]] = []
    exposed: list[str] = []
    for item in ports.items():
        parts = _parts(item, host_network=host_network)
        if parts["published"].value:
            _publish(facts, values, item, parts)
        elif isinstance(parts["target"].value, int):
            facts.place(("expose", len(exposed)), parts["target"].at)
            exposed.append(f"{int(parts['target'].value)}/{parts['protocol'].value}")
    facts.put("ports", values or None, ports.at)
    facts.put("expose", exposed or None, ports.at)


def _parts(item: Node, *, host_network: bool) -> dict[str, Found]:
    target, published, address = item["containerPort"].integer(), item["hostPort"].integer(), item["hostIP"].text()
    implied = host_network and not published.value
    if host_network:
        published = published if published.value else Found(target.value, target.at, DEFAULT)
        address = Found(None, address.at)
    else:
        address = address.or_default("0.0.0.0")  # noqa: S104  # what Kubernetes binds
    if isinstance(address.value, str):
        address = address._replace(value=normal.address(address.value))
    protocol = item["protocol"].text().or_default("TCP")
    return {
        "target": target,
        "published": published,
        "host_ip": address,
        "protocol": protocol._replace(value=_protocol(protocol.value)),
        "by_host_network": Found(implied, published.at),
    }


def _protocol(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _publish(facts: Facts, values: list[dict[str, object]], item: Node, parts: dict[str, Found]) -> None:
    place = ("ports", len(values))
    for field, part in parts.items():
        facts.place((*place, field), part.at)
        if part.how:
            facts.how((*place, field), part.how)
    facts.place(place, item.at)
    values.append({field: part.value for field, part in parts.items()})
