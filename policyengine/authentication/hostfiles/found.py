"""The watched files that a root has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.hostfiles.names import User, by_number, called, groups, homes, users
from policyengine.authentication.hostfiles.watched import HOME, SYSTEM
from policyengine.authentication.resolving import glob, resolved
from policyengine.authentication.wildcards import is_wild, quoted, unescaped
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policyengine.authentication.files import Entry, Root


class HostFile(Struct, frozen=True):
    """A file of a root, or what cannot be known of one.

    ``path`` is its watched name, and a pattern where a directory could not be listed; ``at`` is where it lies when
    all symlinks are followed. ``user`` is the one in whose home it lies.
    """

    path: str
    role: str
    at: str
    entry: Entry | Unknown
    owner: str | Unknown
    group: str | Unknown
    user: User | None = None


def found(root: Root) -> Iterator[HostFile]:
    """Every watched file that is there, and Unknown for those of which that cannot be told."""
    named = users(root)
    search = _Search(root, by_number(named), groups(root))
    for role, patterns in SYSTEM.items():
        yield from search.among(role, patterns)
    lived_in = named if isinstance(named, Unknown) else homes(named)
    if isinstance(lived_in, Unknown):
        gone = lived_in
        yield from (HostFile(f"~/{path}", role, "", gone, gone, gone) for role in HOME for path in HOME[role])
        return
    for home, user in lived_in.items():
        for role, patterns in HOME.items() if resolved(root, home) is not None else ():
            yield from search.among(role, [f"{quoted(home)}/{pattern}" for pattern in patterns], user)


class _Search:
    """Finds the files that patterns name, each once for what it is for, whatever leads to it."""

    def __init__(self, root: Root, users: Mapping[int, str] | Unknown, groups: Mapping[int, str] | Unknown) -> None:
        self._root = root
        self._users = users
        self._groups = groups
        self._seen: set[tuple[str, str]] = set()

    def among(self, role: str, patterns: Iterable[str], user: User | None = None) -> Iterator[HostFile]:
        """The files that patterns name."""
        for pattern in patterns:
            paths = glob(self._root, pattern) if is_wild(pattern) else (unescaped(pattern),)
            if isinstance(paths, Unknown):
                yield HostFile(pattern, role, "", paths, paths, paths, user)
                continue
            for path in paths:
                if not (role == "ssh_user_private_key" and path.endswith(".pub")):
                    yield from self._file(role, path, user)

    def _file(self, role: str, path: str, user: User | None) -> Iterator[HostFile]:
        at = resolved(self._root, path)
        entry = self._root.entry(at) if isinstance(at, str) else at
        if isinstance(entry, Unknown):
            yield HostFile(path, role, "", entry, entry, entry, user)
        elif entry is not None and isinstance(at, str) and (role, at) not in self._seen:
            self._seen.add((role, at))
            owner, group = called(entry.uid, self._users), called(entry.gid, self._groups)
            yield HostFile(path, role, at, entry, owner, group, user)
