"""The files of a container as a root: asked of the engine, never of the container.

The engine sees what the container's image, its own layer, binds and volumes hold, in whatever state the container is.
It does not see what only the container's own mounts hold (tmpfs, /proc, /sys, /dev): these are unknown, not absent.
"""

from __future__ import annotations

import io
import posixpath
from typing import TYPE_CHECKING, Literal, TypeVar

from policyengine.authentication.files import Entry, longer
from policyengine.authentication.layers.tar import Members
from policyengine.connections.docker_errors import NoEngineError, NotThereError
from policyengine.connections.docker_files import Seen
from policyengine.errors import DocumentError, SourceError
from policyengine.model.masking import concealed
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.authentication.layers.tar import Member
    from policyengine.connections.docker_files import Taken
    from policyengine.inputs.docker.node import Node

ETC = "/etc"
"""Read whole when first something in it is asked for: of most containers that is one answer of a few hundred kB."""

MOST_TREE = 16 << 20
"""Bytes that are read of a directory with all that lies in it."""

_LITTLE = 1 << 20
"""Bytes that are read to see what lies at a path: they take less than to ask again for what a file holds."""

_KEPT = 1 << 20
"""Bytes of a file that are kept when it came with others."""

_HEADERS = 16 << 10
"""What an archive of one file has beside it: extended headers among it, which are short."""

_KERNEL = ("/proc", "/sys", "/dev")
_T = TypeVar("_T")
_FACT = "container.files"


def hidden(container: Node) -> dict[str, str]:
    """The paths of a container that are mounts of its own, which the engine does not look into, each with what it is.

    The paths of mounts that it does look into are there too, with no text: they may lie in one of the others.
    """
    found = dict.fromkeys(_KERNEL, "a file system of the kernel's")
    for path, _ in container["HostConfig"]["Tmpfs"].entries():
        found[normal(path)] = "a tmpfs"
    for mount in container["Mounts"].items():
        found[normal(mount["Destination"].text)] = "a tmpfs" if mount["Type"].text == "tmpfs" else ""
    return found


def normal(path: str) -> str:
    """A path of a container as the engine takes it, absolute and without detours."""
    return "/" + posixpath.normpath(f"/{path}").lstrip("/")


