"""One service's files are changed and its containers made anew, or all is put back as it was."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.errors import PolicyengineError, RemedyError
from policyengine.model.masking import concealed
from policyengine.remediation.project.files import digest, put

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.connections.docker_compose import Project
    from policyengine.remediation.journal import Outcome
    from policyengine.remediation.project.work import Making, Work


def made(work: Work, making: Making, after: Mapping[str, bytes]) -> None:
    """Make a change that is written down already; ``after`` is what files are to hold.

    Raises :class:`RemedyError` with what failed, after all is as before; it says so where that could not be done.
    """
    try:
        for path, data in after.items():
            work.step(f"write {path}")
            put(path, data)
        making.foreseen(work)
        making.make(work)
        done(work, making, "replaced")
    except PolicyengineError as error:
        raise failed(work, making, error) from None


def done(work: Work, making: Making, outcome: Outcome) -> None:
    """Write down that a change is made; what its files held is kept for the soak period."""
    record = work.record
    making.tidy(work)
    work.around.journal.ended(record.run, record.target, outcome, "it was finished" if outcome == "recovered" else "")
    work.know(done=time.time())


def failed(work: Work, making: Making, error: PolicyengineError) -> RemedyError:
    """What is told of a change that failed, after it was put back."""
    why, journal, record = concealed(str(error)), work.around.journal, work.record
    try:
        note = put_back(work, making)
    except PolicyengineError as worse:
        why = f"{why}; and it could not be put back: {concealed(str(worse))}"
        journal.ended(record.run, record.target, "failed", why)
        return RemedyError(why, hint="policyengine recover")
    why = f"{why}; {note}" if note else why
    journal.ended(record.run, record.target, "put back", why)
    work.records.erase(record)
    return RemedyError(f"{why}: it is as before")


def put_back(work: Work, making: Making) -> str:
    """Make all as it was before; what should be said of it. Raises :class:`PolicyengineError` where that fails."""
    note, project = _files_back(work)
    if not (work.is_whole() and making.are_old(work.own(), work)):
        making.restore(work, project)
    return note


def _files_back(work: Work) -> tuple[str, Project]:
    """Files are put back that nobody else has changed meanwhile.

    Gives what is to be said of those that somebody has, and the project to make the containers from as they were:
    with copies in the place of those.
    """
    record, changed = work.record, []
    for saved in record.files:
        now = digest(saved.path)
        if now == saved.after:
            work.step(f"put back {saved.path}")
            put(saved.path, Path(saved.copy).read_bytes())
        elif now != saved.before:
            changed.append(saved.path)
    if not changed:
        return "", record.project
    copies = {saved.path: saved.copy for saved in record.files}
    files = tuple(copies[path] if path in changed else path for path in record.project.files)
    return f"{', '.join(changed)} was changed meanwhile, and is left so", replace(record.project, files=files)


def is_new(work: Work, making: Making) -> bool:
    """Whether a service is all that it was to become, and works."""
    record = work.record
    if any(digest(saved.path) != saved.after for saved in record.files) or not making.are_new(work.own(), work):
        return False
    try:
        work.settled()
    except PolicyengineError:
        return False
    return True
