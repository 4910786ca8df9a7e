"""A project that several files make together, as one document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.document import DocPath, Document, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.inputs.compose.layer import Layer, Tree
    from policyengine.model.location import Location
    from policyengine.model.source_line import SourceLine


class Whole(Document):
    """The merged values of a project. Each value is located in the file that it was written in.

    Places start with 0, as in a file with one YAML document.
    """

    def __init__(self, path: str, tree: Tree, documents: Iterable[Document]) -> None:
        super().__init__(path, "")
        self.tree = tree
        self._documents = {document.path: document for document in documents}

    @property
    def values(self) -> list[object]:
        """The project."""
        return [self.tree.value]

    def origin(self, path: DocPath) -> tuple[Layer, DocPath]:
        """The document that a value comes from, and its place there."""
        return self.tree.origin.at(path[1:])

    def written_in(self, path: DocPath) -> tuple[str, DocPath]:
        """The file that the value at ``path`` is, or would be, written in, and its place there."""
        layer, at = self.origin(path)
        return layer.document.path, at

    def locate(self, path: DocPath) -> Location:
        """The location of the value at ``path``; of the nearest value around it when there is none."""
        layer, at = self.origin(path)
        return layer.document.locate(at)

    def span(self, path: DocPath) -> Span:
        """The span of the value at ``path`` in its own file."""
        layer, at = self.origin(path)
        return layer.document.span(at)

    def scalar_spans(self, path: DocPath) -> Iterable[Span]:
        """The spans of every scalar at or below ``path`` in the file that it comes from."""
        layer, at = self.origin(path)
        return layer.document.scalar_spans(at)

    def hide(self, path: DocPath) -> None:
        """Mark every value at or below ``path`` as sensitive in the file that it comes from."""
        layer, at = self.origin(path)
        layer.document.hide(at)

    def excerpt_at(self, location: Location) -> SourceLine | None:
        """A line of the file that the location is in, with every sensitive value masked."""
        document = self._documents.get(location.path)
        return document.excerpt_at(location) if document else None
