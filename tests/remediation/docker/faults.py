"""One fault at one moment of replacing a container, then recovering, then looking whether anything is lost.

A moment is a request to the engine: before it, or when the engine has done what it was asked and nobody knows yet.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, Literal

from policyengine.connections.docker import Limits
from policyengine.connections.docker_acting import acting
from policyengine.connections.docker_context import Endpoint
from policyengine.errors import PolicyengineError
from policyengine.remediation.docker.recovering import recover
from policyengine.remediation.docker.redeploying import redeploy
from policyengine.remediation.docker.rolling_back import rollback
from policyengine.remediation.journal import Journal
from tests.remediation.docker import services
from tests.remediation.docker.proxy import Spoiler

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.connections.docker_acting import Acting
    from tests.remediation.docker.proxy import Kind, Proxy
    from tests.remediation.docker.services import Service

Deed = Literal["redeploy", "rollback", "recover"]
DEEDS: tuple[Deed, ...] = ("redeploy", "rollback", "recover")

PATIENCE = Limits(connect=5, read=15)
IMPATIENT = Limits(connect=5, read=1.5)
"""Of one whose request hangs."""
_STARTED = get_context("forkserver")
_STARTED.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Result:
    """``asked`` is the request that was spoilt, empty where there was none with that number; ``wrong`` what is lost."""

    deed: Deed
    way: str
    kind: Kind
    at: int
    asked: str
    wrong: tuple[str, ...]
    said: str = ""


class Ground:
    """Where faults are made: an engine, a proxy before it, a journal."""

    def __init__(self, engine: Acting, proxy: Proxy, directory: Path) -> None:
        self.acting = engine
        self.proxy = proxy
        self.journal = directory / "journal.jsonl"

    def requests(self, service: Service, deed: Deed, half: int = 0) -> list[str]:
        """What a deed asks the engine for when nothing goes wrong."""
        self._prepare(service, deed, half)
        spoiler = self.proxy.spoiler = Spoiler()
        done(deed, service, self.proxy.host, self.journal, PATIENCE)
        return spoiler.seen

    def fault(
        self, service: Service, deed: Deed, kind: Kind, at: int, *, half: int = 0, forgetful: bool = False
    ) -> Result:
        """Do it, with one request spoilt; recover; look.

        What is recovered is a redeploy that was killed at the request ``half``. ``forgetful``: the journal is lost
        before anything is recovered.
        """
        self._prepare(service, deed, half)
        spoiler = self.proxy.spoiler = Spoiler(kind, at)
        said = self.killed(service, deed) if kind.startswith("kill") else self._failed(service, deed, kind)
        self.proxy.spoiler = Spoiler()
        if forgetful:
            self.journal.unlink(missing_ok=True)
        wrong = self._recovered() + services.check(self.acting.engine, service)
        return Result(deed, service.way, kind, at, spoiler.spoilt, tuple(wrong), said)

    def _prepare(self, service: Service, deed: Deed, half: int) -> None:
        if deed == "rollback":
            redeploy(self.acting, services.order(self.acting.engine, service), Journal(self.journal))
        if deed == "recover":
            self.proxy.spoiler = Spoiler("kill after", half)
            self.killed(service, "redeploy")

    def _recovered(self) -> list[str]:
        """What is wrong with recovering: that it fails, tells of one twice, or finds something to do right after it."""
        try:
            first = [one.name for one in recover(self.acting, Journal(self.journal))]
            again = recover(self.acting, Journal(self.journal))
        except PolicyengineError as error:
            return [f"recover: {error}"]
        twice = [f"told twice of {name}" for name in set(first) if first.count(name) > 1]
        return [*twice, *(f"a second time recovered {one.name}" for one in again)]

    def _failed(self, service: Service, deed: Deed, kind: Kind) -> str:
        try:
            done(deed, service, self.proxy.host, self.journal, IMPATIENT if kind.startswith("hang") else PATIENCE)
        except PolicyengineError as error:
            return str(error)
        return ""

    def killed(self, service: Service, deed: Deed) -> str:
        """Do a deed in a process of its own, which the proxy may kill; how it ended."""
        arguments = (deed, service, self.proxy.host, self.journal, PATIENCE)
        process = _STARTED.Process(target=killable, args=arguments)
        process.start()
        self.proxy.spoiler.victim = process.pid or 0
        process.join()
        return f"ended with {process.exitcode}"


def done(deed: Deed, service: Service, host: str, journal: Path, limits: Limits) -> None:
    """Do a deed to a service."""
    with acting(Endpoint("local", host), limits) as engine:
        if deed == "redeploy":
            redeploy(engine, services.order(engine.engine, service), Journal(journal))
        elif deed == "rollback":
            rollback(engine, service.name, Journal(journal), services.GATE)
        else:
            recover(engine, Journal(journal))


def killable(deed: Deed, service: Service, host: str, journal: Path, limits: Limits) -> None:
    """The same in a process of its own."""
    with suppress(PolicyengineError):
        done(deed, service, host, journal, limits)
