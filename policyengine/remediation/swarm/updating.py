"""The update of a service, from what it was to what it is to be.

In an order that survives being killed: it is written down; the Swarm is asked, with update settings under which it
goes back by itself; it is waited for; the operator's own update settings are put back; it is written down that it is
done. What a killed one has left undone, :func:`recover` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from policyengine.connections.docker_errors import NoEngineError, NotThereError
from policyengine.errors import RemedyError, SourceError
from policyengine.remediation.swarm import record as records
from policyengine.remediation.swarm.asking import CutError, ElsewhereError, bring, cut_back, release, return_
from policyengine.remediation.swarm.spec import alike, spec_of
from policyengine.remediation.swarm.watching import gone, watch

if TYPE_CHECKING:
    from policyengine.connections.docker import Answer
    from policyengine.remediation.swarm.asking import Doing
    from policyengine.remediation.swarm.record import Record


class UndoneError(RemedyError):
    """It failed, and what was there before is not back either: somebody must look."""


class Recovered(NamedTuple):
    """What became of a change that was begun and not finished: it is ``finished``, or the service is ``back`` to what
    it was; ``left`` is one that somebody else has changed since, or that is gone. ``why`` tells more.
    """

    name: str
    outcome: Literal["finished", "back", "left"]
    why: str


def update(doing: Doing, record: Record) -> str:
    """Make a service what the record says; tells in one line what came of it.

    Raises :class:`RemedyError` when that failed, after it is again what it was before.
    """
    doing.step("write down")
    records.begin(doing.services, record)
    doing.step("ask")
    try:
        bring(doing, record.id, (record.before,), record.during)
    except CutError as error:
        cut_back(doing, record)
        _back(doing, record)
        raise RemedyError(f"{error.message}; it is again what it was before") from None
    except NoEngineError:
        raise  # nobody knows how far it came: the record stays
    except RemedyError:
        records.erase(doing.services, record.id)
        raise
    except SourceError as error:
        _check_refused(doing, record, error)
    return _concluded(doing, record)


def _check_refused(doing: Doing, record: Record, error: SourceError) -> None:
    """Raise :class:`RemedyError` for what a manager refuses; a leader that is lost in the middle may have agreed."""
    if alike(spec_of(doing.services.one(record.id)), record.before):
        records.erase(doing.services, record.id)
        raise RemedyError(f"the Swarm refuses it: {error.message}") from None


def recover(doing: Doing) -> list[Recovered]:
    """Finish, or take back, every change of a service that was begun and not finished. Nothing is done twice."""
    return [_recovered(doing, record) for record in records.records(doing.services) if record.done is None]


def _recovered(doing: Doing, record: Record) -> Recovered:
    try:
        service = doing.services.one(record.id)
    except NotThereError:
        records.erase(doing.services, record.id)
        return Recovered(record.name, "left", "the service is gone")
    try:
        return Recovered(record.name, *_resumed(doing, record, service))
    except RemedyError as error:
        left = any(one.id == record.id for one in records.records(doing.services))
        return Recovered(record.name, "left" if left else "back", error.message)


def _resumed(doing: Doing, record: Record, service: Answer) -> tuple[Literal["finished", "back", "left"], str]:
    """By what the service asks for now."""
    spec = spec_of(service)
    if alike(spec, record.during):
        return "finished", _concluded(doing, record)
    if alike(spec, record.after):
        return "finished", _settled(doing, record, "it had come about")
    if alike(spec, record.before):
        _back(doing, record)
        return "back", "it is what it was before"
    release(doing, record)
    records.erase(doing.services, record.id)
    return "left", "somebody else has changed it since"


def _concluded(doing: Doing, record: Record) -> str:
    """Wait for what the Swarm was asked for, and finish it; the same whether it was asked just now or long ago."""
    doing.step("watch")
    found = watch(doing.services, record.id, record.during, doing.gate)
    if found.state != "there":
        _back(doing, record)
        raise RemedyError(f"{found.why or 'it did not come about'}; it is again what it was before")
    return _settled(doing, record, f"{found.fresh} of {found.fresh} tasks run as asked")


def _settled(doing: Doing, record: Record, told: str) -> str:
    """Put the operator's own update settings back, which replaces no task, and write down that it is done."""
    doing.step("restore settings")
    try:
        bring(doing, record.id, (record.during,), record.after)
    except ElsewhereError:
        release(doing, record)
        records.erase(doing.services, record.id)
        return f"{told}; somebody else has changed it since"
    gone(doing.services, record.id, record.after)
    doing.step("finish")
    records.finish(doing.services, record)
    return told


def _back(doing: Doing, record: Record) -> None:
    """See to it that a service is again what it was before, and confirm it.

    Raises :class:`UndoneError` where it is not, and :class:`RemedyError` where that is somebody else's by now.
    """
    doing.step("put back")
    try:
        return_(doing, record)
    except ElsewhereError:
        release(doing, record)
        records.erase(doing.services, record.id)
        raise RemedyError("it failed, and somebody else has changed it since: nothing was put back") from None
    doing.step("watch it back")
    found = watch(doing.services, record.id, record.before, doing.gate)
    if found.state != "there":
        raise UndoneError(
            f"it failed, and is not again what it was before: {found.why}",
            hint=f"docker service ps {record.name}, then policyengine recover",
        )
    gone(doing.services, record.id, record.before)
    records.erase(doing.services, record.id)
