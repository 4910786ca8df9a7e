"""One layer of an image: the files that it adds or changes, and those that it removes.

https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md
"""

from __future__ import annotations

import posixpath
from typing import IO, TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.authentication.layers.tar import MalformedTarError, Members
from policyengine.authentication.resolving import MOST_LINKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policyengine.authentication.files import Entry
    from policyengine.authentication.layers.tar import Member

MOST_MEMBERS = 500_000
"""Members of a layer, and of all layers of an image: the largest images have half as many in all."""

MOST_PATH = 4096
"""Bytes of a path: Linux opens no longer one."""

MOST_STEPS = 20_000_000
"""Names in the paths of a layer, those included that its symlinks lead through: 40 for each member."""

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_MARKS = ".wh..wh."
"""What aufs kept for itself; nothing of it is a file of the image."""


class Added(Struct, frozen=True):
    """A file, directory or other thing that a layer brings; its bytes are in the layer's archive, ``at`` that place.

    ``link`` is the path of a hard link whose file lies in a lower layer, which its entry then is too.
    """

    path: str
    entry: Entry
    at: int
    link: str | None = None


class Layer:
    """A layer that lies in a file. What it holds of a path more than once, only the last counts for.

    ``members`` is how many its archive has, also those that are removed or count for nothing.
    """

    def __init__(self, name: str, data: IO[bytes]) -> None:
        self.name = name
        self._data = data
        self.added: dict[str, Added] = {}
        self.removed: set[str] = set()
        self.members = 0
        self.opaque: set[str] = set()
        self._symlinks: set[str] = set()
        self._steps = 0

    def content(self, added: Added) -> bytes:
        """The bytes of a regular file of the layer."""
        self._data.seek(added.at)
        return self._data.read(added.entry.size)

    def files(self) -> Iterator[Added]:
        """The regular files that the layer brings, also those that a later layer removes or changes."""
        return (one for one in self.added.values() if one.entry.kind == "file" and one.link is None)

    def take(self, member: Member, told: Callable[[str], None]) -> None:
        """Add what a member of its archive says; ``told`` what is wrong with it."""
        self.members += 1
        path = _inside(member.name, told)
        if path is None:
            return
        path = self._through(path)
        directory, name = posixpath.split(path)
        if name.startswith(_WHITEOUT):
            self._remove(directory, name, told)
            return
        if path == "/" and member.entry.kind != "directory":
            told(f"{member.name!r} would be the root directory itself, and is not read")
            return
        one = Added(path, member.entry, member.at)
        if member.link is not None:
            one = self._linked(one, member.link, told)
        elif member.entry.kind == "symlink":
            self._symlinks.add(path)
        self.added.pop(path, None)  # the order is that of the last
        self.added[path] = one

    def _remove(self, directory: str, name: str, told: Callable[[str], None]) -> None:
        removed = name.removeprefix(_WHITEOUT)
        if name == _OPAQUE:
            self.opaque.add(directory)
        elif removed in ("", ".", ".."):
            told(f"{posixpath.join(directory, name)!r} would remove a directory that it lies in")
        elif not name.startswith(_MARKS):
            self.removed.add(posixpath.join(directory, removed))

    def _linked(self, one: Added, to: str, told: Callable[[str], None]) -> Added:
        """A hard link: the file itself where it is of this layer, else where it leads."""
        target = _inside(to, told)
        found = self.added.get(self._through(target)) if target is not None else None
        if found is None:
            return replace(one, link=target if target is not None else one.path)
        return replace(found, path=one.path)

    def _through(self, path: str) -> str:
        """The path with the symlinks of this layer's own followed, as who unpacks it does, inside the image."""
        self._walk(path.count("/"))
        if not self._symlinks:
            return path
        links, done, waiting = 0, "/", path.split("/")[:0:-1]
        while waiting:
            name = waiting.pop()
            done = posixpath.dirname(done) if name == ".." else posixpath.join(done, name)
            at = self.added.get(done) if waiting and done in self._symlinks else None
            if at is not None and at.entry.kind == "symlink":
                links += 1
                if links > MOST_LINKS:
                    raise MalformedTarError(f"{path!r}: more than {MOST_LINKS} symbolic links")
                done = "/" if at.entry.target.startswith("/") else posixpath.dirname(done)
                parts = at.entry.target.split("/")
                self._walk(len(parts))
                waiting += [part for part in reversed(parts) if part not in ("", ".")]
        return done

    def _walk(self, steps: int) -> None:
        """Few bytes, packed, make paths that would be walked for hours."""
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise MalformedTarError(f"paths of more than {MOST_STEPS} names in one layer")


def _inside(name: str, told: Callable[[str], None]) -> str | None:
    """A member's name as a path of the image; None for one that leads out of it, which engines refuse too.

    An absolute one is inside as well: it is unpacked below the image's root.
    """
    if len(name.encode("utf-8", "surrogateescape")) > MOST_PATH:
        told(f"{name[:100]!r}... is longer than {MOST_PATH} bytes, and not read")
        return None
    if name.startswith("/") and name.strip("/"):
        told(f"{name!r} is an absolute path, and read as one of the image")
    elif posixpath.normpath(name).split("/", 1)[0] == "..":
        told(f"{name!r} leads out of the image, and is not read")
        return None
    return "/" + posixpath.normpath(f"/{name}").lstrip("/")


def read(name: str, data: IO[bytes], told: Callable[[str], None]) -> Layer:
    """The layer of an archive, which begins where ``data`` stands. Raises :class:`MalformedTarError`.

    ``told`` is what is wrong with single members; ``data`` must stay open as long as the layer is asked for bytes.
    """
    layer = Layer(name, data)
    for number, member in enumerate(Members(data)):
        if number >= MOST_MEMBERS:
            raise MalformedTarError(f"more than {MOST_MEMBERS} files in one layer")
        layer.take(member, told)
    return layer
