"""Listening to an engine: what it tells is put where it waits to be judged."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from threading import Event as Signal
from threading import Thread
from typing import TYPE_CHECKING

from policyengine.connections.docker import NoEngineError, StuckError
from policyengine.connections.docker_events import QUIET, events
from policyengine.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.commands.engine_watch.changes import Changes
    from policyengine.connections.docker import Engine
    from policyengine.connections.docker_events import Events

PATIENCE = 5
"""Seconds in which a thread whose connection was ended has ended."""


@contextmanager
def listening(engine: Engine, changes: Changes, since: int, quiet: float = QUIET) -> Iterator[None]:
    """Have all that happens put into ``changes``, from a time of the engine's own on; 0 is now.

    Raises :class:`SourceError` where the engine tells nothing. That it stops telling is put into ``changes``.
    """
    with events(engine, since or now(engine), quiet=quiet) as found:
        over = Signal()
        thread = Thread(target=_listen, args=(found, changes, engine, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            found.end()
            thread.join(PATIENCE)


def now(engine: Engine) -> int:
    """The engine's own time in nanoseconds since 1970; 0 where it does not tell.

    Events are asked for from here on: an engine says that it is going to tell a moment before it begins to.
    """
    try:
        told = datetime.fromisoformat(str(engine.info().get("SystemTime")))
    except ValueError:
        return 0
    return int(told.timestamp()) * 10**9


def _listen(found: Events, changes: Changes, engine: Engine, over: Signal) -> None:
    """Put events into ``changes`` until it is ``over``: that the connection ends then is meant."""
    error: SourceError = NoEngineError(f"the engine at {engine.endpoint.host} has ended the stream of its events")
    try:
        for event in found:
            changes.put(event)
    except StuckError:
        changes.put(None)  # nothing happened for long, or it was not told: a look at everything tells
        return
    except SourceError as said:
        error = said
    if not over.is_set():
        changes.lose(error)
