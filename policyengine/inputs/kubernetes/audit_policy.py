"""Audit policies: what the rules come to for the requests that matter most.

The first rule that matches a request settles the level at which it is logged; without one it is not logged.
https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.metadata import ORIGIN
from policyengine.inputs.kubernetes.node import Found
from policyengine.inputs.kubernetes.parts import put_map
from policyengine.model.kinds.audit_policy import KIND
from policyengine.model.scope import Scope
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


class _Request(NamedTuple):
    group: str
    resource: str
    verbs: frozenset[str]


_READ = frozenset({"get", "list", "watch"})
_WRITE = frozenset({"create", "update", "patch", "delete"})
_CONNECT = frozenset({"create", "get"})
_REQUESTS = (
    _Request("", "secrets", _READ),
    _Request("", "configmaps", _READ),
    _Request("authentication.k8s.io", "tokenreviews", frozenset({"create"})),
    _Request("", "pods", _WRITE),
    _Request("apps", "deployments", _WRITE),
    *(_Request("", name, _CONNECT) for name in ("pods/exec", "pods/portforward", "pods/proxy", "services/proxy")),
)
"""What CIS asks to be logged (CIS Kubernetes 3.2.2), and how each is asked for."""

_FOR_SOME = ("users", "userGroups", "namespaces")
_NO_LEVEL = Unknown("audit_policy.levels", "a rule has no level that can be read")


class _Rule(NamedTuple):
    """A rule that is for all users and namespaces, read once. ``verbs`` are None for all."""

    verbs: frozenset[str] | None
    level: Found
    resources: list[tuple[str, frozenset[str]]]


def audit_policy_resources(manifest: Object) -> Iterator[Resource]:
    """The levels that a policy's rules come to."""
    node = manifest.node
    facts = Facts(KIND, node.document, (*node.at, "kind"), node.context)
    facts.put("name", manifest.kind, (*node.at, "kind"))
    listed = node["rules"]
    rules = [_rule(rule) for rule in listed.items() if not _is_for_some(rule)]
    levels = {request.resource: _level(rules, request, listed) for request in _REQUESTS}
    put_map(facts, "levels", levels, listed.at)
    yield facts.resource(manifest.kind, Scope(ORIGIN, "", node.context.source, frozenset()), ORIGIN)


def _is_for_some(rule: Node) -> bool:
    """Whether a rule is for some users or namespaces, or for paths of the API server that are no resources."""
    return any(rule[key].value for key in _FOR_SOME) or bool(
        rule["nonResourceURLs"].value and not rule["resources"].value
    )


def _rule(rule: Node) -> _Rule:
    level = rule["level"].text()
    resources = [
        (str(item["group"].value or ""), _names(item))
        for item in rule["resources"].items()
        if not item["resourceNames"].value
    ]
    if not resources and not rule["resources"].value:
        resources = [("*", _ALL)]
    verbs = _texts(rule["verbs"])
    return _Rule(verbs or None, level if level.value is not None else Found(_NO_LEVEL, rule.at), resources)


_ALL = frozenset({"*"})


def _names(item: Node) -> frozenset[str]:
    """The resources of a group that are meant: all where none is written."""
    return _texts(item["resources"]) or _ALL


def _texts(node: Node) -> frozenset[str]:
    return frozenset(map(str, node.value)) if isinstance(node.value, list) else frozenset()


def _level(rules: list[_Rule], request: _Request, around: Node) -> Found:
    """The level of the first rule that is for every such request; where it is written."""
    whole, _, part = request.resource.partition("/")
    names = {request.resource, "*"} | ({f"{whole}/*", f"*/{part}"} if part else set())
    for rule in rules:
        if rule.verbs is not None and rule.verbs.isdisjoint(request.verbs):
            continue
        if any(group in (request.group, "*") and not wanted.isdisjoint(names) for group, wanted in rule.resources):
            return rule.level
    return Found("None", around.at)
