"""``policyengine check --watch``: what to look at again when a file is saved."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.connections.git import repository
from policyengine.documents.load import format_of
from policyengine.errors import UsageError
from policyengine.model.location import STDIN
from policyengine.settings.discovery import NAME, PYPROJECT, USUAL
from policyengine.sources import is_special, several

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from threading import Event

    from policyengine.settings.effective import Effective

_SETTLED_MS = 20
"""So long nothing more is saved before a run begins: editors write a file in several steps."""

_LONGEST_MS = 200
"""So long a run waits while files are saved one after the other, as by a checkout."""

_ALSO = (".env", ".dockerignore", ".containerignore", ".gitignore", ".toml")
"""Ends of the names of files that bear on a run beside those that are judged."""


class Watched(Struct, frozen=True):
    """What is looked at: the directories ``below``, with all in them, the files in the directories ``near``.

    ``own`` are files that the runs themselves write.
    """

    below: frozenset[str]
    near: frozenset[str]
    own: frozenset[str]

    def matters(self, path: str) -> bool:
        """Whether a file or directory that changed may change the result."""
        name = os.path.basename(path)  # noqa: PTH119 - asked of very many
        told = format_of(name) is not None or name.endswith(_ALSO)
        # What was written into a new directory before it was looked at is told by nobody.
        if path in self.own or not (told or os.path.isdir(path)):  # noqa: PTH112 - as above
            return False
        return os.path.dirname(path) in self.near or any(path.startswith(f"{top}/") for top in self.below)  # noqa: PTH120


def watched(effective: Effective, outputs: Iterable[Path]) -> Watched:
    """What bears on a run: its sources, and the files of its settings, policies and exceptions.

    Raises :class:`UsageError` for sources that are no files, and where what is new is asked for and there is no git
    repository: no change of a file would make one.
    """
    sources = effective.sources or (".",)
    if effective.settings.new_since:
        repository(Path.cwd())
    for source in sources:
        if is_special(source):
            hint = f"policyengine watch {source}" if source != STDIN else "--watch is for files and directories"
            raise UsageError(f"{source} cannot be watched", hint=hint)
    files = [part for source in sources for part in (several(source) or (source,))]
    named = [os.path.realpath(path) for path in (*files, *_named(effective), NAME)]
    directories = {path for path in named if os.path.isdir(path)}  # noqa: PTH112 - a text
    near = {os.path.dirname(path) for path in named if path not in directories}  # noqa: PTH120 - a text
    own = frozenset(os.path.realpath(path) for path in outputs)
    return Watched(frozenset(directories), frozenset(filter(os.path.isdir, near)), own)


class Beside(Watched, frozen=True):
    """What bears on a run whose sources are no files: ``files``, and what is in the directories ``below``."""

    files: frozenset[str] = frozenset()

    def matters(self, path: str) -> bool:
        """Whether a file or directory that changed may change the result."""
        return path in self.files or any(path.startswith(f"{top}/") for top in self.below)


def beside(effective: Effective) -> Beside:
    """The files of the settings, the policies and the exceptions, and those that would be, were they there."""
    usual = (NAME, PYPROJECT, *USUAL.values())
    named = [os.path.realpath(path) for path in (*_named(effective), *usual)]
    directories = frozenset(path for path in named if os.path.isdir(path))  # noqa: PTH112 - a text
    files = frozenset(named) - directories
    near = frozenset(filter(os.path.isdir, map(os.path.dirname, files)))
    return Beside(directories, near, frozenset(), files)


def _named(effective: Effective) -> list[str]:
    """The paths that settings name, and their own file."""
    settings = effective.settings
    packs = [pack for pack in settings.packs if "/" in pack]
    return [
        *settings.policies,
        *packs,
        *(name for name in (effective.file, settings.waivers, settings.baseline) if name),
    ]


def changes(seen: Watched, stop: Event | None = None) -> Iterator[Sequence[str]]:
    """The files that were saved, made or taken away, each time some were, until somebody interrupts, or says stop."""
    from watchfiles import DefaultFilter, watch

    sensible = DefaultFilter()
    found = watch(
        *sorted(seen.below | seen.near),
        watch_filter=lambda change, path: sensible(change, path) and seen.matters(path),
        debounce=_LONGEST_MS,
        step=_SETTLED_MS,
        recursive=bool(seen.below),
        raise_interrupt=True,
        stop_event=stop,
        ignore_permission_denied=True,
    )
    for batch in found:
        yield sorted({path for _, path in batch})
