"""Manifests of roles and bindings, and what policyengine makes of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from policyengine.documents.yaml import YamlDocument
from policyengine.grants import Grants
from policyengine.inputs import kubernetes
from policyengine.inputs.context import Context
from policyengine.relations import Index

if TYPE_CHECKING:
    from policyengine.authentication.rbac.cluster import Cluster
    from policyengine.model.resource import Resource

RBAC = "rbac.authorization.k8s.io"
Manifest = dict[str, Any]


def rule(verbs: str, resources: str = "", group: str = "", names: str = "", urls: str = "") -> Manifest:
    """A rule; several words are several items, and ``core`` stands beside others for the group without a name."""
    groups = ["" if one == "core" else one for one in group.split()] or [""]
    about = {"apiGroups": groups, "resources": resources.split()} if resources else {}
    named = {"resourceNames": names.split()} if names else {}
    return {"verbs": verbs.split(), **about, **named, **({"nonResourceURLs": urls.split()} if urls else {})}


def role(name: str, *rules: Manifest, namespace: str = "", labels: Manifest | None = None, **more: object) -> Manifest:
    """A Role where there is a namespace, else a ClusterRole."""
    about = {"name": name, **({"namespace": namespace} if namespace else {}), "labels": labels or {}}
    kind = "Role" if namespace else "ClusterRole"
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": about, "rules": list(rules), **more}


def aggregate(name: str, *selectors: Manifest, labels: Manifest | None = None) -> Manifest:
    """A ClusterRole that has the rules of others."""
    return role(name, labels=labels, aggregationRule={"clusterRoleSelectors": list(selectors)})


def binding(granted: str, *subjects: str, namespace: str = "", name: str = "b") -> Manifest:
    """A binding to ``role/NAME`` or a ClusterRole: in a namespace a RoleBinding.

    Subjects are ``user:NAME``, ``group:NAME``, ``sa:NAMESPACE/NAME`` or ``sa:NAME``.
    """
    kind = "Role" if granted.startswith("role/") else "ClusterRole"
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": name, **({"namespace": namespace} if namespace else {})},
        "roleRef": {"apiGroup": RBAC, "kind": kind, "name": granted.removeprefix("role/")},
        "subjects": [_subject(one) for one in subjects],
    }


def _subject(text: str) -> Manifest:
    kind, _, name = text.partition(":")
    if kind != "sa":
        return {"apiGroup": RBAC, "kind": kind.title(), "name": name}
    namespace, slash, name = name.rpartition("/")
    return {"kind": "ServiceAccount", "name": name, **({"namespace": namespace} if slash else {})}


def resources(objects: list[Manifest], *, closed: bool = True) -> list[Resource]:
    """The resources of manifests, related."""
    text = "\n---\n".join(map(json.dumps, objects)) + "\n"
    found = list(kubernetes.read(YamlDocument("m.yaml", text), Context(source="d", closed=closed)))
    index, moved = Index(), Index()
    for one in found:
        index.add(one)
    moved.merge(index)
    return [moved.relate(one) for one in found]


def cluster(objects: list[Manifest], *, closed: bool = True) -> Cluster:
    """The roles and bindings of manifests, read as any others are."""
    found = resources(objects, closed=closed)
    grants = Grants()
    for one in found:
        grants.add(one)
    return grants.cluster(next(one.scope for one in found if one.kind == "role_binding"))
