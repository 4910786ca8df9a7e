"""Ending at SIGTERM and SIGINT: at once, but not in the middle of a line, nor of replacing a container."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stop(BaseException):
    """Somebody wants this to end: no error, hence none of the others."""


class Stopping:
    """Raises :class:`Stop` in the main thread when a signal comes; where it is held off, as soon as it is not.

    The second signal is raised whatever is held off: whoever sends it does not want to wait.
    """

    def __init__(self) -> None:
        self._signals = 0
        self._pending = False
        self._held = 0

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Heed signals; they mean what they did before afterwards."""
        before = {number: signal.signal(number, self._stop) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let what is within come to its end."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        if self._pending and not self._held:
            self._raise()

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - what handlers are given
        self._signals += 1
        self._pending = True
        if not self._held or self._signals > 1:
            self._raise()

    def _raise(self) -> None:
        """Once for each signal: what is done at the end may be held, too."""
        self._pending = False
        raise Stop
