"""RoleBindings and ClusterRoleBindings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.node import Found
from policyengine.inputs.kubernetes.parts import Parts, listed, put_part
from policyengine.inputs.kubernetes.rbac import rbac_resources
from policyengine.model.kinds.role_binding import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


def role_binding_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a RoleBinding or ClusterRoleBinding, and those of its subjects where a policy is about them."""
    cluster = manifest.kind == "ClusterRoleBinding"
    node, made = manifest.node, draft(manifest, KIND, cluster=cluster)
    reference = node["roleRef"].mapping()
    role = _named(reference) if reference.written else Found(reference.value, reference.at)
    subjects = listed(node["subjects"], _subject)
    made.facts.put("cluster", cluster, (*node.at, "kind"))
    put_part(made.facts, "role_ref", role)
    if reference["kind"].value == "ClusterRole" and reference["name"].value == "cluster-admin":
        made.facts.put("grants_everything", value=True, at=reference.at)
    put_part(made.facts, "subjects", subjects)
    yield made.resource()
    yield from rbac_resources(manifest, made.about, role, subjects, cluster=cluster)


def _named(reference: Node) -> Parts:
    return Parts(reference.at, {"kind": reference["kind"].text(), "name": reference["name"].text()})


def _subject(subject: Node) -> Parts:
    named = _named(subject)
    return Parts(named.at, {**named.fields, "namespace": subject["namespace"].text()})
