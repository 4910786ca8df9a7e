"""A change of a service that is under way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct
from msgspec.structs import replace

from policyengine.errors import RemedyError
from policyengine.remediation.docker.gate import let_through
from policyengine.remediation.docker.order import Gate
from policyengine.remediation.project.service import is_running, members

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.connections.docker import Answer
    from policyengine.connections.docker_compose import Project
    from policyengine.remediation.project.record import Record, Records
    from policyengine.remediation.targets import Around


class Work(Struct):
    """``record`` is what is written down of the change, ``lock`` the open file of the project's lock."""

    around: Around
    records: Records
    record: Record
    lock: int

    @property
    def gate(self) -> Gate:
        """When a new container is taken to work."""
        return Gate(self.around.care.gate, self.around.care.stable)

    def step(self, what: str) -> None:
        """Write down, and tell, what is done next."""
        self.around.journal.step(self.record.by, self.record.target, what)
        self.around.tell(f"{self.record.target}: {what}")

    def know(self, **known: object) -> None:
        """Write down more that is known now."""
        self.record = replace(self.record, **known)
        self.records.update(self.record)

    def own(self) -> list[Answer]:
        """The service's containers as they are now."""
        return members(self.around.acting.engine, self.record.project.name, self.record.service)

    def all(self) -> list[Answer]:
        """Those, and the ones that change with them."""
        engine = self.around.acting.engine
        return [one for name in self.record.up for one in members(engine, self.record.project.name, name)]

    def is_whole(self) -> bool:
        """Whether as many containers run as before."""
        found = self.all()
        return len(found) == sum(self.record.up.values()) and all(is_running(one) for one in found)

    def settled(self) -> None:
        """Wait until all containers are healthy. Raises :class:`RemedyError` where one is not, or is missing."""
        found = self.all()
        if len(found) != sum(self.record.up.values()):
            raise RemedyError(f"there are {len(found)} containers, and {sum(self.record.up.values())} were to be there")
        with ThreadPoolExecutor(len(found)) as pool:
            list(pool.map(self._let_through, found))

    def _let_through(self, container: Answer) -> None:
        let_through(self.around.acting, str(container["Id"]), self.gate)


class Making(Protocol):
    """A way to make the containers of a service anew."""

    def foreseen(self, work: Work) -> None:
        """See, once the files are written, that nothing else will change. Raises RemedyError."""

    def make(self, work: Work) -> None:
        """Make the containers as the change wants them. Raises PolicyengineError where they do not come to work."""

    def restore(self, work: Work, project: Project) -> None:
        """Make them as they were; the files of ``project`` say it."""

    def are_new(self, containers: Sequence[Answer], work: Work) -> bool:
        """Whether containers are as the change wants them."""

    def are_old(self, containers: Sequence[Answer], work: Work) -> bool:
        """Whether they are as they were before."""

    def tidy(self, work: Work) -> None:
        """Remove what is not needed any more once the change is made."""
