"""The inputs that whole benchmarks speak of: a Pod is none of CIS Docker's matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_OF_DOCKER = frozenset({"compose", "docker", "dockerfile"})
_OF_KUBERNETES = frozenset({"kubernetes"})

INPUTS = {
    "CIS Docker": _OF_DOCKER,
    "CIS Kubernetes": _OF_KUBERNETES,
    "NSA/CISA Kubernetes Hardening Guide": _OF_KUBERNETES,
    "Pod Security Standards": _OF_KUBERNETES,
}
"""By benchmark; one that is not here speaks of all inputs."""


def speaks_of(control: Mapping[str, object], origin: str) -> bool:
    """Whether a control, of a benchmark or another tool, speaks of an input kind."""
    inputs = control.get("inputs") or INPUTS.get(str(control.get("benchmark")))
    return inputs is None or origin in cast("Collection[str]", inputs)
