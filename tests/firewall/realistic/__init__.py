"""Realistic rule sets of any size and of several shapes, the same for the same seed, as iptables-save prints them.

Each shape is a module that is named after it, with a function ``made``; what a real one looks like is said there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.firewall.realistic import campus, flat, services, sets, zones

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.firewall.realistic.dump import Made

SHAPES: dict[str, Callable[[int, int], Made]] = {
    "campus": campus.made,
    "zones": zones.made,
    "flat": flat.made,
    "services": services.made,
    "sets": sets.made,
}
"""By name, what makes about so many rules with a seed."""


def made(shape: str, rules: int, seed: int = 1) -> Made:
    """About this many rules of a shape."""
    return SHAPES[shape](rules, seed)
