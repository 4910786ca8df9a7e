"""Where the parts of a saved image lie by name: in an archive, or in a directory."""

from __future__ import annotations

import posixpath
from typing import IO, TYPE_CHECKING, Protocol

from policyengine.authentication import resolving
from policyengine.authentication.layers.layer import MOST_MEMBERS
from policyengine.authentication.layers.tar import Members
from policyengine.errors import SourceError
from policyengine.inputs.docker.saved.unpacking import section

if TYPE_CHECKING:
    from policyengine.authentication.layers.tar import Member
    from policyengine.inputs.authentication.host_files import HostFiles


class Store(Protocol):
    """The parts of a saved image. They are open as long as the store is."""

    def opened(self, name: str) -> IO[bytes] | None:
        """A part by its name; None where there is none. Raises :class:`SourceError` for what cannot be read."""

    def size(self, name: str) -> int:
        """The bytes of a part that is there."""


class Archived:
    """The parts in a tar archive. Raises :class:`DocumentError` for what is none."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._members: dict[str, Member] = {}
        for number, member in enumerate(Members(file)):
            if number >= MOST_MEMBERS:
                raise SourceError(f"an archive with more than {MOST_MEMBERS} parts is no saved image")
            self._members[posixpath.normpath(member.name)] = member

    def opened(self, name: str) -> IO[bytes] | None:
        """See :class:`Store`."""
        member = self._found(name)
        return None if member is None else section(self._file, member.at, member.entry.size)

    def size(self, name: str) -> int:
        """See :class:`Store`."""
        member = self._found(name)
        return 0 if member is None else member.entry.size

    def _found(self, name: str) -> Member | None:
        """A file; ``docker save`` of before 25 wrote symlinks for layers that it had written already."""
        name = posixpath.normpath(name)
        for _ in range(resolving.MOST_LINKS):
            member = self._members.get(name)
            if member is None or (member.link is None and member.entry.kind != "symlink"):
                return member if member is not None and member.entry.kind == "file" else None
            to = posixpath.join(posixpath.dirname(name), member.entry.target) if member.link is None else member.link
            name = posixpath.normpath(to)
        return None


class Unarchived:
    """The parts in a directory; symlinks are followed inside it only."""

    def __init__(self, files: HostFiles) -> None:
        self._files = files
        self._open: list[IO[bytes]] = []

    def opened(self, name: str) -> IO[bytes] | None:
        """See :class:`Store`."""
        at = self._at(name)
        if at is None:
            return None
        self._open.append(self._files.opened(at))
        return self._open[-1]

    def size(self, name: str) -> int:
        """See :class:`Store`."""
        at = self._at(name)
        found = self._files.entry(at) if at is not None else None
        return getattr(found, "size", 0)

    def _at(self, name: str) -> str | None:
        at = resolving.resolved(self._files, f"/{name}")
        return at if isinstance(at, str) else None

    def close(self) -> None:
        """Nothing is asked any more."""
        for file in self._open:
            file.close()
