"""Services of a real Swarm as targets: planned, applied, and broken off at a step.

``python -m tests.live.swarm_targets PLACE HOST SERVICE STEP good|broken`` applies a fix, and kills itself when a step
is about to be taken. The journal is in the directory PLACE.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, cast
from unittest.mock import patch

from policyengine.connections.docker import Limits
from policyengine.connections.docker_acting import ACTING, Acting
from policyengine.connections.docker_acting import acting as connected
from policyengine.connections.docker_context import Endpoint
from policyengine.connections.docker_errors import NoEngineError, NotThereError
from policyengine.errors import RemedyError
from policyengine.inputs import docker
from policyengine.inputs.context import Context
from policyengine.model.care import Care
from policyengine.remediation.changes import AddItems, FieldChange, SetField
from policyengine.remediation.desired import Wish
from policyengine.remediation.journal import Journal
from policyengine.remediation.owners import Owner, owner
from policyengine.remediation.swarm import target as swarm
from policyengine.remediation.targets import Around, Live, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.connections.docker_images import Images
    from policyengine.model.resource import Resource
    from policyengine.remediation.images.asking import Asking
    from policyengine.remediation.plan import Target

FIX: tuple[FieldChange, ...] = (
    AddItems(("cap_drop",), ("ALL",)),
    SetField(("read_only",), value=True),
    SetField(("user",), "65532:65532"),
)
"""What policies want of a service that serves."""

BROKEN: tuple[FieldChange, ...] = (SetField(("command",), ["/bin/busybox", "false"]),)
"""What no task can live with."""

CARE = Care(gate=60, stable=0.5, soak=3600)


class _Killing(Journal):
    """Kills who writes it when a step is about to be taken."""

    def __init__(self, path: Path, at: str) -> None:
        super().__init__(path)
        self._at = at

    def step(self, run: str, target: str, step: str) -> None:
        super().step(run, target, step)
        if step == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


class Fault(NamedTuple):
    """The engine dies at its ``request``-th request that changes something, ``before`` it does it or after, and is
    there again after a while.
    """

    request: int
    before: bool


_DEAD = 1.0


class _Dying(Acting):
    """An engine that dies."""

    fault = Fault(0, before=True)
    _seen = 0
    _until = 0.0

    def get(self, path: str, query: dict[str, str] | None = None) -> object:
        self._alive()
        return super().get(path, query)

    def post(self, path: str, body: object = None, **more: object) -> object:
        return self._counted(lambda: super(_Dying, self).post(path, body, **more))  # type: ignore[arg-type]

    def delete(self, path: str, query: dict[str, str] | None = None) -> object:
        return self._counted(lambda: super(_Dying, self).delete(path, query))

    def _counted(self, do: object) -> object:
        self._alive()
        self._seen += 1
        if self._seen != self.fault.request:
            return cast("object", do())  # type: ignore[operator]
        if not self.fault.before:
            do()  # type: ignore[operator]
        self._until = time.monotonic() + _DEAD
        raise NoEngineError("it dies")

    def _alive(self) -> None:
        if time.monotonic() < self._until:
            raise NoEngineError("it is dead")


def journal_of(place: Path, name: str) -> Journal:
    """The journal of what is done to a service."""
    return Journal(place / f"{name}.jsonl")


@contextmanager
def circumstances(endpoint: Endpoint, journal: Journal, fault: Fault | None = None) -> Iterator[Around]:
    """The circumstances of a run. No registry is asked, and no image brought."""
    limits = Limits(read=ACTING.read)
    with connected(endpoint, limits) as way:
        if fault is not None:
            way.__class__ = _Dying
            cast("_Dying", way).fault = fault
        yield Around(
            way, journal, CARE, os.urandom(4).hex(), lambda _: None, cast("Asking", None), cast("Images", None)
        )


_ENVIRONMENT = Lock()


def resources(endpoint: Endpoint) -> list[Resource]:
    """The containers of the engine, as policies see them."""
    # Several targets at once would put back each other's.
    with _ENVIRONMENT, patch.dict(os.environ, DOCKER_HOST=endpoint.host):
        return [one for one in docker.read_live("docker://local", Context()) if one.kind == "container"]


def planned(endpoint: Endpoint, name: str, changes: tuple[FieldChange, ...], around: Around) -> Target:
    """The plan for a service: what policies want of the containers of its tasks."""
    engine = around.acting.engine
    own = []
    for one in resources(endpoint):
        with suppress(NotThereError):  # a task of another service may have ended meanwhile
            live = Live(engine.container(one.handle["id"]), one)
            own += [live] if owner(live.answer) == Owner("service", name) else []
    wished = (Wish("wanted", changes),)
    return swarm.plan(Wanted(Owner("service", name), f"docker://local/service/{name}", tuple(own), wished), around)


def main(place: str, host: str, name: str, step: str, fix: str) -> None:
    endpoint = Endpoint("swarm", host)
    with circumstances(endpoint, _Killing(Path(place, f"{name}.jsonl"), step)) as around:
        try:
            swarm.apply(planned(endpoint, name, FIX if fix == "good" else BROKEN, around), around)
        except RemedyError as error:
            sys.exit(error.message)


if __name__ == "__main__":
    main(*sys.argv[1:])
