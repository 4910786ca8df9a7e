"""What happened and is still to be looked at, put together by container: one thread puts, another takes.

However long judging takes and however often a container starts meanwhile, it waits here once.
"""

from __future__ import annotations

import time
from threading import Condition
from typing import TYPE_CHECKING, cast

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.connections.docker_events import Event
    from policyengine.errors import SourceError
    from policyengine.model.happening import Noted, Why

MOST = 10_000
"""So many containers are waited for by name. Where more changed at once, all are looked at."""


class Change(Struct):
    """What happened to a container since it was looked at last: ``since`` is when, by the monotonic clock."""

    since: float
    why: dict[Why, None] = field(default_factory=dict)
    name: str = ""


class Batch(Struct):
    """What happened since the last one was taken.

    ``changed`` are containers to be judged, ``made`` those that were only created, by id; ``ended`` those that run no
    more, ``removed`` those that are no more, with their names; ``vanished`` are those of them that were to be judged.
    ``everything`` says that what happened is not known, ``lost`` that no more will be told, and why;
    ``settings`` that their files changed. ``notes`` are to be told, ``finished`` are names of containers that were
    being replaced, ``crashed`` is a bug in another thread. ``at`` is the last event's own time.
    """

    changed: dict[str, Change] = field(default_factory=dict)
    made: dict[str, None] = field(default_factory=dict)
    ended: dict[str, None] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    vanished: dict[str, str] = field(default_factory=dict)
    everything: bool = False
    lost: SourceError | None = None
    settings: bool = False
    notes: list[Noted] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    crashed: Exception | None = None
    at: int = 0

    def is_empty(self) -> bool:
        """Whether nothing happened."""
        told = (self.changed, self.made, self.ended, self.removed, self.notes, self.finished)
        return not (any(told) or self.everything or self.lost or self.settings or self.crashed)


class Changes:
    """Collects what happens until it is taken."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._batch = Batch()

    def put(self, event: Event | None) -> None:
        """Add an event; None for one that could not be read."""
        with self._condition:
            if event is None:
                self._batch.everything = True
            else:
                _add(self._batch, event)
            self._condition.notify()

    def lose(self, error: SourceError) -> None:
        """Say that nothing more will be told."""
        self._put(lambda batch: setattr(batch, "lost", error))

    def reload(self) -> None:
        """Say that files of the settings changed."""
        self._put(lambda batch: setattr(batch, "settings", True))

    def note(self, note: Noted) -> None:
        """Have something told."""
        self._put(lambda batch: batch.notes.append(note))

    def finish(self, name: str) -> None:
        """Say that a container of a name is not being replaced any more."""
        self._put(lambda batch: batch.finished.append(name))

    def crash(self, error: Exception) -> None:
        """Have a bug end everything."""
        self._put(lambda batch: setattr(batch, "crashed", error))

    def take(self, seconds: float) -> Batch:
        """What happened since the last call; waits for something to happen, but not for longer than ``seconds``."""
        with self._condition:
            if self._batch.is_empty():
                self._condition.wait(seconds)
            taken, self._batch = self._batch, Batch()
            return taken

    def _put(self, change: Callable[[Batch], None]) -> None:
        with self._condition:
            change(self._batch)
            self._condition.notify()


def _add(batch: Batch, event: Event) -> None:
    batch.at = max(batch.at, event.at)
    if event.action == "create":
        batch.made[event.id] = None
    elif event.action == "die":
        batch.ended[event.id] = None
    elif event.action == "destroy":
        batch.removed[event.id] = event.name
        batch.made.pop(event.id, None)
        change = batch.changed.pop(event.id, None)
        if change is not None and "start" in change.why:
            batch.vanished[event.id] = event.name
    else:
        _add_change(batch, event)


def _add_change(batch: Batch, event: Event) -> None:
    batch.ended.pop(event.id, None)
    change = batch.changed.setdefault(event.id, Change(time.monotonic()))
    change.why[cast("Why", event.action)] = None
    if event.action == "start":
        change.why = {"start": None}  # of which being connected is a part
    change.name = event.name or change.name
    if len(batch.changed) > MOST:
        batch.changed.clear()
        batch.everything = True
