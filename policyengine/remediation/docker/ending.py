"""How a run ends: as it was meant to, or taken back; either way it is written down, and nothing is left half done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import PolicyengineError, RemedyError, SourceError
from policyengine.remediation.docker.order import Done
from policyengine.remediation.docker.recovering import finished
from policyengine.remediation.docker.walking import target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from policyengine.connections.docker_acting import Acting
    from policyengine.remediation.docker.member import Member
    from policyengine.remediation.docker.memory import Memory
    from policyengine.remediation.journal import Journal, Outcome

_HINT = "policyengine recover, when that is mended"


class Run:
    """A run over containers that are replaced together: ``members``, the leader first, and what is remembered of them.

    ``outcome`` is what the journal calls it when it ends as it was meant to.
    """

    def __init__(
        self,
        acting: Acting,
        journal: Journal,
        run: str,
        members: Sequence[Member],
        memories: Sequence[Memory],
        outcome: Outcome,
    ) -> None:
        self._acting = acting
        self._journal = journal
        self._run = run
        self._members = members
        self._memories = memories
        self._outcome = outcome

    def end(self, walk: Callable[[], float | None]) -> Done:
        """Walk, and bring to an end what fails: forward where the new container has the name already, else back.

        Raises :class:`RemedyError` where it was taken back, or could not be.
        """
        try:
            gap, note = walk(), ""
        except BaseException as error:
            serves = self._finished(error)
            if not isinstance(error, PolicyengineError):
                self._write("put back", type(error).__name__)
                raise
            if self._members[0].incoming not in serves:
                self._write("put back", error.message)
                raise self._put_back(error) from error
            gap, note = None, str(error)
        leader = self._members[0]
        note = self._write(self._outcome, note) or note
        return Done(leader.name, leader.incoming, leader.outgoing.id, self._memories[0].way, gap, note)

    def _finished(self, error: BaseException) -> set[str]:
        """The ids of those that serve now."""
        try:
            return {one.id for one in finished(self._acting, self._memories)}
        except PolicyengineError as second:
            why = error.message if isinstance(error, PolicyengineError) else type(error).__name__
            name = self._members[0].name
            message = f"{why}; and {name} could not be brought back: {second.message}"
            self._write("failed", message)
            raise RemedyError(message, path=second.path, hint=_HINT) from error

    def _put_back(self, error: PolicyengineError) -> RemedyError:
        name = self._members[0].name
        return RemedyError(f"{error.message}; {name} serves as before", path=error.path, hint=error.hint)

    def _write(self, outcome: Outcome, why: str) -> str:
        """Give why it could not be written down, empty where it could."""
        try:
            for member in self._members:
                self._journal.ended(self._run, target(member.name), outcome, why)
        except SourceError as error:
            return str(error)
        return ""
