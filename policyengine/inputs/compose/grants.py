"""The secrets and configs that a service is granted.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md#secrets
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.inputs.compose.mounted import DIRECTORIES, target
from policyengine.inputs.compose.node import flag
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts

_SOURCES = ("file", "environment", "content")


def fill(facts: Facts, node: Node) -> None:
    """Give a container its secrets and configs."""
    for section in DIRECTORIES:
        written = node.get(section)
        if not isinstance(written, list):
            node.put(facts, section, written)
            continue
        # Of several with one target the last counts.
        grants = {_key(section, item, index): (index, item) for index, item in enumerate(written)}
        for index, (at, _) in enumerate(grants.values()):
            place = (*node.at, section, at)
            node.mark(facts, (section, index), place)
            for key in ("source", "target", "origin"):
                node.mark(facts, (section, index, key), (*place, key))
        node.put(facts, section, [_grant(node, section, item) for _, item in grants.values()])


def _key(section: str, item: object, index: int) -> object:
    mounted = target(section, item if isinstance(item, dict) else {"source": item})
    return index if isinstance(mounted, Unknown | list) else mounted


def _grant(node: Node, section: str, item: object) -> object:
    """A grant with the keys of the model only; what names nothing as it is."""
    if isinstance(item, list | Unknown | None):
        return item
    grant = item if isinstance(item, dict) else {"source": item}
    name = scalar_text(grant.get("source"))
    found = {key: grant[key] for key in ("source", "uid", "gid", "mode") if grant.get(key) is not None}
    if name is None:
        return found
    return {**found, "target": target(section, grant), "origin": _origin(node, section, name)}


def _origin(node: Node, section: str, name: str) -> object:
    """Where a grant comes from; None where its definition does not say."""
    missing = node.definitions.missing(section, name)
    if missing is not None:
        return missing
    definition = node.definitions.get(section, name)
    external = flag(definition.get("external"))
    if external and external is not False:
        return external if isinstance(external, Unknown) else "external"
    return next((key for key in _SOURCES if definition.get(key) is not None), None)
