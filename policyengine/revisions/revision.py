"""A revision on disk, and what of it the sources of a working tree are."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from policyengine.errors import UsageError
from policyengine.model.location import STDIN
from policyengine.sources import is_special, several


class Revision(Struct, frozen=True):
    """A revision laid out in the directory ``top``, which is called as that of the working tree, ``original``, is.

    ``directory`` is where ``here``, a directory of the working tree, is in it. ``missing`` are the submodules that are
    checked out while the commit that the revision has of them is not there.
    """

    commit: str
    directory: Path
    top: Path
    original: Path
    here: Path
    missing: tuple[str, ...] = ()

    def mapped(self, path: Path) -> Path:
        """Where a path of the working tree, absolute or relative to ``here``, is in the revision, if it is.

        Raises :class:`UsageError` for a path outside the repository.
        """
        real = _real(self.here / path)
        original = os.path.realpath(self.original)
        if real != original and not real.startswith(f"{original.rstrip('/')}/"):
            raise UsageError("lies outside the repository, and has no history in it", path=str(path), hint=_LEAVE_OUT)
        return Path(os.path.normpath(self.top / os.path.relpath(real, original)))

    def unmapped(self, path: Path) -> Path:
        """Where a path of the revision is in the working tree."""
        return self.original / os.path.relpath(path, self.top)

    def source(self, source: str) -> str | None:
        """A source of a run in ``here`` for a run in ``directory``; None where the revision has nothing of the name.

        Of several files that are one (``compose.yaml:compose.prod.yaml``) those that are there. Raises
        :class:`UsageError` for what has no history: running systems, standard input, what is outside the repository.
        """
        if source == STDIN:
            raise UsageError("standard input has no history", path=source, hint="name the file, or a directory")
        if is_special(source):
            raise UsageError("a running system has no history", path=source, hint=_LEAVE_OUT)
        found = [there for name in several(source) or (source,) if (there := self._one(name)) is not None]
        return ":".join(found) or None

    def _one(self, name: str) -> str | None:
        mapped = self.mapped(Path(name))
        there = mapped if Path(name).is_absolute() else self.directory / name
        if not os.path.lexists(there):
            return None
        return str(there) if Path(name).is_absolute() else name


_LEAVE_OUT = "check it in a run of its own"


def _real(path: Path) -> str:
    """A path whose directories are no links; the file may be one."""
    if path.name in ("", ".."):
        return os.path.realpath(path)
    return os.path.join(os.path.realpath(path.parent), path.name)  # noqa: PTH118 - a string is wanted
