"""What is written down of a change of a service before it is made, so that it can be taken back whatever happens.

It lies beside the journal, in a directory that only its owner reads: what files held may hold secrets.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping  # noqa: TC003 - records are read by these types
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct

from policyengine.connections.docker_compose import Project  # noqa: TC001 - records are read by these types
from policyengine.errors import RemedyError
from policyengine.remediation.project.files import synchronise

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from policyengine.remediation.journal import Journal

Way = Literal["compose", "recreate"]
"""``compose``: ``docker compose up`` makes the containers anew; ``recreate``: the container API does."""

_PATIENCE = 120
_PAUSE = 0.1


class Saved(Struct, frozen=True):
    """A file that is changed: hashes of what it holds ``before`` and ``after``; ``copy`` is what it held before."""

    path: str
    before: str
    after: str
    copy: str


class Record(Struct, frozen=True):
    """A change of ``service`` on the engine of that id, begun by ``run`` on ``target``, as the journal calls it.

    ``up`` are the services that are brought up, with their numbers of containers, ``names`` those of the containers.
    ``hash`` is that of the service's configuration before, ``after`` that which the changed files give, empty while it
    is not known. ``undo`` is the run that takes the change back, empty for none. ``done`` is when it was finished, in
    seconds since 1970, None for one that was not.
    """

    run: str
    target: str
    engine: str
    project: Project
    service: str
    way: Way
    up: Mapping[str, int]
    hash: str
    names: tuple[str, ...]
    files: tuple[Saved, ...] = ()
    undo: str = ""
    after: str = ""
    done: float | None = None

    @property
    def name(self) -> str:
        """What the target is called in plans."""
        return f"{self.project.name}/{self.service}"

    @property
    def home(self) -> str:
        """The name of the directory that holds it."""
        return f"{self.run[:32]}-{_short(self.name)}"

    @property
    def by(self) -> str:
        """The run that has to do with it now."""
        return self.undo or self.run


class Records:
    """The records of a state directory: that of the journal."""

    def __init__(self, journal: Journal) -> None:
        self._directory = journal.path.parent / "projects"

    def begin(self, record: Record, held: Mapping[str, bytes]) -> Record:
        """Write a record down, with what its files hold; gives it with the places of the copies."""
        home = self._directory / record.home
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(mode=0o700, parents=True)
        copies = [home / f"{number}.before" for number in range(len(record.files))]
        for saved, copy in zip(record.files, copies, strict=True):
            _write(copy, held[saved.path])
        files = tuple(
            msgspec.structs.replace(saved, copy=str(copy)) for saved, copy in zip(record.files, copies, strict=True)
        )
        found = msgspec.structs.replace(record, files=files)
        self.update(found)
        synchronise(self._directory)
        return found

    def update(self, record: Record) -> None:
        """Write down what is known now."""
        home = self._directory / record.home
        _write(home / "record.new", msgspec.json.encode(record))
        (home / "record.new").replace(home / _NAME)
        synchronise(home)

    def all(self, engine: str) -> list[Record]:
        """The records of changes on an engine. What was cut off while it was first written had no effect yet."""
        found = [_read(path) for path in sorted(self._directory.glob(f"*/{_NAME}"))]
        return [record for record in found if record is not None and record.engine == engine]

    def erase(self, record: Record) -> None:
        """Forget a change, and what its files held before."""
        home = self._directory / record.home
        (home / _NAME).unlink(missing_ok=True)
        shutil.rmtree(home, ignore_errors=True)

    @contextmanager
    def held(self, project: str) -> Iterator[int]:
        """Hold the lock of a project; gives the open file, which whoever it is handed to holds the lock with.

        A Docker Compose that outlives us has it until it has ended. Raises :class:`RemedyError` where another has it
        for longer than that should take.
        """
        from fcntl import LOCK_EX, LOCK_NB, flock

        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._directory / f"{_short(project)}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            until = time.monotonic() + _PATIENCE
            while True:
                try:
                    flock(file, LOCK_EX | LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise RemedyError(f"another run acts on the project {project}") from None
                    time.sleep(_PAUSE)
            yield file
        finally:
            os.close(file)


_NAME = "record.json"


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def _read(path: Path) -> Record | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except (FileNotFoundError, msgspec.MsgspecError):  # erased meanwhile, or of another version
        return None


def _write(path: Path, data: bytes) -> None:
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
