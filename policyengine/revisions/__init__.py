"""Revisions laid out on disk, so that they are read as a working tree is.

A run over a revision is one in its ``directory`` with sources as :meth:`Revision.source` gives them: names of projects
and scopes hang on the names of directories and on where a run stands, and are the same then.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.connections.git_working_tree import ignored as ignored_files
from policyengine.connections.git_working_tree import listed
from policyengine.errors import SourceError
from policyengine.revisions.contents import carried, gathered
from policyengine.revisions.keeping import kept
from policyengine.revisions.revision import Revision
from policyengine.revisions.writing import write

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from contextlib import AbstractContextManager

    from policyengine.connections.git import Repository

__all__ = ["Revision", "comparable", "laid_out"]

KEPT_BYTES = 256 * 2**20
"""A revision of more bytes is written for one run only."""

VARIABLES = (".env", ".env.*", "*.env")
"""Files of variables that people keep out of git, as in ``.gitignore``."""


def comparable(
    repository: Repository, commit: str, *, here: Path, cache: Path | None = None
) -> AbstractContextManager[Revision]:
    """The revision of a commit as :func:`laid_out`, with what is not a change where the working tree has other files.

    It lacks what a sparse checkout leaves out, and has the files of variables that git ignores.
    """
    left_out = listed(repository).left_out
    return laid_out(
        repository, commit, here=here, cache=cache, left_out=left_out, ignored=ignored_files(repository, VARIABLES)
    )


@contextmanager
def laid_out(
    repository: Repository,
    commit: str,
    *,
    here: Path,
    cache: Path | None = None,
    left_out: Collection[str] = (),
    ignored: Collection[str] = (),
) -> Iterator[Revision]:
    """The revision of a commit on disk, for a run that stands in the directory ``here`` of its working tree.

    It is kept below the directory ``cache``, and used again only if each of its files still is what its id in git
    says: whoever can write to a cache, as jobs of CI services can, does not decide what a revision holds. Where there
    is no cache, or it cannot be written, the revision is there until the context ends. ``left_out`` are paths that a
    sparse checkout leaves out. ``ignored`` are files that git ignores, such as ``.env``: they are a part of no
    revision and of every working tree, and are carried over; such a revision is never kept, since they hold secrets.
    Raises :class:`SourceError` for a commit that cannot be read or laid out.
    """
    contents = gathered(repository, commit, left_out)
    more = carried(repository, contents, ignored)
    top = kept(cache, contents) if cache and not more and contents.size <= KEPT_BYTES else None
    if top is not None:
        yield _revision(repository, commit, top, here, contents.missing)
        return
    with tempfile.TemporaryDirectory(prefix="policyengine-", ignore_cleanup_errors=True) as place:
        top = Path(place) / contents.name
        try:
            write(contents, top, more)
        except OSError as error:
            raise _cannot(error, commit) from None
        yield _revision(repository, commit, top, here, contents.missing)


def _revision(repository: Repository, commit: str, top: Path, here: Path, missing: tuple[str, ...]) -> Revision:
    directory = top / os.path.relpath(os.path.realpath(here), os.path.realpath(repository.top))
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot(error, commit) from None
    return Revision(commit, Path(os.path.normpath(directory)), top, repository.top, here, missing)


def _cannot(error: OSError, commit: str) -> SourceError:
    hint = "POLICYENGINE_CACHE_DIR and TMPDIR name places with more room" if error.errno == 28 else None
    return SourceError(f"revision {commit[:12]} cannot be laid out: {error.strerror}", path=error.filename, hint=hint)
