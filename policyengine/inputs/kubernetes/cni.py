"""Configurations of CNI plugins, in files of their own or in ConfigMaps.

https://www.cni.dev/docs/spec/#configuration-format
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.metadata import ORIGIN
from policyengine.model.kinds.cni import KIND
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource

_WORD = "plugins"


def cni_resource(node: Node) -> Resource:
    """The resource of a file of plugins."""
    return _resource(node, node.value, (*node.at, _WORD))


def config_map_cni_resources(manifest: Object) -> Iterator[Resource]:
    """The resources of the configurations in a ConfigMap: any value that is one."""
    data = manifest.node["data"]
    for key in data.keys:
        value = data[key].value
        if isinstance(value, str) and f'"{_WORD}"' in value:
            found = _parsed(value)
            if found is not None:
                yield _resource(data[key], found, data[key].at)


def _parsed(text: str) -> dict[str, object] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):  # a template, or something else altogether
        return None
    return found if isinstance(found, dict) and isinstance(found.get(_WORD), list) and "name" in found else None


def _resource(node: Node, value: object, at: tuple[str | int, ...]) -> Resource:
    found = value if isinstance(value, dict) else {}
    name = found.get("name")
    types = [_type(plugin) for plugin in found.get(_WORD, ()) if isinstance(plugin, dict)]
    facts = Facts(KIND, node.document, node.at, node.context)
    title = name if isinstance(name, str) else "cni"
    facts.put("name", title, node.at)
    facts.put("plugins", [kind for kind in types if isinstance(kind, str)], at)
    return facts.resource(title, Scope(ORIGIN, "", node.context.source, frozenset()), ORIGIN)


def _type(plugin: dict[str, object]) -> object:
    """A plugin's type; of one that leaves the work to another (flannel to calico, as Canal has it), the other's."""
    delegate = plugin.get("delegate")
    other = delegate.get("type") if isinstance(delegate, dict) else None
    return other or plugin.get("type")
