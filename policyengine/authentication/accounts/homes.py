"""Home directories: what they are, and what lies in them."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication import resolving
from policyengine.authentication.files import Entry
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.files import Root

MOST_FILES = 5000
"""How many files are looked at in the homes of a root. A home may hold millions, of which nobody wants to wait."""

_DEPTH = 32


class Found(Struct, frozen=True):
    """A file or directory of a home: its path from there, what lstat(2) says of it, and its path in the root."""

    path: str
    entry: Entry
    at: str


class Contents(Struct, frozen=True):
    """What was found in a home, each directory before what is in it; ``open`` says why there may be more."""

    found: tuple[Found, ...] = ()
    open: Unknown | None = None


class Home(Struct, frozen=True):
    """A home: ``entry`` is what stat(2) says of it, ``at`` its path without symlinks."""

    entry: Entry
    at: str


class Budget:
    """How many homes and files in them may still be looked at."""

    def __init__(self, most: int = MOST_FILES) -> None:
        self.most = most
        self._left = most

    def spent(self) -> Unknown | None:
        """Why no more may be looked at; None while there is something left, of which one is taken."""
        if self._left <= 0:
            return Unknown("home", f"homes hold more than {self.most} files")
        self._left -= 1
        return None


def home(root: Root, path: str) -> Home | Unknown | None:
    """The home at a path; None where no directory is there."""
    at = resolving.resolved(root, path) if path.startswith("/") else None
    if at is None or isinstance(at, Unknown):
        return at
    found = root.entry(at)
    if found is None or isinstance(found, Unknown):
        return found
    return Home(found, at) if found.kind == "directory" else None


def contents(root: Root, at: str, budget: Budget, *, deep: bool) -> Contents:
    """What lies in a home, and, where ``deep``, in its directories. Symlinks are told and not followed.

    A home that is the whole system's root is not looked into any deeper.
    """
    walk = _Walk(root, at, budget)
    if deep and at == "/":
        walk.leave_open(Unknown("home", f"{root.where(at)} is a home, and not all in it is looked at"))
    waiting = [at]
    while waiting and not walk.is_over:
        further = walk.directory(waiting.pop())
        waiting += further if deep and at != "/" else ()
    return Contents(tuple(walk.found), walk.open)


class _Walk:
    """Collects what lies in a home, until the budget is spent."""

    def __init__(self, root: Root, home: str, budget: Budget) -> None:
        self._root, self._home, self._budget = root, home, budget
        self.found: list[Found] = []
        self.open: Unknown | None = None
        self.is_over = False

    def leave_open(self, why: Unknown | None) -> None:
        """Say that there may be more; the first reason counts."""
        self.open = self.open or why

    def directory(self, path: str) -> list[str]:
        """Collect what lies in a directory; the directories therein are returned."""
        names = self._root.names(path)
        if isinstance(names, Unknown):
            self.leave_open(names)
        listed = names if isinstance(names, tuple) else ()
        found = [one for name in listed if (one := self._entry(posixpath.join(path, name))) is not None]
        self.found += found
        further = [one.at for one in found if one.entry.kind == "directory"]
        if further and path.count("/") - self._home.count("/") >= _DEPTH:
            self.leave_open(Unknown("home", f"{self._root.where(path)} is nested too deeply to be looked into"))
            return []
        return further

    def _entry(self, at: str) -> Found | None:
        if spent := self._budget.spent():
            self.leave_open(spent)
            self.is_over = True
            return None
        entry = self._root.entry(at)
        if isinstance(entry, Unknown):
            self.leave_open(entry)
        return Found(posixpath.relpath(at, self._home), entry, at) if isinstance(entry, Entry) else None
