"""Waiting for what happens elsewhere: for the thing itself, however long the machine stands still."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 120.0
"""Far more than anything takes that comes at all: who waits so long in vain fails."""
_PAUSE = 0.05


def until(holds: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
    """Wait until something holds. Fails with ``what`` did not come."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(_PAUSE)
