"""The volumes that a project makes: https://github.com/compose-spec/compose-spec/blob/main/07-volumes.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.compose.mounted import bound
from policyengine.inputs.compose.node import DEFAULT
from policyengine.inputs.compose.pairs import paired
from policyengine.inputs.compose.section import fill_name
from policyengine.inputs.compose.volumes import named
from policyengine.inputs.facts import Facts
from policyengine.model.kinds.volume import KIND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.inputs.compose.node import Node
    from policyengine.model.resource import Resource
    from policyengine.model.scope import Scope

SUPPLIED = frozenset({"name", "driver", "type", "device", "bind", "options", "labels", "anonymous", "containers"})


def volume(node: Node, services: Iterable[Node], scope: Scope, origin: str) -> Resource:
    """A volume."""
    facts = Facts(KIND, node.document, node.head, node.context)
    fill_name(facts, node, scope)
    node.put(facts, "driver", node.get("driver"))
    for field, key in (("options", "driver_opts"), ("labels", "labels")):
        node.put(facts, field, paired(facts, node, (field,), node.get(key), (*node.at, key)), key)
    if node.get("driver") in (None, "local"):
        for key in ("type", "device"):
            node.put(facts, key, node.get("driver_opts", key), "driver_opts", key)
        node.put(facts, "bind", _bind(node), "driver_opts", "device")
    facts.put("anonymous", False, node.head, DEFAULT)
    mounting = (service for service in services if node.name in named(service))
    facts.put("containers", [service.text("container_name") or service.name for service in mounting], node.head)
    return facts.resource(node.name, scope, origin)


def _bind(node: Node) -> object:
    """The host path that a volume is a bind of; None where it is none."""
    mount = bound({"type": "volume", "source": node.name}, node.definitions)
    if not isinstance(mount, dict) or mount["type"] == "volume":
        return None
    return mount["source"]
