"""Files of containers, as an engine hands them out: whatever the container's state, and without anything run in it.

https://docs.docker.com/reference/api/engine/version/v1.41/#operation/ContainerArchive
"""

from __future__ import annotations

import json
from base64 import b64decode
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from policyengine.connections.docker import DEFAULTS, as_path, dialled
from policyengine.connections.docker_errors import NotThereError
from policyengine.connections.http import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.connections.docker import Engine, Limits
    from policyengine.connections.docker_context import Endpoint
    from policyengine.connections.docker_line import Following, Line

_STAT = "x-docker-container-path-stat"
_DIRECTORY, _SYMLINK = 1 << 31, 1 << 27
_GONE = "no such container"
EXPORTING = 300.0
"""Seconds that an engine may say nothing while it makes an image's archive."""


class Taken(NamedTuple):
    """The beginning of the tar archive of a path, ``whole`` where that is all of it.

    It begins with the thing at the path itself, a symlink as one. All that lies in a directory follows it.
    """

    archive: bytes
    whole: bool


class Seen(NamedTuple):
    """What lies at a path: ``mode`` is https://pkg.go.dev/io/fs#FileMode, ``target`` where a symlink leads."""

    mode: int
    target: str

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory."""
        return bool(self.mode & _DIRECTORY)

    @property
    def is_symlink(self) -> bool:
        """Whether it is a symlink."""
        return bool(self.mode & _SYMLINK)


class EngineFiles:
    """What an engine has of files; may be asked from several threads at once."""

    def __init__(self, line: Line, engine: Engine) -> None:
        self.engine = engine
        self._line = line

    def taken(self, container: str, path: str, limit: int) -> Taken | None:
        """The first ``limit`` bytes of the archive of a path in a container; None where nothing lies there.

        Raises :class:`NotThereError` where there is no such container (any more), and what an engine's answers raise.
        """
        try:
            part = self._line.part(Request("GET", self._archive(container, path)), limit)
        except NotThereError as error:
            if _GONE in error.message.lower():
                raise
            return None
        return Taken(part.body, part.whole)

    def seen(self, container: str, path: str) -> Seen | None:
        """What lies at a path in a container, without its owner; None where nothing does, or it is not told.

        To see takes an engine a small part of the time that an archive takes: up to 22 it starts a process for each.
        """
        try:
            part = self._line.part(Request("HEAD", self._archive(container, path)), 0)
        except NotThereError:  # its text is not told, which says what is not there
            return None
        return _seen(part.headers.get(_STAT, ""))

    def _archive(self, container: str, path: str) -> str:
        asked = quote(path.encode("utf-8", "surrogateescape"), safe="/")
        return f"{self.engine.prefix}/containers/{as_path(container)}/archive?path={asked}"

    @contextmanager
    def exported(self, image: str) -> Iterator[Following]:
        """The archive of an image, as ``docker save`` writes it."""
        path = f"{self.engine.prefix}/images/{as_path(image)}/get"
        with self._line.following(path, EXPORTING) as answer:
            yield answer


@contextmanager
def files_of(endpoint: Endpoint, limits: Limits = DEFAULTS) -> Iterator[EngineFiles]:
    """The files that the engine at an endpoint has. Raises :class:`NoEngineError`; closes all connections."""
    with dialled(endpoint, limits) as (line, engine):
        yield EngineFiles(line, engine)


def _seen(told: str) -> Seen | None:
    """What a header tells; None for one that tells nothing that is understood."""
    try:
        found = json.loads(b64decode(told))
        return Seen(int(found["mode"]), str(found["linkTarget"]))
    except (ValueError, KeyError, TypeError):
        return None
