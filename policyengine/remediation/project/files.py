"""A project's files on this machine, and the services that they say together."""

from __future__ import annotations

import os
import os.path
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.errors import RemedyError
from policyengine.inputs import compose
from policyengine.inputs.context import Context
from policyengine.inputs.files import Files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.connections.docker_compose import Project
    from policyengine.model.resource import Resource

Contents = dict[str, bytes]
"""By path: what a file holds."""


class MissingError(RemedyError):
    """A project's files are not on this machine."""


def contents(project: Project) -> Contents:
    """What a project's files hold. Raises :class:`MissingError` where one is not here."""
    if not project.files:
        raise MissingError("its labels name no Compose file")
    found = {path: _read(path) for path in project.files}
    missing = [path for path, data in found.items() if data is None]
    if missing:
        raise MissingError(f"its Compose file is not on this machine: {', '.join(missing)}")
    return {path: data for path, data in found.items() if data is not None}


def digest(path: str) -> str:
    """A hash of what a file holds now; empty where there is none."""
    data = _read(path)
    return "" if data is None else hashed(data)


def hashed(data: bytes) -> str:
    """A hash of what a file holds."""
    return sha256(data).hexdigest()


def _read(path: str) -> bytes | None:
    try:
        return Path(path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise RemedyError(f"cannot be read: {error.strerror}", path=path) from None


def services(project: Project, instead: Mapping[str, bytes]) -> dict[str, Resource]:
    """The containers that a project's files say, by the name of the service; ``instead`` is what files are taken to
    hold.

    Raises :class:`RemedyError` where they cannot be read as a whole.
    """
    root = os.path.commonpath([os.path.dirname(path) for path in project.files])  # noqa: PTH120 - texts
    held = {os.path.realpath(path): data for path, data in instead.items()}
    context = Context(files=Files("" if root == os.path.sep else root, instead=held))
    found = [one for one in compose.read_files(project.files, context) if one.kind == "container"]
    if context.problems:
        problem = context.problems[0]
        raise RemedyError(f"its Compose files cannot be read: {problem.message}", path=problem.path, line=problem.line)
    return {(one.parent or "").removeprefix("service/"): one for one in found}


def put(path: str, data: bytes) -> None:
    """Give a file other contents in one step that outlives a power cut; its mode and its owner stay.

    Raises :class:`RemedyError` where that cannot be done.
    """
    target = os.path.realpath(path)  # a link stays a link
    fresh = f"{target}.policyengine-{os.urandom(4).hex()}"
    try:
        known = os.stat(target)  # noqa: PTH116 - texts
        with open(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:  # noqa: PTH123
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), known.st_mode & 0o7777)
            if (known.st_uid, known.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), known.st_uid, known.st_gid)
            os.fsync(file.fileno())
        os.replace(fresh, target)  # noqa: PTH105
        synchronise(os.path.dirname(target))  # noqa: PTH120
    except OSError as error:
        with suppress(OSError):
            os.unlink(fresh)  # noqa: PTH108
        raise RemedyError(f"cannot be written: {error.strerror}", path=path) from None


def synchronise(directory: str | Path) -> None:
    """Have the names in a directory outlive a power cut."""
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
