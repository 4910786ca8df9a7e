"""The files of this host, or of a tree on it: a mounted image, a chroot, another machine's disk.

A path is walked from the root's own directory, one component at a time, and no symlink is followed by the system: who
can change the tree (a container's root user) never leads the reader out of it. What is no regular file is not opened.
"""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Literal

from policyengine.authentication.files import Entry, longer
from policyengine.errors import SourceError
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

_WALK = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LIST = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_FACT = "host.files"
_HINT = "root may read all files"
_NOT_THERE = (FileNotFoundError, NotADirectoryError)


class HostFiles:
    """A :class:`~policyengine.authentication.files.Root` of a directory, ``/`` for this host itself.

    Raises :class:`SourceError` where there is no such directory.
    """

    def __init__(self, directory: str) -> None:
        self._directory = posixpath.normpath(directory)
        try:
            self._root = os.open(self._directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror}", path=directory) from None

    def close(self) -> None:
        """Nothing is asked any more."""
        os.close(self._root)

    def where(self, path: str) -> str:
        """See :class:`~policyengine.authentication.files.Root`."""
        return path if self._directory == "/" else f"{self._directory}{path}"

    def entry(self, path: str) -> Entry | Unknown | None:
        """See :class:`~policyengine.authentication.files.Root`."""
        try:
            with self._above(path) as (above, name):
                found = os.stat(name, dir_fd=above, follow_symlinks=False)
                target = os.readlink(name, dir_fd=above) if stat.S_ISLNK(found.st_mode) else ""
        except _NOT_THERE:
            return None
        except OSError as error:
            return self._unreadable(path, error)
        return Entry(_kind(found.st_mode), found.st_mode & 0o7777, found.st_uid, found.st_gid, found.st_size, target)

    def content(self, path: str, limit: int) -> bytes | Unknown | None:
        """See :class:`~policyengine.authentication.files.Root`."""
        found = self.entry(path)
        if found is None or isinstance(found, Unknown):
            return found
        if found.kind != "file":  # to open a FIFO waits for its writer, and to open a device may do anything
            return Unknown(_FACT, f"{self.where(path)} is a {found.kind} and no regular file")
        try:
            with self._opened(path) as file:
                data = file.read(limit + 1)
        except _NOT_THERE:
            return None
        except OSError as error:
            return self._unreadable(path, error)
        return data if len(data) <= limit else longer(self.where(path), limit)

    def opened(self, path: str) -> IO[bytes]:
        """A regular file, open. Raises :class:`SourceError`."""
        found = self.entry(path)
        if found is None or isinstance(found, Unknown) or found.kind != "file":
            why = found.why if isinstance(found, Unknown) else "no regular file" if found else "there is no such file"
            raise SourceError(why, path=self.where(path))
        try:
            return self._opened(path)
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror}", path=self.where(path)) from None

    def _opened(self, path: str) -> IO[bytes]:
        """What is a regular file still: it may have become a FIFO meanwhile, of which no writer is waited for."""
        with self._above(path) as (above, name):
            file = os.fdopen(os.open(name, _READ, dir_fd=above), "rb")
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file
        file.close()
        raise OSError(errno.EINVAL, "it changes while it is read")

    def names(self, directory: str) -> tuple[str, ...] | Unknown | None:
        """See :class:`~policyengine.authentication.files.Root`."""
        try:
            with self._above(directory) as (above, name):
                opened = os.open(name, _LIST, dir_fd=above)
            try:
                return tuple(sorted(os.listdir(opened)))  # noqa: PTH208 - of an open directory
            finally:
                os.close(opened)
        except _NOT_THERE:
            return None
        except OSError as error:
            return self._unreadable(directory, error)

    @contextmanager
    def _above(self, path: str) -> Iterator[tuple[int, str]]:
        """The open directory that a path lies in, and its name there."""
        *directories, name = [part for part in path.split("/") if part] or ["."]
        at = os.dup(self._root)
        try:
            for part in directories:
                further = os.open(part, _WALK, dir_fd=at)
                os.close(at)
                at = further
            yield at, name
        finally:
            os.close(at)

    def _unreadable(self, path: str, error: OSError) -> Unknown:
        denied = isinstance(error, PermissionError)
        return Unknown(_FACT, f"{self.where(path)} cannot be read: {error.strerror}", _HINT if denied else None)


def _kind(mode: int) -> Literal["file", "directory", "symlink", "special"]:
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "directory"
    return "symlink" if stat.S_ISLNK(mode) else "special"
