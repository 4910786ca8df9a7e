"""Writing a revision, and telling whether what is on disk is one."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.connections.git_trees import LINK, blob_id
from policyengine.revisions.contents import is_read
from policyengine.revisions.links import staying

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.connections.git_trees import Entry
    from policyengine.revisions.contents import Contents

MARK = ".git"
"""An empty directory where a repository's top is: settings and ignore files are looked for no further up, as there."""

_DIRECTORY = "/"
_OTHER = "\0"
"""What stands where the target of a link does, for a marking directory, and for what is neither file nor link."""


def write(revision: Contents, top: Path, carried: Mapping[str, Path] | None = None) -> None:
    """Write a revision's files to a directory that is not there yet, and those that are carried over to it.

    Links come last, so that nothing is ever written through one; those that lead out of the revision are left out.
    Raises :class:`OSError`.
    """
    top.mkdir(parents=True, mode=0o700)
    for mark in _marks(revision):
        (top / mark).mkdir(parents=True, mode=0o700)
    made = {str(top)}
    for entry, data in revision.data(lambda entry: _is_file(entry) and is_read(entry)):
        _file(_place(top, entry.path, made), data)
    for entry in revision:
        if _is_file(entry) and not is_read(entry):
            _file(_place(top, entry.path, made), size=entry.size)
    for path, source in (carried or {}).items():
        shutil.copyfile(source, _place(top, path, made))
    for path, target in _links(revision).items():
        Path(_place(top, path, made)).symlink_to(target)


def _place(top: Path, path: str, made: set[str]) -> str:
    """Where a file is put; its directory is made."""
    whole = f"{top}/{path}"
    directory = whole.rpartition("/")[0]
    if directory not in made:
        os.makedirs(directory, mode=0o700, exist_ok=True)  # noqa: PTH103 - asked of every file
        made.add(directory)
    return whole


def _file(path: str, data: bytes = b"", size: int = 0) -> None:
    """A new file; of one that is too large to be read only the size."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - a descriptor
        file.write(data)
        if size:
            file.truncate(size)


def is_whole(revision: Contents, top: Path) -> bool:
    """Whether a directory holds the revision and nothing else, by the ids of all files' contents."""
    files = {entry.path: entry for entry in revision if _is_file(entry)}
    expected = {**dict.fromkeys(files), **_links(revision), **dict.fromkeys(_marks(revision), _DIRECTORY)}
    if dict(_found(str(top), "")) != expected:
        return False
    return all(_is_same(f"{top}/{path}", entry) for path, entry in files.items())


def _found(top: str, below: str) -> Iterator[tuple[str, str | None]]:
    """What lies below a directory, with what links lead to. Directories with nothing in them are nothing."""
    with os.scandir(f"{top}/{below}") as entries:
        for entry in entries:
            path = below + entry.name
            if entry.is_symlink():
                yield path, os.readlink(entry.path)  # noqa: PTH115 - its text, not a path made of it
            elif entry.is_dir():
                if entry.name == MARK:
                    yield path, _DIRECTORY
                yield from _found(top, f"{path}/")
            else:
                yield path, None if entry.is_file() else _OTHER


def _is_same(path: str, entry: Entry) -> bool:
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:  # noqa: PTH123 - a descriptor
        if os.fstat(file.fileno()).st_size != entry.size:
            return False
        return not is_read(entry) or blob_id(file.read(), entry.id) == entry.id


def _is_file(entry: Entry) -> bool:
    return stat.S_ISREG(int(entry.mode, 8))


def _marks(revision: Contents) -> list[str]:
    return [part.prefix + MARK for part in revision.parts]


def _links(revision: Contents) -> dict[str, str]:
    """The links that are laid out, and what they lead to."""
    found = revision.data(lambda entry: entry.mode == LINK and is_read(entry))
    return staying({entry.path: os.fsdecode(data) for entry, data in found})
