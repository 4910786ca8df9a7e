"""What is kept of the resources of a cluster: compact, and all that who reaches whom hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.model.location import Location  # noqa: TC001 - structures are made by these types
from policyengine.model.unknown import OpenList, OpenMap, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.resource import Resource

ORIGIN = "kubernetes"

FACTS: Mapping[str, tuple[str, ...]] = {
    "pod": ("name", "namespace", "controller", "labels", "host_network", "container_ports", "addresses"),
    "namespace": ("name", "labels"),
    "service": (
        *("name", "namespace", "labels", "type", "selector", "ports", "cluster_ip", "external_ips"),
        *("load_balancer", "load_balancer_source_ranges", "external_traffic_policy"),
    ),
    "network_policy": ("name", "namespace", "policy_types", "pod_selector", "ingress", "egress"),
    "cluster_network_policy": ("name", "object_kind", "tier", "priority", "subject", "ingress", "egress"),
}
"""The kinds of resource that a cluster's network is made of, and the facts of each that it hangs on."""

_PATCH = "manifest"
"""The fact that patches leave unknown."""

_POLICIES = ("network_policy", "cluster_network_policy")
_DIRECTIONS = ("ingress", "egress")


class Written(Struct, frozen=True):
    """What is kept of a resource. ``source`` tells clusters apart, as scopes do.

    ``whole``: what its source does not have does not exist. ``partial``: it is a patch, and another file says the
    rest. ``rules`` are the places of a policy's rules by direction.
    """

    kind: str
    name: str
    namespace: str
    source: str
    facts: dict[str, object]
    where: Location
    whole: bool
    partial: bool = False
    rules: dict[str, tuple[Location, ...]] = {}


def written(resource: Resource) -> Written | None:
    """What is kept of a resource; None of one that a cluster's network does not hang on."""
    kept = FACTS.get(resource.kind)
    if kept is None or resource.origin != ORIGIN:
        return None
    facts = {name: resource.facts[name] for name in kept if name in resource.facts}
    return Written(
        resource.kind,
        resource.name,
        "" if resource.kind == "cluster_network_policy" else resource.scope.name,
        resource.scope.source,
        facts,
        resource.where(),
        "network_policy" in resource.scope.closed,
        any(map(_is_left_out, facts.values())),
        _rules(resource) if resource.kind in _POLICIES else {},
    )


def _is_left_out(value: object) -> bool:
    """Whether another file says the rest of a fact: the resource is a patch."""
    unknown = value.unknown if isinstance(value, OpenList | OpenMap) else value
    return isinstance(unknown, Unknown) and unknown.fact == _PATCH


def _rules(resource: Resource) -> dict[str, tuple[Location, ...]]:
    found = {direction: resource.facts.get(direction) for direction in _DIRECTIONS}
    return {
        direction: tuple(resource.where((direction, index)) for index in range(len(rules)))
        for direction, rules in found.items()
        if isinstance(rules, list)
    }
