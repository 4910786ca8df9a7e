"""The files that documents refer to: ``.env``, what a Compose file extends or includes, ``.dockerignore``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from policyengine.documents.load import MAX_BYTES
from policyengine.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

_OUTSIDE = "run policyengine in a directory above both, if the file is yours"


UNREADABLE = "unreadable"
"""Stands among what was found for a file that could not be read."""

Listings = dict[str, frozenset[str] | None]
"""The names in directories, None for what cannot be listed: readers ask for files that few directories have."""


Instead = Mapping[str, bytes]
"""By real path: what files are taken to hold, whatever they do hold."""

NOTHING: Instead = MappingProxyType({})

_LISTED = 64
"""Directories that are remembered: files come directory by directory."""


class Files:
    """Reads the files that documents refer to, and remembers what was found: a result that is kept hangs on it.

    A file outside the project is refused, also where a symbolic link leads out: what a repository holds must not
    make the credentials of the machine that judges it a part of a report. The project is the working directory,
    ``root``, and what lies in the same repository as, or below the directory of, the file that refers. ``listings``
    are of directories that were looked into before. ``instead`` is what some files are taken to hold.
    """

    def __init__(self, root: str = "", listings: Listings | None = None, instead: Instead = NOTHING) -> None:
        self._root = root
        self._instead = instead
        self._listings = listings if listings is not None else {}
        self.found: dict[str, str | None] = {}

    def read(self, path: str, *, by: str, limit: int = MAX_BYTES) -> bytes | None:
        """The bytes of a file that the file ``by`` refers to; None where there is no file of that name.

        ``path`` is relative to the working directory. Raises :class:`SourceError` for what is no regular file, lies
        outside the project, is larger than ``limit`` bytes, or cannot be read.
        """
        if self._is_missing(path):
            self.found[path] = None
            return None
        try:
            data = self._contents(Path(path), Path(by), limit)
        except SourceError:
            self.found[path] = UNREADABLE
            raise
        except OSError as error:
            self.found[path] = UNREADABLE
            raise SourceError(f"cannot be read: {error.strerror}", path=path) from None
        self.found[path] = None if data is None else sha256(data).hexdigest()
        return data

    def names(self, directory: str, *, by: str) -> list[str]:
        """The names in a directory that the file ``by`` refers to; none where there is no such directory.

        Raises :class:`SourceError` for one that lies outside the project, or cannot be read.
        """
        key = f"{directory}/"
        self.found[key] = None
        real = Path(directory).resolve()
        if not real.is_dir():
            return []
        if not any(real.is_relative_to(root) for root in self._roots(Path(by))):
            self.found[key] = UNREADABLE
            raise SourceError("lies outside the project", path=directory, hint=_OUTSIDE)
        try:
            names = sorted(os.listdir(real))  # noqa: PTH208 - as below
        except OSError as error:
            self.found[key] = UNREADABLE
            raise SourceError(f"cannot be read: {error.strerror}", path=directory) from None
        self.found[key] = sha256("\0".join(names).encode(errors="surrogateescape")).hexdigest()
        return names

    def again(self, path: str, *, by: str) -> None:
        """Look once more at what was found: at a file, or, where its name ends in a slash, at a directory."""
        if path.endswith("/"):
            self.names(path[:-1], by=by)
        else:
            self.read(path, by=by)

    def _is_missing(self, path: str) -> bool:
        """Whether a directory is known to have no file of that name."""
        directory, name = os.path.split(path)
        if directory not in self._listings:
            if len(self._listings) >= _LISTED:
                self._listings.clear()
            self._listings[directory] = _names(directory)
        names = self._listings[directory]
        return names is not None and name not in names and name not in ("", ".", "..")

    def _contents(self, path: Path, by: Path, limit: int) -> bytes | None:
        if not path.exists():
            return None
        real = path.resolve()
        if not any(real.is_relative_to(root) for root in self._roots(by)):
            raise SourceError("lies outside the project", path=str(path), hint=_OUTSIDE)
        if not real.is_file():
            raise SourceError("not a regular file", path=str(path))
        data = self._instead.get(str(real))
        if data is None:
            with real.open("rb") as file:
                data = file.read(limit + 1)
        if len(data) > limit:
            raise SourceError(f"larger than {limit // 2**20} MiB", path=str(path))
        return data

    def _roots(self, by: Path) -> Iterator[Path]:
        home = Path(os.path.abspath(by)).parent  # noqa: PTH100 - the directory it is named in, links not followed
        yield home.resolve()
        yield Path.cwd()
        if self._root:
            yield Path(self._root).resolve()
        repository = next((above for above in home.parents if (above / ".git").exists()), None)
        if repository:
            yield repository.resolve()


def _names(directory: str) -> frozenset[str] | None:
    try:
        return frozenset(os.listdir(directory or "."))  # noqa: PTH208 - a Path costs more than the question
    except (OSError, ValueError):
        return None
