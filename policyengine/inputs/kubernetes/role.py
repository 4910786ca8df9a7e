"""Roles and ClusterRoles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.parts import Parts, listed, put_part
from policyengine.inputs.kubernetes.selector import selector
from policyengine.model.kinds.role import KIND
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


_AGGREGATED = Unknown("role.rules", "the cluster fills the rules from the ClusterRoles that are aggregated")


def role_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a Role or ClusterRole. Of an aggregated one the cluster overwrites the rules."""
    cluster = manifest.kind == "ClusterRole"
    node, made = manifest.node, draft(manifest, KIND, cluster=cluster)
    made.facts.put("cluster", cluster, (*node.at, "kind"))
    put_part(made.facts, "rules", listed(node["rules"], _rule))
    aggregation = node["aggregationRule"].mapping()
    if aggregation.written:
        put_part(made.facts, "aggregation", listed(aggregation["clusterRoleSelectors"], selector))
        made.facts.leave_open("rules", _AGGREGATED)
    yield made.resource()


def _rule(rule: Node) -> Parts:
    keys = {
        "api_groups": "apiGroups",
        "resources": "resources",
        "resource_names": "resourceNames",
        "verbs": "verbs",
        "non_resource_urls": "nonResourceURLs",
    }
    return Parts(rule.at, {field: rule[key].texts() for field, key in keys.items()})
