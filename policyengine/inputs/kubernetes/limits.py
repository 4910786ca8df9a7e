"""Limits of memory and CPU, of a container or of its Pod.

https://kubernetes.io/docs/tasks/configure-pod-container/assign-pod-level-resources/
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.node import Found
from policyengine.inputs.kubernetes.quantity import quantity
from policyengine.model.provenance import Provenance
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from fractions import Fraction

    from policyengine.inputs.kubernetes.node import Node


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of memory in bytes and of CPU in cores; None for none."""

    memory: Found
    cpus: Found

    def inherit(self, pod: Limits, name: str) -> Limits:
        """The limits in force in a container of the Pod of that name: together its containers stay within its own."""
        inherited = Provenance("inherited", f"pod/{name}")
        return Limits(_or(self.memory, pod.memory, inherited), _or(self.cpus, pod.cpus, inherited))


def limits(resources: Node) -> Limits:
    """Read ``resources.limits``. The kubelet sets none for 0."""
    written = resources.mapping()["limits"].mapping()
    memory, cpu = _quantity(written["memory"]), _quantity(written["cpu"])
    return Limits(
        Found(memory if isinstance(memory, Unknown) else math.ceil(memory) or None, written["memory"].at),
        Found(cpu if isinstance(cpu, Unknown) else float(cpu) or None, written["cpu"].at),
    )


def _or(own: Found, of_pod: Found, inherited: Provenance) -> Found:
    return Found(of_pod.value, of_pod.at, inherited) if own.value is None and of_pod.value is not None else own


def _quantity(node: Node) -> Fraction | Unknown | int:
    written = node.text().value
    if not isinstance(written, str):
        return written if isinstance(written, Unknown) else 0
    value = quantity(written)
    if value is None:
        node.problem(f"{node.at[-1]} should be a quantity such as 64Mi or 500m")
        return Unknown(f"limits.{node.at[-1]}", "it is no quantity")
    return value if value > 0 else 0
