"""The files of a root: of a container, an image, a host, or given ones."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct

from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping


class Entry(Struct, frozen=True):
    """What lstat(2) says of a name; ``mode`` has the permission bits (0o7777), ``target`` is a symlink's as written."""

    kind: Literal["file", "directory", "symlink", "special"]
    mode: int
    uid: int
    gid: int
    size: int = 0
    target: str = ""


class Root(Protocol):
    """A tree of files.

    Paths are absolute and normalised, and none of their components but the last is a symlink
    (:func:`policyengine.authentication.resolving.resolved` makes such paths). None stands for what is not there,
    an :class:`Unknown` for what cannot be read, with the reason: it is never taken for absent.
    """

    def entry(self, path: str) -> Entry | Unknown | None:
        """What lies at a path: a symlink itself, not what it points to."""

    def content(self, path: str, limit: int) -> bytes | Unknown | None:
        """The bytes of a regular file. One that is longer than ``limit`` is Unknown."""

    def names(self, directory: str) -> tuple[str, ...] | Unknown | None:
        """The names in a directory, sorted, without ``.`` and ``..``."""

    def where(self, path: str) -> str:
        """What a report calls the path: a path on this machine, or a URI."""


class Placed(Struct, frozen=True):
    """A file that is given, with its owner and mode."""

    text: str | bytes
    mode: int = 0o644
    uid: int = 0
    gid: int = 0

    @property
    def data(self) -> bytes:
        """Its bytes."""
        return self.text.encode("utf-8", "surrogateescape") if isinstance(self.text, str) else self.text


DIRECTORY = Entry("directory", 0o755, 0, 0)
"""As system directories are."""

Something = str | bytes | Placed | Entry | Unknown
"""What can be given for a path: a file's text, a placed file, a directory, symlink or special file, an unreadable."""


class Given:
    """A root of given files: of tests, of overlays. The directories that their paths name are there as well.

    ``name`` is put before a path to name it in reports: ``image.tar!`` gives ``image.tar!/etc/passwd``.
    """

    def __init__(self, files: Mapping[str, Something], name: str = "") -> None:
        self._name = name
        self._files: dict[str, Placed | Entry | Unknown] = {"/": DIRECTORY}
        for path, given in files.items():
            self._files[path] = Placed(given) if isinstance(given, str | bytes) else given
        for path in files:
            self._parents(path)
        self._names: dict[str, list[str]] = {path: [] for path in self._files if self._is_directory(path)}
        for path in sorted(self._files.keys() - {"/"}):
            self._names.setdefault(posixpath.dirname(path), []).append(posixpath.basename(path))

    def _parents(self, path: str) -> None:
        while (path := posixpath.dirname(path)) not in self._files:
            self._files[path] = DIRECTORY

    def _is_directory(self, path: str) -> bool:
        found = self._files[path]
        return isinstance(found, Entry) and found.kind == "directory"

    def entry(self, path: str) -> Entry | Unknown | None:
        """See :class:`Root`."""
        found = self._files.get(path)
        if isinstance(found, Placed):
            return Entry("file", found.mode, found.uid, found.gid, len(found.data))
        return found

    def content(self, path: str, limit: int) -> bytes | Unknown | None:
        """See :class:`Root`."""
        found = self._files.get(path)
        if found is None or isinstance(found, Unknown):
            return found
        if isinstance(found, Entry):
            return Unknown(path, f"{self.where(path)} is a {found.kind} and no regular file")
        return found.data if len(found.data) <= limit else longer(self.where(path), limit)

    def names(self, directory: str) -> tuple[str, ...] | Unknown | None:
        """See :class:`Root`."""
        found = self._files.get(directory)
        if isinstance(found, Unknown):
            return found
        return tuple(self._names[directory]) if found is not None and self._is_directory(directory) else None

    def where(self, path: str) -> str:
        """See :class:`Root`."""
        return f"{self._name}{path}"


def longer(where: str, limit: int) -> Unknown:
    """What is said of a file that is longer than may be read."""
    return Unknown(where, f"{where} is longer than {limit} bytes")
