"""The YAML documents that a project is put together from, and where each value of the whole was written."""

from __future__ import annotations

import os.path
import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.documents.document import DocPath, Document
    from policyengine.inputs.compose.interpolation import Interpolation
    from policyengine.inputs.compose.tags import Marks


class Layer(Struct, frozen=True, eq=False):
    """One YAML document of a file.

    ``raw`` is its mapping as it is written, which stands at ``index``; ``reading`` puts variables in. ``directory``
    is where relative paths in it start, ``relative`` the way there from the project's directory. ``marks`` tells
    what is tagged ``!reset`` or ``!override``.
    """

    document: Document
    index: int
    raw: dict[str, object]
    reading: Interpolation
    directory: str
    relative: str
    marks: Marks

    def tree(self, *steps: str) -> Tree:
        """The value there with variables put in."""
        path: DocPath = (self.index, *steps)
        return Tree(self.reading.values(self.written(path), path), Origin(self, path))

    def written(self, path: DocPath) -> object:
        """The value at a place of the file, as it is written."""
        value: object = self.raw
        for step in path[1:]:
            value = (
                value.get(step) if isinstance(value, dict) else value[int(step)] if isinstance(value, list) else None
            )
        return value

    def rebased(self, path: str) -> str:
        """A relative path of this document as one that starts in the project's directory; others as they are."""
        if self.relative == "." or not path.startswith("."):
            return path
        joined = posixpath.normpath(posixpath.join(self.relative, path))
        return joined if joined.startswith((".", "/")) else f"./{joined}"

    def path(self, written: str) -> str:
        """A path that this document names, as one that can be opened."""
        return os.path.normpath(os.path.join(self.directory, written))  # noqa: PTH118 (an absolute one stays)


class Origin:
    """Where a value was written, and where those below it were if that is not simply further down in the same place."""

    __slots__ = ("below", "layer", "path")

    def __init__(
        self, layer: Layer, path: DocPath, below: Mapping[str, Origin] | Sequence[Origin] | None = None
    ) -> None:
        self.layer = layer
        self.path = path
        self.below = below

    def child(self, step: str | int) -> Origin:
        """Where the value one step down was, or would be, written."""
        below = self.below
        if isinstance(below, dict):
            found = below.get(step)
        else:
            found = below[step] if isinstance(below, list) and isinstance(step, int) and step < len(below) else None
        return found or Origin(self.layer, (*self.path, step))

    def at(self, steps: DocPath) -> tuple[Layer, DocPath]:
        """The document and the place in it of a value further down."""
        origin = self
        for index, step in enumerate(steps):
            if origin.below is None:
                return origin.layer, (*origin.path, *steps[index:])
            origin = origin.child(step)
        return origin.layer, origin.path

    def marks(self) -> Mapping[str, str]:
        """The keys of this mapping that are tagged ``!reset`` or ``!override``."""
        return self.layer.marks.get(self.path, {}) if self.layer.marks else {}


class Tree(Struct, frozen=True):
    """A value, and where it was written."""

    value: object
    origin: Origin

    def child(self, step: str | int) -> Tree:
        """The value one step down, None where there is none."""
        value = self.value
        if isinstance(value, dict):
            return Tree(value.get(step), self.origin.child(step))
        return Tree(value[int(step)] if isinstance(value, list) else None, self.origin.child(step))

    def children(self) -> Iterator[tuple[str, Tree]]:
        """The entries of a mapping; none of anything else."""
        if isinstance(self.value, dict):
            for key, value in self.value.items():
                yield key, Tree(value, self.origin.child(key))

    def items(self) -> Iterator[Tree]:
        """The items of a sequence; none of anything else."""
        if isinstance(self.value, list):
            for index, value in enumerate(self.value):
                yield Tree(value, self.origin.child(index))

    def without(self, key: str) -> Tree:
        """A mapping without one of its entries."""
        if not isinstance(self.value, dict) or key not in self.value:
            return self
        return Tree({name: value for name, value in self.value.items() if name != key}, self.origin)


def mapping(entries: Mapping[str, Tree], at: Origin) -> Tree:
    """A mapping of entries that were written in different places."""
    below = {key: tree.origin for key, tree in entries.items()}
    return Tree({key: tree.value for key, tree in entries.items()}, Origin(at.layer, at.path, below))


def sequence(items: Sequence[Tree], at: Origin) -> Tree:
    """A sequence of items that were written in different places."""
    return Tree([tree.value for tree in items], Origin(at.layer, at.path, [tree.origin for tree in items]))
