"""The root that a file of a project lies in: the tree above ``etc/ssh/sshd_config``, or what lies beside the file."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from policyengine.authentication.files import DIRECTORY, Entry, longer
from policyengine.errors import SourceError
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.inputs.files import Files


class Beside:
    """A :class:`~policyengine.authentication.files.Root` of files of a project.

    ``path`` is the file that was named, ``text`` what it holds, and ``stands_for`` its path in the root:
    /etc/ssh/sshd_config. A file in a directory of just that path is one of a tree, of which all is seen. Of any other
    one the files beside it are seen, and what lies elsewhere is unknown. Modes and owners are not those of the machine
    that the files are for.
    """

    def __init__(self, path: str, stands_for: str, text: str, files: Files) -> None:
        self.by = path
        self._text = text.encode("utf-8", "surrogateescape")
        self._files = files
        above = path.removesuffix(stands_for.lstrip("/"))
        self.is_tree = above != path and above[-1:] in ("", "/")
        self._base = above if self.is_tree else posixpath.dirname(path)
        self._referring = posixpath.join(self._base, posixpath.basename(path))  # what is read lies below its directory
        self._home = "/" if self.is_tree else posixpath.dirname(stands_for)
        self._named = {stands_for: path}

    def where(self, path: str) -> str:
        """See :class:`~policyengine.authentication.files.Root`."""
        if path in self._named:
            return self._named[path]
        below = path.removeprefix(self._home).lstrip("/")
        return posixpath.join(self._base, below) if self._is_seen(path) else path

    def _is_seen(self, path: str) -> bool:
        return path in self._named or f"{path}/".startswith(self._home.rstrip("/") + "/")

    def entry(self, path: str) -> Entry | Unknown | None:
        """See :class:`~policyengine.authentication.files.Root`. Symlinks are followed by the reader of files."""
        if not self._is_seen(path):
            return DIRECTORY if f"{self._home}/".startswith(path.rstrip("/") + "/") else self._elsewhere(path)
        names = None if path in self._named else self._names(path)
        if names is not None:
            return names if isinstance(names, Unknown) else DIRECTORY
        data = self.content(path, 1 << 30)
        return Entry("file", 0o644, 0, 0, len(data)) if isinstance(data, bytes) else data

    def content(self, path: str, limit: int) -> bytes | Unknown | None:
        """See :class:`~policyengine.authentication.files.Root`."""
        if path in self._named:
            return self._text if len(self._text) <= limit else longer(self.where(path), limit)
        if not self._is_seen(path):
            return self._elsewhere(path)
        try:
            data = self._files.read(self.where(path), by=self._referring)
        except SourceError as error:
            return Unknown(path, str(error))
        return data if data is None or len(data) <= limit else longer(self.where(path), limit)

    def names(self, directory: str) -> tuple[str, ...] | Unknown | None:
        """See :class:`~policyengine.authentication.files.Root`."""
        return self._names(directory) if self._is_seen(directory) else self._elsewhere(directory)

    def _names(self, directory: str) -> tuple[str, ...] | Unknown | None:
        at = self.where(directory).rstrip("/")
        try:
            names = self._files.names(at, by=self._referring)
        except SourceError as error:
            return Unknown(directory, str(error))
        return tuple(names) if names or self._files.found[f"{at}/"] is not None else None

    def not_given(self, directory: str) -> Unknown | None:
        """Why it is not known that a directory has no more files; None in a tree, and where it lies beside the file."""
        at = posixpath.normpath(directory)
        beside = at != self._home and self._is_seen(at) and self._names(at) is not None
        if self.is_tree or beside:
            return None
        why = f"{self.by} was given without the files of {directory} that it includes"
        return Unknown(directory, why, f"check the directory, the image or the host that has {directory}")

    def _elsewhere(self, path: str) -> Unknown:
        return Unknown(path, f"{path} does not lie beside {self.by}")
