"""Services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.metadata import ORIGIN, metadata
from policyengine.inputs.kubernetes.node import DEFAULT, SEQUENCE, Found, put
from policyengine.model.kinds.service import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


def service_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a Service."""
    node = manifest.node
    about = metadata(node)
    spec = node.required("spec")
    facts = Facts(KIND, node.document, about.name.at, node.context)
    about.put(facts, "name", "namespace", "labels", "annotations")
    put(facts, "type", spec["type"].text().or_default("ClusterIP"))
    put(facts, "selector", spec["selector"].labels())
    _put_ports(facts, spec["ports"])
    yield facts.resource(about.title, about.scope, ORIGIN)


def _put_ports(facts: Facts, ports: Node) -> None:
    if not isinstance(ports.value, list):
        facts.put("ports", ports.unknown(SEQUENCE) if ports.written else None, ports.at)
        return
    found = [(item, _port(item)) for item in ports.items()]
    for index, (item, parts) in enumerate(found):
        facts.place(("ports", index), item.at)
        for field, part in parts.items():
            facts.place(("ports", index, field), part.at)
            if part.how:
                facts.how(("ports", index, field), part.how)
    values = [{field: part.value for field, part in parts.items()} for _, parts in found]
    facts.put("ports", values or None, ports.at)


def _port(item: Node) -> dict[str, Found]:
    port = item["port"].integer()
    target = item["targetPort"].text()
    return {
        "name": item["name"].text(),
        "port": port,
        "target_port": Found(port.value, target.at, DEFAULT) if target.value is None else target,
        "node_port": item["nodePort"].integer(),
        "protocol": item["protocol"].text().or_default("TCP"),
    }
