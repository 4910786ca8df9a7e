"""What is written down of a change of a service: in the Swarm itself, so that it is where the service is.

It is a config that no service uses, ``policyengine-SERVICE``: its name is the lock, for there is one of each name. It
holds the specification from before, which the Swarm's own memory of one previous specification would not keep: it is
used up by putting the operator's update settings back. Whoever may read a config may read services just as well.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.connections.docker_errors import ConflictError
from policyengine.errors import RemedyError

if TYPE_CHECKING:
    from policyengine.connections.docker_services import Note, Services
    from policyengine.remediation.swarm.spec import Spec

LABEL = "policyengine.service"
_RUN = "policyengine.run"
_DONE = "policyengine.done"
_UNDO = "policyengine.undo"
_VERSION = 1


class Record(Struct, frozen=True):
    """A change of the service ``id``, begun by ``run``: what it was, is while it changes, and is to be.

    ``undo`` says that it takes an earlier change back. ``done`` is when it was finished, in seconds since 1970, None
    for one that was not.
    """

    id: str
    name: str
    run: str
    before: Spec
    during: Spec
    after: Spec
    undo: bool = False
    done: float | None = None


def begin(services: Services, record: Record) -> None:
    """Write a record, in the place of one that was finished.

    Raises :class:`RemedyError` where there is one of a change that was not.
    """
    data = {
        "version": _VERSION,
        "name": record.name,
        "before": record.before,
        "during": record.during,
        "after": record.after,
    }
    labels = {LABEL: record.id, _RUN: record.run, **({_UNDO: "true"} if record.undo else {})}
    there = services.note(_name(record.id))
    if there is not None and _DONE in there.labels:
        services.erase(there)
    try:
        services.write(_name(record.id), labels, json.dumps(data).encode())
    except ConflictError:
        raise RemedyError(
            "a change of it was begun and not finished, or another run is changing it",
            hint="policyengine recover",
        ) from None


def finish(services: Services, record: Record) -> None:
    """Keep what was before, to be gone back to; after going back nothing."""
    note = services.note(_name(record.id))
    if note is None:
        return
    if record.undo:
        services.erase(note)
    else:
        services.label(note, {**note.labels, _DONE: f"{time.time():.0f}"})


def erase(services: Services, id_: str) -> None:
    """Forget a change of a service."""
    note = services.note(_name(id_))
    if note is not None:
        services.erase(note)


def records(services: Services) -> list[Record]:
    """All changes that are written down."""
    return [found for note in services.notes(LABEL) if (found := _read(note)) is not None]


def _name(id_: str) -> str:
    return f"policyengine-{id_}"


def _read(note: Note) -> Record | None:
    """None for what a newer version has written."""
    data = json.loads(note.data)
    if data.get("version") != _VERSION:
        return None
    done = note.labels.get(_DONE)
    return Record(
        id=note.labels[LABEL],
        name=data["name"],
        run=note.labels.get(_RUN, ""),
        before=data["before"],
        during=data["during"],
        after=data["after"],
        undo=_UNDO in note.labels,
        done=None if done is None else float(done),
    )
