"""Services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.node import DEFAULT, Found, put
from policyengine.inputs.kubernetes.parts import Parts, listed, put_part
from policyengine.model.kinds.service import KIND
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.metadata import Draft
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
    put(made.facts, "load_balancer", _load_balancer(made))
    put_part(made.facts, "ports", listed(spec["ports"], _port))
    yield made.resource()


_INTERNAL = {
    "cloud.google.com/load-balancer-type": "internal",
    "networking.gke.io/load-balancer-type": "internal",
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": "intranet",
    "service.beta.kubernetes.io/aws-load-balancer-internal": "",
    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
    "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
    "service.beta.kubernetes.io/cce-load-balancer-internal-vpc": "true",
    "service.beta.kubernetes.io/oci-load-balancer-internal": "true",
    "service.beta.kubernetes.io/openstack-internal-load-balancer": "true",
    "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": "private",
    "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid": "",
}
"""The annotations by which clouds make a load balancer private, and the value that does; empty for any but false.

https://kubernetes.io/docs/concepts/services-networking/service/#internal-load-balancer
"""
_EVERYBODY = frozenset({"0.0.0.0/0", "::/0"})


def _load_balancer(made: Draft) -> Found:
    """Who reaches the load balancer; None where there is none."""
    facts, annotations = made.facts, made.about.annotations
    about = annotations.at if annotations.value else made.about.name.at
    if facts["type"] != "LoadBalancer":
        return Found(facts["type"] if isinstance(facts["type"], Unknown) else None, about)
    written = annotations.value if isinstance(annotations.value, dict) else {}
    if isinstance(annotations.value, Unknown):
        return Found(annotations.value, annotations.at)
    key = next((key for key, wanted in _INTERNAL.items() if key in written and _says(written[key], wanted)), None)
    if key:
        return Found("internal", (*annotations.at, key))
    ranges = facts["load_balancer_source_ranges"]
    if made.partial and not ranges:
        return Found(None, about)
    limited = isinstance(ranges, list) and bool(ranges) and _EVERYBODY.isdisjoint(map(str, ranges))
    return Found(ranges if isinstance(ranges, Unknown) else "restricted" if limited else "open", about)


def _says(value: object, wanted: str) -> bool:
    text = value.lower() if isinstance(value, str) else ""
    return text == wanted if wanted else text not in ("", "false")


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
