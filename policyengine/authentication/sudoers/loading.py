"""All of sudoers that a root has: what sudo reads, and what lies beside it that sudo does not read."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.resolving import entry, resolved
from policyengine.authentication.sudoers import checking
from policyengine.authentication.sudoers.including import Reading
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.authentication.files import Root
    from policyengine.authentication.sudoers.problems import Problem
    from policyengine.authentication.sudoers.tree import Tree

MAIN = ("/etc/sudoers", "/usr/etc/sudoers")
"""The main file: the first that is there. A vendor's own lies in /usr/etc (openSUSE)."""

DIRECTORY = "/etc/sudoers.d"


class Part(Struct, frozen=True):
    """What was read at once: its tree, what is wrong with it, and whether sudo reads it."""

    tree: Tree
    problems: tuple[Problem, ...]
    read: bool


class Sudoers(Struct, frozen=True):
    """All of it. The first part is what sudo reads. ``unknown``: why there may be more than what was found;
    the settings from ``known_from`` on come after all of that.

    ``files`` are those that sudo reads, in their order, ``unread`` those that lie where sudoers' files do and that it
    does not read: nothing includes them, their name has a period or ends in ``~``, or others may write to them.
    """

    main: str
    parts: tuple[Part, ...]
    files: tuple[str, ...]
    unread: tuple[str, ...]
    texts: Mapping[str, str]
    unknown: Unknown | None
    known_from: int = 0

    @property
    def tree(self) -> Tree:
        """What sudo reads."""
        return self.parts[0].tree


def main_file(root: Root) -> str | Unknown | None:
    """The path of the main file, None where there is none."""
    for path in MAIN:
        found = entry(root, path)
        if found is not None:
            return found if isinstance(found, Unknown) else path
    return None


def load(root: Root, main: str, *, alone: bool = False) -> Sudoers:
    """All of a root's sudoers, with ``main`` as the main file. ``alone``: what lies beside it is not looked at."""
    reading = Reading(root)
    parts = [_part(reading, main, read=True)]
    texts, unread, unknown = dict(reading.texts), [], reading.unknown
    for path in () if alone else _beside(root, main, reading, parts[0].tree):
        if isinstance(path, Unknown):
            unknown = unknown or path
            continue
        other = Reading(root, follow=False, trusting=True)
        parts.append(_part(other, path, read=False))
        unread.append(path)
        texts |= other.texts
        unknown = unknown or other.unknown
    return Sudoers(main, tuple(parts), tuple(reading.files), tuple(unread), texts, unknown, reading.known_from)


def _part(reading: Reading, path: str, *, read: bool) -> Part:
    tree = reading.read(path)
    problems = (*reading.problems, *checking.defaults(tree), *(checking.aliases(tree) if read else ()))
    return Part(tree, problems, read)


def _beside(root: Root, main: str, reading: Reading, tree: Tree) -> Iterator[str | Unknown]:
    """The files that sudo does not read, each once."""
    done = set(reading.files)
    included = [one.path for one in tree.includes if one.directive == "includedir" and one.path is not None]
    for path in (main, *_listed(root, [DIRECTORY, *included])):
        at = resolved(root, path) if isinstance(path, str) else path
        if isinstance(at, Unknown):
            yield at
        elif at is not None and at not in done:
            done.add(at)
            yield path


def _listed(root: Root, directories: list[str]) -> Iterator[str | Unknown]:
    """The regular files of some directories."""
    for directory in dict.fromkeys(posixpath.normpath(one) for one in directories):
        at = resolved(root, directory)
        names = root.names(at) if isinstance(at, str) else at
        if isinstance(names, Unknown):
            yield names
            continue
        for name in names or ():
            found = entry(root, f"{directory}/{name}")
            if isinstance(found, Unknown) or (found is not None and found.kind == "file"):
                yield f"{directory}/{name}"
