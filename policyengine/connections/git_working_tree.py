"""What a working tree is made of beside what was committed: files that moved, are ignored, or were not checked out."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.connections.git_trees import LINK, SUBMODULE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from policyengine.connections.git import Repository
    from policyengine.connections.git_trees import Entry

MOST = 5000
"""So many new files are looked at to find where they come from, and no file larger than ``LARGEST``."""

LARGEST = 8 * 2**20

_SIMILAR = 1000
"""So many files are compared with as many by their contents (git's ``-l``); of more only equal ones are found."""

_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./")


class Listed(Struct, frozen=True):
    """The files of a working tree: ``kept`` are in the index or new, ``left_out`` are not checked out (sparse)."""

    kept: frozenset[str]
    left_out: frozenset[str]


def listed(repository: Repository) -> Listed:
    """What is in the index, or new and not ignored. A sparse checkout leaves out what is not on the disk."""
    answer = repository.ask("ls-files", "-z", "-t", "--cached", "--others", "--exclude-standard")
    lines = [(line[:1], os.fsdecode(line[2:])) for line in answer.split(b"\0") if line]
    left_out = {path for tag, path in lines if tag == b"S" and not os.path.lexists(repository.top / path)}
    return Listed(frozenset(path for _, path in lines if not path.endswith("/")) - left_out, frozenset(left_out))


def tracked(repository: Repository) -> frozenset[str]:
    """The real paths of the files in the index, those of submodules too, and of the directories that they lie in."""
    answer = repository.ask("ls-files", "-z", "--cached", "--recurse-submodules")
    top = os.path.realpath(repository.top)
    found: set[str] = set()
    for path in filter(None, answer.split(b"\0")):
        at = f"{top}/{os.fsdecode(path)}"
        while at not in found and at != top:
            found.add(at)
            at = at.rpartition("/")[0]
    return frozenset(found)


def ignored(repository: Repository, patterns: Sequence[str]) -> list[str]:
    """The files that git ignores whose names match any of the patterns: ``.env``, ``*.env``."""
    if not patterns:
        return []
    named = (f":(glob)**/{pattern}" for pattern in patterns)
    answer = repository.ask("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--", *named)
    return sorted(os.fsdecode(path) for path in answer.split(b"\0") if path)


def renames(repository: Repository, old: Iterable[Entry]) -> dict[str, str]:
    """Which files of the working tree come from which of a commit: new path -> old path, relative to the top.

    Found as ``git diff -M`` does between files that are gone and those that are new, whether git knows them or not.
    """
    was = {entry.path: entry for entry in old}
    now = listed(repository)
    top = repository.top
    gone = [entry for path, entry in was.items() if path not in now.left_out and not os.path.lexists(top / path)]
    gone = [entry for entry in gone if entry.mode not in (LINK, SUBMODULE) and entry.size <= LARGEST]
    new = [path for path in sorted(now.kept - was.keys()) if _may_come_from(top / path, gone)] if gone else []
    return _compared(repository, gone, new[:MOST]) if new else {}


def _may_come_from(path: Path, gone: Sequence[Entry]) -> bool:
    """Whether a file can be read, and its size is not more than twice, or less than half, of any that is gone."""
    try:
        found = path.lstat()
    except OSError:
        return False
    if not stat.S_ISREG(found.st_mode) or not os.access(path, os.R_OK):
        return False
    smallest, largest = min(entry.size for entry in gone), max(entry.size for entry in gone)
    return smallest <= found.st_size * 2 and found.st_size <= largest * 2


def _compared(repository: Repository, gone: Sequence[Entry], new: Sequence[str]) -> dict[str, str]:
    """The renames among files: git compares two trees made of them, in places of their own.

    It is not asked about the working tree itself: it would start the filters that attributes name.
    """
    with tempfile.TemporaryDirectory(prefix="policyengine-") as place:
        env = _elsewhere(repository, Path(place))
        names = b"".join(_quoted(os.fsencode(path)) + b"\n" for path in new)
        ids = repository.ask("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=names, env=env)
        before = _tree(repository, [(entry.id, entry.path) for entry in gone], env)
        after = _tree(repository, list(zip(ids.decode("ascii").split(), new, strict=True)), env)
        options = ("-r", "-z", "-M", f"-l{_SIMILAR}", "--diff-filter=R", "--name-status", "--no-ext-diff")
        told = repository.ask("diff-tree", *options, "--no-textconv", before, after, env=env)
    parts = [os.fsdecode(part) for part in told.split(b"\0")]
    return {parts[at + 2]: parts[at + 1] for at in range(0, len(parts) - 2, 3)}


def _elsewhere(repository: Repository, place: Path) -> dict[str, str]:
    """Variables by which git writes objects and the index to a place, and reads the repository's objects."""
    objects = repository.top / os.fsdecode(repository.ask("rev-parse", "--git-path", "objects").removesuffix(b"\n"))
    (place / "objects").mkdir()
    return {
        "GIT_OBJECT_DIRECTORY": str(place / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.fsdecode(_quoted(os.fsencode(objects))),
        "GIT_INDEX_FILE": str(place / "index"),
    }


def _tree(repository: Repository, files: Sequence[tuple[str, str]], env: Mapping[str, str]) -> str:
    """The id of a tree of files."""
    Path(env["GIT_INDEX_FILE"]).unlink(missing_ok=True)
    lines = b"".join(b"100644 " + id_.encode("ascii") + b"\t" + os.fsencode(path) + b"\0" for id_, path in files)
    repository.ask("update-index", "-z", "--index-info", stdin=lines, env=env)
    return os.fsdecode(repository.ask("write-tree", "--missing-ok", env=env).removesuffix(b"\n"))


def _quoted(path: bytes) -> bytes:
    """A path in double quotes as C has them, which git reads names by that could be mistaken."""
    return b'"' + b"".join(bytes([byte]) if byte in _PLAIN else b"\\%03o" % byte for byte in path) + b'"'
