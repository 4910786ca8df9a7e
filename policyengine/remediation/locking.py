"""That one run alone acts on an engine, and where runs keep what they remember."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9]")


def state_directory(named: str = "", environ: Mapping[str, str] = os.environ) -> Path:
    """Where the journal and locks are: as named, else as the XDG Base Directory Specification has it.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    if named:
        return Path(named)
    home = environ.get("XDG_STATE_HOME", "")
    return (Path(home) if home.startswith("/") else Path.home() / ".local" / "state") / "policyengine"


class BusyError(UsageError):
    """Another run acts on the engine."""


@contextmanager
def alone(directory: Path, engine: str) -> Iterator[None]:
    """Hold the lock of an engine. Raises :class:`BusyError` where another run of this machine has it.

    It is given back when the process ends, however it ends.
    """
    from fcntl import LOCK_EX, LOCK_NB, flock

    path = directory / f"{_NOT_PLAIN.sub('-', engine)}.lock"
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(
            f"cannot be made: {error.strerror}", path=str(path), hint="--state-dir names another place"
        ) from None
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise BusyError("another run acts on this engine", path=str(path), hint="wait until it has ended") from None
    try:
        yield
    finally:
        os.close(file)