class ContainerFiles:
    """A :class:`~policyengine.authentication.files.Root` of one container.

    ``mounts`` are those of :func:`hidden`; ``overlaid`` says why there may be others, which are not known. Podman
    (``follows``) follows symlinks itself, inside the mount that they lie in: where one leads from there into another
    one it tells of nothing; nor is a mount in the archive of a directory around it.
    ``take`` asks the engine for the beginning of a path's archive, ``see`` for what lies there and no more. An engine
    that fails is told of as what cannot be read; ``failed`` is then the error, and nothing more is asked.
    """

    def __init__(
        self,
        take: Callable[[str, int], Taken | None],
        see: Callable[[str], Seen | None],
        where: str,
        mounts: Mapping[str, str],
        overlaid: str = "",
        *,
        follows: bool = False,
    ) -> None:
        self._take = take
        self._see = see
        self._where = where
        self._mounts = mounts
        self._overlaid = overlaid
        self._follows = follows
        self._entries: dict[str, Entry | Unknown | None] = {}
        self._ways: dict[str, Entry] = {}
        self._contents: dict[str, bytes] = {}
        self._listed: dict[str, tuple[str, ...]] = {}
        self._etc = False
        self._tried: set[str] = set()
        self.failed: SourceError | None = None

    def where(self, path: str) -> str:
        """See :class:`~policyengine.authentication.files.Root`."""
        return f"{self._where}:{path}"

    def entry(self, path: str) -> Entry | Unknown | None:
        """See :class:`~policyengine.authentication.files.Root`."""
        if (mount := self._mounted(path)) is not None:
            return mount
        if not self._etc and f"{path}/".startswith(f"{ETC}/"):
            self._etc = True
            self._look(ETC, MOST_TREE)
        if path not in self._entries and not self._is_known_absent(path):
            self._look(path, _LITTLE)
        return self._entries.get(path)

    def passed(self, path: str) -> Entry | Unknown | None:
        """What lies on the way to something: a directory or a symlink, whoever owns it."""
        known = path in self._entries or path in self._ways or f"{path}/".startswith(f"{ETC}/")
        if not known and self._mounted(path) is None and not self._is_known_absent(path):
            seen = self._asked(lambda: self._see(path))
            if isinstance(seen, Seen) and (seen.is_directory or seen.is_symlink):
                kind: Literal["directory", "symlink"] = "directory" if seen.is_directory else "symlink"
                self._ways[path] = Entry(kind, 0, 0, 0, target=seen.target)
        return self._ways.get(path) or self.entry(path)

    def content(self, path: str, limit: int) -> bytes | Unknown | None:
        """See :class:`~policyengine.authentication.files.Root`."""
        found = self.entry(path)
        if found is None or isinstance(found, Unknown):
            return found
        if found.kind != "file":
            return Unknown(_FACT, f"{self.where(path)} is a {found.kind} and no regular file")
        if found.size == 0 and self._overlaid:  # what an engine makes of nothing to mount something on
            return Unknown(_FACT, f"{self.where(path)} is empty, or a mount point: {self._overlaid}")
        if found.size > limit:
            return longer(self.where(path), limit)
        if path not in self._contents:
            self._look(path, found.size + _HEADERS, whole=True)
        again = self._contents.get(path)
        return again if again is not None else Unknown(_FACT, f"{self.where(path)} changes while it is read")

    def names(self, directory: str) -> tuple[str, ...] | Unknown | None:
        """See :class:`~policyengine.authentication.files.Root`."""
        if self._mounted(directory) is None and directory not in self._entries and directory != ETC:
            self._look(directory, MOST_TREE)
        found = self.entry(directory)
        if found is None or isinstance(found, Unknown):
            return found
        if found.kind != "directory":
            return None
        if directory not in self._listed:
            self._look(directory, MOST_TREE)
        if directory not in self._listed:
            why = f"{self.where(directory)} holds more than {MOST_TREE} bytes, and is not listed"
            again = self._entries[directory]
            return again if isinstance(again, Unknown) else Unknown(_FACT, why)
        below = (path for path in self._mounts if posixpath.dirname(path) == directory)
        return tuple(sorted({*self._listed[directory], *map(posixpath.basename, below)} - {""}))

    def _mounted(self, path: str) -> Unknown | None:
        """Why the engine does not see a path, where it lies in a mount of the container's own."""
        around = self._around(path)
        what = self._mounts.get(around)
        return (
            Unknown(_FACT, f"{self.where(path)} is on {around}, {what}, which the engine does not see")
            if what
            else None
        )

    def _around(self, path: str) -> str:
        """The mount that a path lies in."""
        while path not in self._mounts and path != "/":
            path = posixpath.dirname(path)
        return path

    def _is_known_absent(self, path: str) -> bool:
        """Whether a directory above is known not to be there, or not to have it."""
        while path != "/" and path not in self._mounts:
            above = posixpath.dirname(path)
            if self._entries.get(above, above) is None:
                return True
            if above in self._listed:
                return posixpath.basename(path) not in self._listed[above]
            path = above
        return False

    def _look(self, path: str, limit: int, *, whole: bool = False) -> None:
        """Ask for a path, and keep what is told of it and of what lies in it."""
        found = self._asked(lambda: self._take(path, limit))
        if found is None or isinstance(found, Unknown):
            self._entries[path] = self._doubted(path) if found is None else found
            return
        self._keep(path, found, limit if whole else _KEPT)
        if path not in self._entries:
            why = f"the engine cannot read {self.where(path)}, or it is a socket"
            self._entries[path] = Unknown(_FACT, why)

    def _doubted(self, path: str) -> Entry | Unknown | None:
        """What lies where the engine says that nothing does: of Podman it may be a symlink into another mount."""
        if not self._follows or not self._mounts.keys() - set(_KERNEL):
            return None
        above = posixpath.dirname(path)
        if above not in self._tried and above != path:
            self._tried.add(above)
            self._look(above, MOST_TREE)
        if above in self._listed or self._entries.get(above, above) is None:
            return self._entries.get(path)
        return Unknown(
            _FACT, f"{self.where(path)} is not there, or a symlink into a mount, which Podman does not tell apart"
        )

    def _asked(self, ask: Callable[[], _T]) -> _T | Unknown:
        """What the engine answers, or why it does not."""
        if self.failed is None:
            try:
                return ask()
            except (NoEngineError, NotThereError) as error:
                self.failed = error
            except SourceError as error:
                return Unknown(_FACT, f"{self._where}: {concealed(error.message)}")
        return Unknown(_FACT, f"{self._where}: {concealed(self.failed.message)}")

    def _keep(self, path: str, taken: Taken, kept: int) -> None:
        """Keep what an archive tells, as far as it was read. Only of a whole one it is known what else is not there."""
        names: dict[str, list[str]] = {}
        told: dict[str, str] = {}
        members = Members(io.BytesIO(taken.archive))
        for member in _readable(members):
            at = _placed(path, member.name, told)
            if self._follows and self._around(at) != self._around(path):
                continue
            entry = member.entry
            if member.link is not None:
                first = told.get(member.link.rstrip("/"), "")
                entry = self._entries.get(first) or entry  # type: ignore[assignment]  # what was kept of a file
                if first in self._contents:
                    self._contents[at] = self._contents[first]
            elif entry.kind == "file" and entry.size <= min(kept, len(taken.archive) - member.at):
                self._contents[at] = taken.archive[member.at : member.at + entry.size]
            self._entries[at] = entry
            if entry.kind == "directory":
                names[at] = []
            if at != path:
                names.setdefault(posixpath.dirname(at), []).append(posixpath.basename(at))
        if taken.whole and members.ended:
            self._listed |= {directory: tuple(sorted(found)) for directory, found in names.items()}


def _placed(path: str, name: str, told: dict[str, str]) -> str:
    """The path in the container of a member of an archive; its first member is what lies at the archive's own path."""
    bare = name.rstrip("/")
    first = next(iter(told), None)
    at = path if first is None else posixpath.join(path, bare[len(first) :].lstrip("/"))
    told[bare] = at
    return at


def _readable(members: Members) -> Iterator[Member]:
    """The members up to where the archive breaks off."""
    try:
        yield from members
    except DocumentError:
        return
