"""The inputs that whole benchmarks speak of: a Pod is none of CIS Docker's matters."""

from __future__ import annotations

_OF_DOCKER = frozenset({"compose", "docker", "dockerfile"})
_OF_KUBERNETES = frozenset({"kubernetes"})

INPUTS = {
    "CIS Docker": _OF_DOCKER,
    "CIS Kubernetes": _OF_KUBERNETES,
    "NSA/CISA Kubernetes Hardening Guide": _OF_KUBERNETES,
    "Pod Security Standards": _OF_KUBERNETES,
}
"""By benchmark; one that is not here speaks of all inputs."""
