"""Having a service ask for something else, once and for certain."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.connections.docker_errors import NoEngineError, NotThereError
from policyengine.connections.docker_services import MovedError, Services
from policyengine.errors import RemedyError
from policyengine.remediation.swarm.spec import Spec, alike, same, scaled, spec_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from policyengine.connections.docker import Answer
    from policyengine.remediation.swarm.record import Record

_EVERY = 0.25


class ElsewhereError(RemedyError):
    """Somebody else has changed the service: it asks for what nobody here knows of."""


class CutError(RemedyError):
    """The manager has left something out of what it was asked for, without a word: it does not know a field."""


class Doing(Struct, frozen=True):
    """With what a service is changed: ``auth`` is for the registry of its new image, ``gate`` the seconds in which
    something must happen. ``step`` is told each step that is about to be taken.
    """

    services: Services
    gate: float
    step: Callable[[str], None]
    auth: str = ""


def bring(doing: Doing, id_: str, sources: Sequence[Spec], goal: Spec) -> None:
    """Have a service ask for ``goal``, which asks for one of ``sources`` now, whatever happens on the way there.

    A request whose answer is lost is not repeated before it was looked whether it took effect; an engine that does not
    answer is asked again for as long as the gate is. The number of replicas stays what it is. Raises
    :class:`ElsewhereError`, :class:`CutError`, and what the manager answers with.
    """
    until = time.monotonic() + doing.gate
    sent = False
    while True:
        try:
            service = doing.services.one(id_)
            if alike(spec_of(service), goal):
                return
            _check(service, sources, sent=sent)
            doing.services.update(service, scaled(goal, spec_of(service)), doing.auth)
            sent = True
        except NotThereError:
            raise RemedyError("the service is gone") from None
        except MovedError:
            # Its version goes up by the Swarm's own doing too: what it asks for now is looked at again.
            continue
        except NoEngineError:
            if time.monotonic() > until:
                raise
            time.sleep(_EVERY)


def _check(service: Answer, sources: Sequence[Spec], *, sent: bool) -> None:
    """Raise where a service asks for nothing that is known."""
    if any(alike(spec_of(service), source) for source in sources):
        return
    if sent and any(alike(spec_of(service, "PreviousSpec"), source) for source in sources):
        raise CutError("the manager has left out something of what it was asked for")
    raise ElsewhereError("somebody else has changed it meanwhile", hint="make a new plan")


def return_(doing: Doing, record: Record) -> None:
    """Have a service ask for what it did before, by the Swarm's own rollback where that is to the letter the same.

    Raises :class:`ElsewhereError`.
    """
    service = doing.services.one(record.id)
    spec, previous = spec_of(service), spec_of(service, "PreviousSpec")
    if alike(spec, record.during) and same(previous, scaled(record.before, spec)):
        with suppress(MovedError):  # then the Swarm has just begun to go back by itself, or somebody else has acted
            doing.services.put_back(service)
    bring(doing, record.id, (record.during, record.after), record.before)


def cut_back(doing: Doing, record: Record) -> None:
    """Take back what the manager made of a request of which it left something out."""
    with suppress(MovedError):
        doing.services.put_back(doing.services.one(record.id))


def release(doing: Doing, record: Record) -> None:
    """Leave a service to whoever has changed it meanwhile, and take nothing back but our settings of updates."""
    ours, own = record.during.get("UpdateConfig"), record.before.get("UpdateConfig")
    while not same(ours, own):
        service = doing.services.one(record.id)
        spec = spec_of(service)
        if not same(spec.get("UpdateConfig"), ours):
            return
        with suppress(MovedError):  # by the Swarm's own doing, most likely: what it asks for now is looked at again
            doing.services.update(service, {**spec, "UpdateConfig": own})
            return
