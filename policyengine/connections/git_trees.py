"""What a commit holds, exactly: the bytes of its files as they were committed, whatever attributes say."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from msgspec import Struct

from policyengine.connections.git import SECONDS, command, environment, failed, late, no_git
from policyengine.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.connections.git import Repository

LINK = "120000"
SUBMODULE = "160000"
"""Modes: https://git-scm.com/docs/git-fast-import#_filemodify"""

_BATCH_SECONDS = 5 * SECONDS


class Entry(Struct, frozen=True):
    """A file, a symbolic link or a submodule in a tree. ``path`` is relative to the top, ``id`` that of the object."""

    path: str
    mode: str
    id: str
    size: int = 0


def entries(repository: Repository, commit: str) -> list[Entry]:
    """What is in a commit, in git's order."""
    listed = repository.ask("ls-tree", "-r", "-z", "-l", "--full-tree", commit)
    return [_entry(line) for line in listed.split(b"\0") if line]


def _entry(line: bytes) -> Entry:
    """``<mode> SP <type> SP <object> SP <object size> TAB <file>``, the size padded, that of a submodule ``-``."""
    about, _, path = line.partition(b"\t")
    mode, _, id_, size = about.decode("ascii").split()
    return Entry(os.fsdecode(path), mode, id_, 0 if size == "-" else int(size))


def contents(repository: Repository, wanted: Iterable[Entry]) -> Iterator[tuple[Entry, bytes]]:
    """The bytes of files and links, in order, one at a time in memory."""
    found = list(wanted)
    if not found:
        return
    with _batch(repository, (entry.id for entry in found)) as out:
        for entry in found:
            data = _next(out)
            if data is None:
                break
            yield entry, data
        else:
            return
    raise SourceError(f"object {entry.id} of the revision is not there", path=str(repository.top))


def _next(out: IO[bytes]) -> bytes | None:
    """The next object: ``<oid> SP <type> SP <size> LF <contents> LF``; None where it is missing, or git gave up."""
    head = out.readline().split()
    if len(head) != 3:
        return None
    size = int(head[2])
    data = out.read(size + 1)
    return data[:size] if len(data) == size + 1 else None


@contextmanager
def _batch(repository: Repository, ids: Iterator[str]) -> Iterator[IO[bytes]]:
    """What ``git cat-file --batch`` says of objects. Raises :class:`SourceError` unless it comes to a good end."""
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as said:
        asked.write("".join(f"{id_}\n" for id_ in ids).encode("ascii"))
        asked.seek(0)
        process = _started(repository, asked, said)
        timer = threading.Timer(_BATCH_SECONDS, process.kill)
        timer.daemon = True
        timer.start()
        try:
            with process.stdout as out:  # type: ignore[union-attr] # it is a pipe
                yield out
                out.read()
            process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            timed_out = timer.finished.is_set()
            timer.cancel()
        if timed_out:
            raise late(str(repository.top))
        said.seek(0)
        if process.returncode:
            raise failed(said.read().decode("utf-8", "replace"), str(repository.top))


def _started(repository: Repository, asked: IO[bytes], said: IO[bytes]) -> subprocess.Popen[bytes]:
    arguments = command(repository.top, ["cat-file", "--batch", "--buffer"])
    try:
        return subprocess.Popen(  # noqa: S603 - no shell
            arguments,
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=said,
            env=environment(),
            start_new_session=True,
        )
    except (FileNotFoundError, PermissionError):
        raise no_git() from None


def blob_id(data: bytes, like: str) -> str:
    """The id that git gives to bytes, in the object format of another id: SHA-1, or SHA-256 where that is longer."""
    hashed = hashlib.sha1(usedforsecurity=False) if len(like) == 40 else hashlib.sha256()
    hashed.update(b"blob %d\0" % len(data))
    hashed.update(data)
    return hashed.hexdigest()
