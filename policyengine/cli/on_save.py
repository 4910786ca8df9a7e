"""``--watch``: a run, and another one each time a file is saved."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from policyengine.boundary import FAILED, INTERRUPTED
from policyengine.cli.shared import show, tell
from policyengine.errors import PolicyengineError
from policyengine.outputs.style import visible
from policyengine.terminal import is_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from policyengine.commands.watching import Watched

_NAMED = 3
"""So many of the files that changed are named."""

_CLEAR = "\x1b[2J\x1b[3J\x1b[H"


def watch(once: Callable[[], int], look: Callable[[], Watched]) -> int:
    """Run, and run again at every change, until somebody interrupts; return the last run's exit code.

    ``look`` says what is to be looked at, anew after every run: settings may have changed. A run that cannot be made
    is told, and the next change makes another.
    """
    runs = _Runs(once, look)
    try:
        runs.run()
        while True:
            runs.follow()
    except KeyboardInterrupt:
        return runs.code


class _Runs:
    """The runs of one watch. ``code`` is the exit code of the last one that came to its end."""

    def __init__(self, once: Callable[[], int], look: Callable[[], Watched]) -> None:
        self._once = once
        self._look = look
        self.code = INTERRUPTED

    def run(self) -> None:
        try:
            self.code = self._once()
        except PolicyengineError as error:
            self.code = FAILED
            tell([f"error: {error}"])

    def follow(self) -> None:
        """Run at every change, for as long as the settings do not change what is to be looked at."""
        from policyengine.commands.watching import changes

        seen = self._look()
        for changed in changes(seen):
            self._again(changed)
            if not self._is_still(seen):
                return

    def _again(self, changed: Sequence[str]) -> None:
        begun = time.perf_counter()
        if is_terminal():
            show(_CLEAR)
        self.run()
        names = ", ".join(os.path.relpath(path) for path in changed[:_NAMED])
        more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
        took = time.perf_counter() - begun
        tell([f"{time.strftime('%H:%M:%S')} {visible(names)}{more}: judged in {took:.2f} s; Ctrl-C ends"])

    def _is_still(self, seen: Watched) -> bool:
        """Whether there is nothing else to look at; while the settings are wrong, it is what it was."""
        try:
            return self._look() == seen
        except PolicyengineError:
            return True
