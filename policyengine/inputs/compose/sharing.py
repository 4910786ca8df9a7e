"""Which services of a project mount the same: what one writes the others read."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from policyengine.inputs.normal import shareable

if TYPE_CHECKING:
    from policyengine.documents.document import DocPath
    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts

Mounts = list[tuple[object, "DocPath"]]
"""The mounts of a service, each with where it is written."""


class Sharing:
    """The mounts of a project's services, by what they mount."""

    def __init__(self, mounts: dict[str, Mounts]) -> None:
        self._users: defaultdict[object, set[str]] = defaultdict(set)
        self._written: set[object] = set()
        for service, mounted in mounts.items():
            for volume, _ in mounted:
                source = shareable(volume)
                if source is not None and isinstance(volume, dict):
                    self._users[source].add(service)
                    if volume.get("read_only") is not True:
                        self._written.add(source)

    def others(self, service: str, volume: object) -> list[str]:
        """The other services that mount what a service mounts, where one of them may write there."""
        source = shareable(volume)
        return sorted(self._users[source] - {service}) if source in self._written else []


def fill(facts: Facts, node: Node, mounts: Mounts, sharing: Sharing) -> None:
    """Give a container what it shares."""
    shared: list[dict[str, object]] = []
    for volume, at in mounts:
        others = sharing.others(node.name, volume)
        if others and isinstance(volume, dict):
            node.mark(facts, ("shared_volumes", len(shared)), at)
            shared.append({"source": volume["source"], "containers": others})
    node.put(facts, "shared_volumes", shared or None, "volumes")
