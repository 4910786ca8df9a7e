"""Limits of memory, CPU and processes, of a service itself or of ``deploy.resources``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.compose import sizes

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts

_LIMITS: dict[str, tuple[tuple[str, str], Callable[[object], float | None]]] = {
    "mem_limit": (("limits", "memory"), sizes.memory),
    "cpus": (("limits", "cpus"), sizes.cpus),
    "pids_limit": (("limits", "pids"), sizes.pids),
    "mem_reservation": (("reservations", "memory"), sizes.memory),
}


def fill(facts: Facts, node: Node) -> None:
    """Give a container its limits; where its own is none (0, for processes also -1), that of ``deploy`` if it has."""
    for field, (deployed, read) in _LIMITS.items():
        below = ("deploy", "resources", *deployed)
        steps: tuple[str, ...] = (field,)
        limit = node.read(node.get(*steps), read, *steps)
        if limit is None and node.get(*below) is not None:
            limit, steps = node.read(node.get(*below), read, *below), below
        elif limit is None and node.get(field) is None and "deploy" in node.keys:
            steps = below  # where whoever writes deploy would write it
        node.put(facts, field, limit, *steps)
