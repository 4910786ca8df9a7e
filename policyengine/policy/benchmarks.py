"""Benchmarks: the inputs that they speak of, a Pod being none of CIS Docker's matters, and what controls they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

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


_CIS_DOCKER = "1.1.1-18 1.2.1-2 2.1-18 3.1-24 4.1-12 5.1-32 6.1-2 7.1-9"
_RANGES = {
    ("CIS Docker", "1.6.0"): _CIS_DOCKER,
    ("CIS Docker", "1.7.0"): _CIS_DOCKER,
}
"""The ids of all controls, the last part of each from one number to another; policies speak for some of them only.

The recommendations of the two versions have the same numbers: https://www.cisecurity.org/benchmark/docker.
"""

COMPLETE = frozenset({*_RANGES, ("Pod Security Standards", "1.37")})
"""The versions of benchmarks of which all controls are known: from above, or because policies speak for each."""


def all_controls(benchmark: str, version: str) -> Iterator[str]:
    """The ids of all controls of a benchmark, in its order; none where only those are known that policies speak for."""
    for part in _RANGES.get((benchmark, version), "").split():
        section, _, numbers = part.rpartition(".")
        first, _, last = numbers.partition("-")
        yield from (f"{section}.{number}" for number in range(int(first), int(last) + 1))
