"""Services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.node import DEFAULT, Found, put
from policyengine.inputs.kubernetes.parts import Parts, listed, put_part
from policyengine.model.kinds.service import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


def service_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a Service."""
    made, spec = draft(manifest, KIND), manifest.node.required("spec")
    for field, found in (
        ("type", spec["type"].text().or_default("ClusterIP")),
        ("selector", spec["selector"].labels()),
        ("cluster_ip", spec["clusterIP"].text()),
        ("external_ips", spec["externalIPs"].texts()),
        ("external_name", spec["externalName"].text()),
        ("load_balancer_source_ranges", spec["loadBalancerSourceRanges"].texts()),
        ("external_traffic_policy", spec["externalTrafficPolicy"].text()),
    ):
        put(made.facts, field, found)
    put_part(made.facts, "ports", listed(spec["ports"], _port))
    yield made.resource()


def _port(item: Node) -> Parts:
    port = item["port"].integer()
    target = item["targetPort"].text()
    return Parts(
        item.at,
        {
            "name": item["name"].text(),
            "port": port,
            "target_port": Found(port.value, target.at, DEFAULT) if target.value is None else target,
            "node_port": item["nodePort"].integer(),
            "protocol": item["protocol"].text().or_default("TCP"),
        },
    )
