"""What a revision consists of: the files of its commit, and of the submodules that are checked out."""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.connections.git import Repository
from policyengine.connections.git_trees import SUBMODULE, contents, entries
from policyengine.documents.load import MAX_BYTES
from policyengine.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from policyengine.connections.git_trees import Entry


class Part(Struct, frozen=True):
    """The files of one repository, whose top is ``prefix`` within the revision."""

    repository: Repository
    prefix: str
    entries: tuple[Entry, ...]


class Contents(Struct, frozen=True):
    """All that is in a revision. ``missing`` are submodules that are checked out but whose commit is not here."""

    name: str
    parts: tuple[Part, ...]
    missing: tuple[str, ...]

    def __iter__(self) -> Iterator[Entry]:
        for part in self.parts:
            for entry in part.entries:
                yield replace(entry, path=part.prefix + entry.path)

    @property
    def size(self) -> int:
        """How many bytes it takes on disk: files that are too large to be read take none."""
        return sum(entry.size for part in self.parts for entry in part.entries if is_read(entry))

    @property
    def key(self) -> str:
        """A digest of all that is in it, and where."""
        digest = sha256(os.fsencode(self.name))
        for entry in self:
            digest.update(b"\0%s %s " % (entry.mode.encode(), entry.id.encode()) + os.fsencode(entry.path))
        return digest.hexdigest()

    def data(self, wanted: Callable[[Entry], bool]) -> Iterator[tuple[Entry, bytes]]:
        """The bytes of the files and links that are wanted."""
        for part in self.parts:
            for entry, data in contents(part.repository, filter(wanted, part.entries)):
                yield replace(entry, path=part.prefix + entry.path), data


def is_read(entry: Entry) -> bool:
    """Whether a file is small enough to be read. Of others the size is all that is told."""
    return entry.size <= MAX_BYTES


def gathered(repository: Repository, commit: str, left_out: Collection[str] = ()) -> Contents:
    """All that is in a commit, but what is left out.

    Raises :class:`SourceError` where a name in it is none that could be checked out.
    """
    parts, missing = list[Part](), list[str]()
    for part, absent in _parts(repository, commit, ""):
        parts.append(part)
        missing += absent
    if left_out:
        kept = [tuple(entry for entry in part.entries if part.prefix + entry.path not in left_out) for part in parts]
        parts = [replace(part, entries=ours) for part, ours in zip(parts, kept, strict=True)]
    return Contents(repository.top.name or "root", tuple(parts), tuple(missing))


def _parts(repository: Repository, commit: str, prefix: str) -> Iterator[tuple[Part, list[str]]]:
    found, missing = entries(repository, commit), list[str]()
    for entry in found:
        if not _is_safe(entry.path):
            raise SourceError(f"{commit[:12]} has a file of a name that git itself refuses", path=entry.path)
    modules = [entry for entry in found if entry.mode == SUBMODULE]
    checked_out = [(entry, module) for entry in modules if (module := _submodule(repository, entry))]
    for entry, module in checked_out:
        if module.has(entry.id):
            yield from _parts(module, entry.id, f"{prefix}{entry.path}/")
        else:
            missing.append(prefix + entry.path)
    yield Part(repository, prefix, tuple(entry for entry in found if entry.mode != SUBMODULE)), missing


def _submodule(repository: Repository, entry: Entry) -> Repository | None:
    """The repository of a submodule; None where it is not checked out."""
    top = repository.top / entry.path
    is_one = os.path.lexists(top / ".git") and os.path.realpath(top) == str(top)
    return Repository(top) if is_one else None


def _is_safe(path: str) -> bool:
    """Whether a path leads nowhere else, as git demands of those that it checks out."""
    return not any(part in ("", ".", "..") or part.lower() == ".git" for part in path.split("/"))


def carried(repository: Repository, revision: Contents, paths: Collection[str]) -> dict[str, Path]:
    """The files of the working tree that are carried over into a revision: those that it does not have."""
    if not paths:
        return {}
    there = {entry.path for entry in revision}
    files = {path: repository.top / path for path in paths if path not in there and _is_safe(path)}
    return {path: file for path, file in files.items() if _is_small(file)}


def _is_small(file: Path) -> bool:
    """Whether it is a file that is read: a link may lead anywhere."""
    try:
        found = file.lstat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size <= MAX_BYTES and os.access(file, os.R_OK)
