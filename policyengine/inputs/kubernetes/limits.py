"""What a container, or its Pod, may use at most (limits) and is promised (requests) of memory, CPU and local storage.

https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
https://kubernetes.io/docs/tasks/configure-pod-container/assign-pod-level-resources/
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.inputs.kubernetes.node import DEFAULT, Found
from policyengine.inputs.kubernetes.quantity import quantity
from policyengine.model.provenance import Provenance
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from fractions import Fraction

    from policyengine.inputs.kubernetes.node import Node


class Amounts(Struct, frozen=True):
    """Memory and storage in bytes and CPU in cores; None for none."""

    memory: Found
    cpus: Found
    storage: Found

    def inherit(self, pod: Amounts, name: str) -> Amounts:
        """The limits in force in a container of the Pod of that name: together its containers stay within its own."""
        inherited = Provenance("inherited", f"pod/{name}")
        memory, cpus = _or(self.memory, pod.memory, inherited), _or(self.cpus, pod.cpus, inherited)
        return Amounts(memory, cpus, self.storage)

    def or_limits(self, limits: Amounts) -> Amounts:
        """The requests: where only a limit is written, the API server requests as much."""
        return Amounts(
            _or(self.memory, limits.memory, DEFAULT),
            _or(self.cpus, limits.cpus, DEFAULT),
            _or(self.storage, limits.storage, DEFAULT),
        )


def amounts(written: Node) -> Amounts:
    """Read the mapping of ``limits`` or of ``requests``. 0 is none."""
    written = written.mapping()
    return Amounts(_bytes(written["memory"]), _cores(written["cpu"]), _bytes(written["ephemeral-storage"]))


def _bytes(node: Node) -> Found:
    value = _quantity(node)
    return Found(value if isinstance(value, Unknown) else math.ceil(value) or None, node.at)


def _cores(node: Node) -> Found:
    value = _quantity(node)
    return Found(value if isinstance(value, Unknown) else float(value) or None, node.at)


def _or(own: Found, other: Found, how: Provenance) -> Found:
    return Found(other.value, other.at, how) if own.value is None and other.value is not None else own


def _quantity(node: Node) -> Fraction | Unknown | int:
    written = node.text().value
    if not isinstance(written, str):
        return written if isinstance(written, Unknown) else 0
    value = quantity(written)
    if value is None:
        if not node.is_placeholder:
            node.problem(f"{node.at[-1]} should be a quantity such as 64Mi or 500m")
        return Unknown(f"limits.{node.at[-1]}", "it is no quantity")
    return value if value > 0 else 0
