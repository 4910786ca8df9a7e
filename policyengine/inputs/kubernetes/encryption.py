"""EncryptionConfigurations. Their keys are secrets, and are hidden.

https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.metadata import ORIGIN
from policyengine.inputs.kubernetes.node import Found
from policyengine.inputs.kubernetes.parts import Listed, Parts, listed, put_part
from policyengine.model.kinds.encryption import KIND
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


def encryption_resources(manifest: Object) -> Iterator[Resource]:
    """What the file says, without its keys."""
    node = manifest.node
    facts = Facts(KIND, node.document, (*node.at, "kind"), node.context)
    facts.put("name", manifest.kind, (*node.at, "kind"))
    put_part(facts, "resources", listed(node["resources"], _resource))
    yield facts.resource(manifest.kind, Scope(ORIGIN, "", node.context.source, frozenset()), ORIGIN)


def _resource(entry: Node) -> Parts:
    providers = [(name, provider[name]) for provider in entry["providers"].items() for name in provider.keys[:1]]
    for _, provider in providers:
        provider.document.hide((*provider.at, "keys"))
    names = [Found(name, provider.at) for name, provider in providers]
    first = names[0] if names else Found(None, entry["providers"].at)
    return Parts(
        entry.at,
        {
            "resources": entry["resources"].texts(),
            "providers": Listed(entry["providers"].at, list(names)),
            "first": first,
        },
    )
