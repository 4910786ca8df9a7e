"""How much a decision may take: an honest "undecided" is better than a tool that never ends."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from policyengine.errors import BudgetError

if TYPE_CHECKING:
    from collections.abc import Iterator

STEPS = 2_000_000
"""Pairs of diagram nodes that may be put together for one decision: 10,000 realistic rules take a tenth of it."""

DEPTH = 20_000
"""How deep diagrams may be: as deep as there are unknown matches that one packet can meet."""


class Budget:
    """Counts the steps of a decision."""

    def __init__(self, steps: int = STEPS) -> None:
        self.most = steps

    def spent(self, steps: int) -> None:
        """Raise BudgetError where there were more steps than there may be."""
        if steps > self.most:
            raise BudgetError(
                f"deciding this takes more than {self.most:,} steps",
                hint="ask about fewer packets: one protocol, one port, one destination",
            )


@contextmanager
def deep() -> Iterator[None]:
    """Diagrams are walked by functions that call themselves, once for each of a diagram's levels."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, DEPTH))
    try:
        yield
    except RecursionError:
        raise BudgetError("deciding this takes too many unknown matches at once") from None
    finally:
        sys.setrecursionlimit(before)
