"""Units of systemd: which are started, which are masked, and what some of them run. systemd.unit(5)."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.resolving import resolved
from policyengine.authentication.system.sections import DIRECTORIES, Stacked, is_taken_away, stacked
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.authentication.files import Root

UNITS = tuple(f"{directory}/system" for directory in DIRECTORIES)
_OFFERED = UNITS[-2:]
"""Where the distribution puts what it offers."""

SUFFIXES = (".service", ".socket", ".target", ".timer", ".path")
_WANTS = (".wants", ".requires")


class Unit(Struct, frozen=True):
    """``wanted_by`` are the units that start it. ``masked``: nobody can start it."""

    name: str
    wanted_by: tuple[str, ...] = ()
    masked: bool = False


def units(root: Root) -> tuple[Unit, ...] | Unknown:
    """The units that others start, or that an administrator masks, by name; what is only offered is not told."""
    wanted: dict[str, list[str]] = {}
    own: set[str] = set()
    for directory in UNITS:
        names = _names(root, directory)
        if isinstance(names, Unknown):
            return names
        own.update(name for name in names if directory not in _OFFERED and name.endswith(SUFFIXES))
        for name in names:
            if not name.endswith(_WANTS):
                continue
            found = _names(root, f"{directory}/{name}")
            if isinstance(found, Unknown):
                return found
            for unit in found:
                wanted.setdefault(unit, []).append(name.rpartition(".")[0])
    return _told(root, wanted, own)


def _told(root: Root, wanted: Mapping[str, list[str]], own: set[str]) -> tuple[Unit, ...] | Unknown:
    told: list[Unit] = []
    for name in sorted(own | wanted.keys()):
        masked = is_masked(root, name)
        if isinstance(masked, Unknown):
            return masked
        if masked or name in wanted:
            told.append(Unit(name, tuple(dict.fromkeys(wanted.get(name, ()))), masked))
    return tuple(told)


def _names(root: Root, directory: str) -> Iterable[str] | Unknown:
    at = resolved(root, directory)
    found = root.names(at) if isinstance(at, str) else at
    return () if found is None else found


def is_masked(root: Root, name: str) -> bool | Unknown:
    """By a symlink to /dev/null, or an empty file, in the first directory that has the name."""
    for directory in UNITS:
        path = posixpath.join(directory, name)
        at = resolved(root, path, last=False)
        found = root.entry(at) if isinstance(at, str) else at
        if isinstance(found, Unknown):
            return found
        if found is not None:
            return is_taken_away(root, path) or (found.kind == "file" and found.size == 0)
    return False


def commands(root: Root, name: str) -> list[str] | Unknown | None:
    """What a service runs: its ExecStart lines, of which an empty one takes away those before it. None: there is none.

    None also where files that are put over the unit are all that there is of it, and none of them says so.
    """
    found = stacked(root, name, UNITS)
    if not isinstance(found, Stacked):
        return found
    run: list[str] = []
    for line in found.values("Service", "ExecStart"):
        run = [*run, line.value] if line.value else []
    return run or None
