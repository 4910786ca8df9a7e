"""Following the files of the settings, the policies and the exceptions: what changes in them counts at once."""

from __future__ import annotations

import time
from threading import Event, Thread
from typing import TYPE_CHECKING

from policyengine.commands.watching import Beside, beside, changes
from policyengine.model.happening import Noted

if TYPE_CHECKING:
    from policyengine.commands.engine_watch.changes import Changes
    from policyengine.settings.effective import Effective

PATIENCE = 5
"""Seconds in which a thread that was told to end has ended."""


class SettingsFiles:
    """Has it put into ``changes`` when one of the files changes."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._seen: Beside | None = None
        self._stop = Event()
        self._thread: Thread | None = None

    def follow(self, effective: Effective) -> None:
        """Follow the files that settings name from now on."""
        seen = beside(effective)
        if seen == self._seen:
            return
        self.end()
        self._seen, self._stop = seen, Event()
        self._thread = Thread(target=self._follow, args=(seen, self._stop), daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Follow none any more. A thread that is in the middle of native code when Python ends aborts the process."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(PATIENCE)

    def _follow(self, seen: Beside, stop: Event) -> None:
        try:
            for _ in changes(seen, stop):
                self._changes.reload()
        except OSError as error:
            reason = error.strerror or str(error)
            message = f"error: settings that change are not noticed: {reason}"
            self._changes.note(Noted(time.time(), "error", message, failed=True))
