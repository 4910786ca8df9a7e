"""Limits of memory, CPU and processes, of a service itself or of ``deploy.resources.limits``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.compose import sizes
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts

_LIMITS: dict[str, tuple[str, Callable[[object], float | None]]] = {
    "mem_limit": ("memory", sizes.memory),
    "cpus": ("cpus", sizes.cpus),
    "pids_limit": ("pids", sizes.pids),
}


def fill(facts: Facts, node: Node) -> None:
    """Give a container its limits; where its own is none (0, for processes also -1), that of ``deploy`` if it has."""
    for field, (deployed, read) in _LIMITS.items():
        below = ("deploy", "resources", "limits", deployed)
        steps: tuple[str, ...] = (field,)
        limit = _limit(node, read, *steps)
        if limit is None and node.get(*below) is not None:
            limit, steps = _limit(node, read, *below), below
        node.put(facts, field, limit, *steps)


def _limit(node: Node, read: Callable[[object], float | None], *steps: str) -> object:
    value = node.get(*steps)
    if value is None or isinstance(value, Unknown):
        return value
    try:
        return read(value)
    except ValueError as error:
        return node.wrong(".".join(steps), str(error), (*node.at, *steps))
