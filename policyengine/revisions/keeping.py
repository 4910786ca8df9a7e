"""Revisions that are kept between runs. A cache that fails is no cache."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.revisions.writing import is_whole, write

if TYPE_CHECKING:
    from policyengine.revisions.contents import Contents

KEPT_DAYS = 7
KEPT = 8
"""What was not used for so long, and what is more than so many, is dropped."""

_DAY = 24 * 60 * 60
_IN_USE = 60 * 60
"""Seconds in which a revision may still be read by the run that used it last."""

_PART = ".part-"


def kept(cache: Path, revision: Contents) -> Path | None:
    """Where a revision is kept, whole; None where it cannot be kept.

    It is written beside and put in its place at once: others at the same time see it whole or not at all.
    """
    try:
        place = _place(cache)
        found = _whole(place, revision) or _written(place, revision)
        os.utime(place / revision.key)
        _drop(place, revision.key)
    except (OSError, RuntimeError):
        return None
    return found


def _place(cache: Path) -> Path:
    """The directory of revisions. A walk that comes by, where the cache lies in a project, does not look into it."""
    place = cache.absolute() / "revisions"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    ignore = place / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return place


def _whole(place: Path, revision: Contents) -> Path | None:
    """Where the revision is; None where it is not, or not whole, or a link to somewhere else."""
    top = place / revision.key / revision.name
    try:
        is_here = os.path.realpath(top) == os.path.join(os.path.realpath(place), revision.key, revision.name)  # noqa: PTH118
        return top if is_here and is_whole(revision, top) else None
    except OSError:
        return None


def _written(place: Path, revision: Contents) -> Path | None:
    target = place / revision.key
    part = Path(tempfile.mkdtemp(dir=place, prefix=_PART))
    try:
        write(revision, part / revision.name)
        if _renamed(part, target):
            return target / revision.name
        found = _whole(place, revision)  # another run was first
        if found is None:
            _put_away(target)
            found = target / revision.name if _renamed(part, target) else None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return found


def _renamed(part: Path, target: Path) -> bool:
    """Put a directory in its place; False where something is there."""
    try:
        part.rename(target)
    except OSError:
        return False
    return True


def _put_away(target: Path) -> None:
    """Remove what should be a revision and is none."""
    old = Path(tempfile.mkdtemp(dir=target.parent, prefix=_PART))
    with suppress(FileNotFoundError):
        target.rename(old / target.name)
    shutil.rmtree(old, ignore_errors=True)


def _drop(place: Path, used: str) -> None:
    """Remove what is old, and what runs that were killed have left."""
    now = time.time()
    with os.scandir(place) as entries:
        ages = sorted((now - entry.stat().st_mtime, entry.name) for entry in entries if entry.is_dir())
    revisions = [(age, name) for age, name in ages if name != used]
    for number, (age, name) in enumerate(revisions, start=2):
        if age > KEPT_DAYS * _DAY or (number > KEPT and age > _IN_USE):
            shutil.rmtree(place / name, ignore_errors=True)
