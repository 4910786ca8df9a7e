"""Layers on each other: the files of an image."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from policyengine.authentication.files import DIRECTORY, longer
from policyengine.authentication.layers.tar import MalformedTarError
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.authentication.files import Entry
    from policyengine.authentication.layers.layer import Added, Layer

MOST_PLACES = 1_000_000
"""Files and directories of an image, those included that no layer has and paths lead through: four times as many as
the largest images have."""

_MISSING = Unknown("image.layers", "it is a hard link to what the image does not have")


class _Node:
    """What lies at a path; ``children`` of a directory."""

    __slots__ = ("added", "children", "entry", "layer")

    def __init__(self, entry: Entry | Unknown, layer: Layer | None = None, added: Added | None = None) -> None:
        self.entry = entry
        self.layer = layer
        self.added = added
        self.children: dict[str, _Node] | None = {} if _is_directory(entry) else None

    def inside(self) -> dict[str, _Node]:
        """What lies in it, which is a directory then whatever it was."""
        if self.children is None:
            self.entry, self.layer, self.added, self.children = DIRECTORY, None, None, {}
        return self.children

    def become(self, other: _Node) -> None:
        """Take what a higher layer has here; a directory keeps what is in it where it stays one."""
        kept = self.children if self.children is not None and other.children is not None else other.children
        self.entry, self.layer, self.added, self.children = other.entry, other.layer, other.added, kept


def _is_directory(entry: Entry | Unknown) -> bool:
    return not isinstance(entry, Unknown) and entry.kind == "directory"


class Stacked:
    """A :class:`~policyengine.authentication.files.Root` of layers, the lowest first.

    ``where`` is put before a path to name it in reports. What a layer removes lies in the ``layers`` below it still.
    Raises :class:`MalformedTarError` where there is more than any image has.
    """

    def __init__(self, layers: Sequence[Layer], where: str) -> None:
        self.layers = tuple(layers)
        self._where = where
        self._root = _Node(DIRECTORY)
        self._places = 0
        for layer in layers:
            self._apply(layer)

    def _apply(self, layer: Layer) -> None:
        """What a layer removes is of lower layers, wherever in it that is said."""
        for directory in layer.opaque:
            found = self._found(directory)
            if found is not None and found.children is not None:
                found.children.clear()
        for path in layer.removed:
            parent = self._found(posixpath.dirname(path))
            if parent is not None and parent.children is not None:
                parent.children.pop(posixpath.basename(path), None)
        for added in layer.added.values():
            self._place(added, layer)

    def layer(self, path: str) -> Layer | None:
        """The layer that what lies at a path is from; None where nothing does, or an unnamed directory."""
        found = self._found(path)
        return None if found is None else found.layer

    def _place(self, added: Added, layer: Layer) -> None:
        new = _Node(added.entry, layer, added)
        if added.link is not None:
            found = self._found(added.link)
            new = _Node(_MISSING) if found is None else _Node(found.entry, found.layer, found.added)
        node = self._root
        for name in _names(added.path):
            node = self._child(node, name)
        node.become(new)

    def _child(self, node: _Node, name: str) -> _Node:
        """What lies there by a name: a directory where nothing does, and so is what it lies in."""
        inside = node.inside()
        found = inside.get(name)
        if found is None:
            self._places += 1
            if self._places > MOST_PLACES:
                raise MalformedTarError(f"an image with more than {MOST_PLACES} files and directories")
            found = inside[name] = _Node(DIRECTORY)
        return found

    def _found(self, path: str) -> _Node | None:
        node: _Node | None = self._root
        for name in _names(path):
            node = node.children.get(name) if node is not None and node.children is not None else None
        return node

    def entry(self, path: str) -> Entry | Unknown | None:
        """See :class:`~policyengine.authentication.files.Root`."""
        found = self._found(path)
        return None if found is None else found.entry

    def content(self, path: str, limit: int) -> bytes | Unknown | None:
        """See :class:`~policyengine.authentication.files.Root`."""
        found = self._found(path)
        if found is None or isinstance(found.entry, Unknown):
            return None if found is None else Unknown(path, f"{self.where(path)}: {_MISSING.why}")
        if found.layer is None or found.added is None or found.entry.kind != "file":
            return Unknown(path, f"{self.where(path)} is a {found.entry.kind} and no regular file")
        return found.layer.content(found.added) if found.entry.size <= limit else longer(self.where(path), limit)

    def names(self, directory: str) -> tuple[str, ...] | Unknown | None:
        """See :class:`~policyengine.authentication.files.Root`."""
        found = self._found(directory)
        return tuple(sorted(found.children)) if found is not None and found.children is not None else None

    def where(self, path: str) -> str:
        """See :class:`~policyengine.authentication.files.Root`."""
        return f"{self._where}{path}"


def _names(path: str) -> list[str]:
    return [name for name in path.split("/") if name]
