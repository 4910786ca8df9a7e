"""How far a long run is, on a terminal."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

AFTER_SECONDS = 1.0
"""A shorter run needs no progress."""

_EVERY_SECONDS = 0.1


class Progress:
    """Tells on standard error how many of ``total`` inputs are judged, once a run takes longer than a second.

    ``shown`` is False where nothing is to be told. Nothing stays on the terminal afterwards.
    """

    def __init__(self, total: int, *, shown: bool) -> None:
        self._total = total
        self._shown = shown
        self._done = 0
        self._next = time.monotonic() + AFTER_SECONDS
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, count: int = 1) -> None:
        """Some more are judged."""
        self._done += count
        if self._shown and (now := time.monotonic()) >= self._next:
            self._next = now + _EVERY_SECONDS
            self._draw()

    def _draw(self) -> None:
        if self._bar is None:
            self._bar = _bar()
            self._task = self._bar.add_task("judging", total=self._total)
            self._bar.start()
        if self._task is not None:
            self._bar.update(self._task, completed=self._done)
            self._bar.refresh()


def _bar() -> Bar:
    """Drawn when there is something new, by no thread of its own: processes may be forked meanwhile."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(file=sys.stderr), transient=True, auto_refresh=False)
