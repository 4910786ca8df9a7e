"""Roles and ClusterRoles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.parts import Parts, listed, put_part
from policyengine.inputs.kubernetes.rights import rights
from policyengine.inputs.kubernetes.selector import selector
from policyengine.model.kinds.role import KIND
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.facts import Facts
    from policyengine.inputs.kubernetes.metadata import Metadata
    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.inputs.kubernetes.parts import Part
    from policyengine.model.resource import Resource


_BOOTSTRAPPING = "kubernetes.io/bootstrapping"
_OWN_NAME = re.compile(
    r"cluster-admin|system:(?:(?:aggregate-to-|controller:|certificates\.k8s\.io:|node-).*|auth-delegator|basic-user"
    r"|discovery|heapster|kube-aggregator|kube-controller-manager|kube-dns|kube-scheduler|kubelet-api-admin|monitoring"
    r"|node|persistent-volume-provisioner|public-info-viewer|service-account-issuer-discovery|volume-scheduler)"
).fullmatch
"""The names that Kubernetes gives its own. Not system:* as a whole: add-ons name roles of their own so.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
"""

_AGGREGATED = Unknown("role.rules", "the cluster fills the rules from the ClusterRoles that are aggregated")


def role_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a Role or ClusterRole. Of an aggregated one the cluster overwrites the rules."""
    cluster = manifest.kind == "ClusterRole"
    node, made = manifest.node, draft(manifest, KIND, cluster=cluster)
    made.facts.put("cluster", cluster, (*node.at, "kind"))
    rules = listed(node["rules"], _rule)
    put_part(made.facts, "rules", rules)
    made.facts.put("built_in", _is_built_in(made.about), made.about.name.at)
    if node.context.wants("role", "rights"):
        namespace = made.about.namespace.value
        _put_rights(made.facts, rules, system=namespace == "kube-system" or not isinstance(namespace, str))
    aggregation = node["aggregationRule"].mapping()
    if aggregation.written:
        put_part(made.facts, "aggregation", listed(aggregation["clusterRoleSelectors"], selector))
        made.facts.leave_open("rules", _AGGREGATED)
        made.facts.leave_open("rights", _AGGREGATED)
    yield made.resource()


def _put_rights(facts: Facts, rules: Part, *, system: bool) -> None:
    found, unread = rights(rules, system=system)
    put_part(facts, "rights", found)
    if unread:
        facts.leave_open("rights", unread)


def is_labelled_own(about: Metadata) -> bool:
    """Whether an object is labelled as one that the API server makes itself."""
    labels = about.labels.value if isinstance(about.labels.value, dict) else {}
    return labels.get(_BOOTSTRAPPING) == "rbac-defaults"


def _is_built_in(about: Metadata) -> bool:
    return is_labelled_own(about) or _OWN_NAME(about.title) is not None


def _rule(rule: Node) -> Parts:
    keys = {
        "api_groups": "apiGroups",
        "resources": "resources",
        "resource_names": "resourceNames",
        "verbs": "verbs",
        "non_resource_urls": "nonResourceURLs",
    }
    return Parts(rule.at, {field: rule[key].texts() for field, key in keys.items()})
