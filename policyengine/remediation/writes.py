"""What a container has written into its own files: what replacing it loses, and where a read-only one needs room.

An engine tells it (``docker diff``); what lies in volumes and in tmpfs mounts is not among it.
"""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from policyengine.remediation.changes import FieldChange, SetField
from policyengine.remediation.desired import Wish

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SCRATCH = ("/run", "/var/run", "/tmp", "/var/tmp", "/var/lock")  # noqa: S108 - mounted, not written to
"""Directories whose contents nobody expects to find again: FHS 3.0, 3.15, 3.18, 5.13, 5.15."""

_NAMED = 3
_READ_ONLY = SetField(("read_only",), value=True)


def written(changes: Iterable[Mapping[str, object]], mounted: Iterable[str] = ()) -> tuple[str, ...]:
    """The files and empty directories among what ``/containers/ID/changes`` tells: what is above them is left out.

    So is what engines make there themselves, to mount something on it: ``mounted`` are the places of mounts.
    """
    places = {place.rstrip("/") for place in mounted}
    above_places = {str(parent) for place in places for parent in PurePosixPath(place).parents}
    paths = sorted({str(change.get("Path")) for change in changes} - places - above_places)
    above = {str(parent) for path in paths for parent in PurePosixPath(path).parents}
    return tuple(path for path in paths if path not in above)


def warning(paths: Sequence[str]) -> str | None:
    """What is to be said of what replacing a container loses; of scratch directories nothing."""
    lost = [path for path in paths if _scratch(posixpath.dirname(path)) is None]
    if not lost:
        return None
    more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    return f"what it has written into its own files is not carried over: {', '.join(lost[:_NAMED])}{more}"


def with_room(wish: Wish, paths: Sequence[str], facts: Mapping[str, object]) -> Wish | str:
    """A wish for a read-only container with mounts for all that it writes; or why there can be none.

    Scratch directories are a tmpfs, any other a volume, which begins with what the image has there.
    """
    if _READ_ONLY not in wish.changes:
        return wish
    directories = _outermost({_scratch(posixpath.dirname(path)) or posixpath.dirname(path) for path in paths})
    if "/" in directories:
        top = next(path for path in paths if posixpath.dirname(path) == "/")
        return f"it writes {top}, and / cannot be mounted over"
    volumes = facts.get("volumes")
    after = len(volumes) if isinstance(volumes, list) else 0
    room: list[FieldChange] = [SetField(("volumes", after), _mount(directory)) for directory in directories]
    return Wish(wish.policy, (*wish.changes, *room), wish.image)


def _mount(directory: str) -> dict[str, object]:
    return {"type": "tmpfs" if directory in SCRATCH else "volume", "target": directory}


def _scratch(directory: str) -> str | None:
    return next((one for one in SCRATCH if directory == one or directory.startswith(f"{one}/")), None)


def _outermost(directories: Iterable[str]) -> list[str]:
    """The directories that lie in none of the others."""
    found: list[str] = []
    for directory in sorted(directories):
        if not any(directory == one or directory.startswith(f"{one.rstrip('/')}/") for one in found):
            found.append(directory)
    return found
