"""A resource as it is written: what a rule that changes a field of it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from policyengine.documents.dockerfile import DockerfileDocument
    from policyengine.documents.document import DocPath
    from policyengine.documents.editing.instructions import InstructionEdit
    from policyengine.documents.editing.meaning import Edit
    from policyengine.model.paths import FieldPath
    from policyengine.model.resource import Resource
    from policyengine.remediation.changes import FieldChange

    FileEdit = tuple[str, Edit | InstructionEdit]
    """An edit of the file of that path."""

    Rule = Callable[[FieldChange, "Written"], list[FileEdit]]
    """How a change of a field is made in a document. Raises :class:`EditError` where it cannot be."""


class Sources:
    """What files hold, each parsed once; ``texts`` are theirs by path."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._values: dict[str, Sequence[object]] = {}
        self._dockerfiles: dict[str, DockerfileDocument] = {}

    def values(self, path: str) -> Sequence[object]:
        """The values of a YAML or JSON file; none of one that is not known."""
        from policyengine.documents.yaml import YamlDocument

        if path not in self._values:
            self._values[path] = YamlDocument(path, self._texts[path]).values if path in self._texts else []
        return self._values[path]

    def dockerfile(self, path: str) -> DockerfileDocument:
        """A Dockerfile."""
        from policyengine.documents.dockerfile import DockerfileDocument

        if path not in self._dockerfiles:
            self._dockerfiles[path] = DockerfileDocument(path, self._texts[path])
        return self._dockerfiles[path]


class Written:
    """A resource as it is written: its facts, and in which file and where in it each of its fields stands."""

    def __init__(self, resource: Resource, sources: Sources) -> None:
        self.facts: Mapping[str, object] = resource.facts
        self.origin, self.kind = resource.origin, resource.kind
        self._resource = resource
        self._sources = sources

    def place(self, path: FieldPath) -> tuple[str, DocPath]:
        """The file that a field is, or would be, written in, and its place there."""
        return self._resource.origins.written(path)

    def fact(self, path: FieldPath) -> object:
        """What the resource has at a path, None where it has nothing."""
        return _at(self.facts, path)

    def dockerfile(self, path: str) -> DockerfileDocument:
        """A Dockerfile by its path."""
        return self._sources.dockerfile(path)

    def value(self, place: tuple[str, DocPath]) -> object:
        """What is written at a place, None where nothing is."""
        return _at(list(self._sources.values(place[0])), place[1])


def _at(value: object, path: Iterable[str | int]) -> object:
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def settled(value: object) -> None:
    """Raise :class:`EditError` where a variable or a template decides what a text is."""
    if isinstance(value, str) and ("$" in value or "{{" in value):
        raise EditError("a variable decides what stands there")
