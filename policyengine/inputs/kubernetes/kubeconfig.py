"""Kubeconfig files. Of credentials it is told that they are there, never what they are.

https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.metadata import ORIGIN
from policyengine.inputs.kubernetes.node import Found
from policyengine.inputs.kubernetes.objects import is_kubeconfig
from policyengine.inputs.kubernetes.parts import Parts, listed, put_part
from policyengine.model.kinds.kubeconfig import KIND
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import DocPath, Document
    from policyengine.inputs.kubernetes.node import Node
    from policyengine.model.resource import Resource


def credentials(document: Document) -> Iterator[DocPath]:
    """The places of what users prove who they are by."""
    for index, value in enumerate(document.values):
        users = value.get("users") if isinstance(value, dict) and is_kubeconfig(value) else None
        for number, user in enumerate(users if isinstance(users, list) else ()):
            if isinstance(user, dict):
                yield from ((index, "users", number, key) for key in user if key != "name")


def kubeconfig_resource(node: Node) -> Resource:
    """The resource of a kubeconfig."""
    facts = Facts(KIND, node.document, node.at, node.context)
    current = node["current-context"].text()
    title = current.value if isinstance(current.value, str) and current.value else KIND.name
    facts.put("name", title, current.at)
    put_part(facts, "clusters", listed(node["clusters"], _cluster))
    put_part(facts, "users", listed(node["users"], _user))
    return facts.resource(title, Scope(ORIGIN, "", node.context.source, frozenset()), ORIGIN)


def _cluster(item: Node) -> Parts:
    cluster = item["cluster"].mapping()
    return Parts(
        item.at,
        {
            "name": item["name"].text(),
            "server": cluster["server"].text(),
            "insecure_skip_tls_verify": cluster["insecure-skip-tls-verify"].boolean().or_default(value=False),
            "certificate_authority": _has(cluster, "certificate-authority", "certificate-authority-data"),
        },
    )


def _user(item: Node) -> Parts:
    user = item["user"].mapping()
    return Parts(
        item.at,
        {
            "name": item["name"].text(),
            "password": _has(user, "password"),
            "token": _has(user, "token"),
            "token_file": user["tokenFile"].text(),
            "client_certificate": _has(user, "client-certificate", "client-certificate-data"),
            "client_key": _has(user, "client-key-data"),
            "command": user["exec"].mapping()["command"].text(),
            "auth_provider": user["auth-provider"].mapping()["name"].text(),
        },
    )


def _has(part: Node, *keys: str) -> Found:
    """Whether one of the keys has a value, and where; a mistyped part says nothing of it."""
    if part.written and not isinstance(part.value, dict):
        return Found(part.value, part.at)
    for key in keys:
        if part[key].value not in (None, ""):
            return Found(value=True, at=part[key].at)
    return Found(value=False, at=part.at)
