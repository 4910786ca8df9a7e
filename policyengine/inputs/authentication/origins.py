"""Where facts of several files come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.document import Document
from policyengine.model.location import Location
from policyengine.model.masking import concealed
from policyengine.model.provenance import ABSENT, DECLARED, Provenance
from policyengine.model.source_line import source_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.paths import FieldPath
    from policyengine.model.resource import DocumentPath
    from policyengine.model.source_line import SourceLine


class WrittenOrigins:
    """The places and provenances of a resource's fields; those inside a field are its own where none are recorded.

    What is written nowhere is told of the main file, at its first line. ``texts`` are those of the files by path, a
    document where more is hidden in it than shows by its form to be secret.
    """

    def __init__(
        self,
        path: str,
        places: Mapping[FieldPath, Location],
        how: Mapping[FieldPath, Provenance],
        texts: Mapping[str, str | Document],
    ) -> None:
        self._path = path
        self._places = places
        self._how = how
        self._texts = texts

    def where(self, path: FieldPath) -> Location:
        """The place of the field, or of the nearest thing around it."""
        found = (self._places.get(path[:length]) for length in range(len(path), 0, -1))
        return next(filter(None, found), Location(self._path, 1, 1, 1, 1))

    def written(self, path: FieldPath) -> tuple[str, DocumentPath]:
        """The file of the field, and its line there."""
        place = self.where(path)
        return place.path, (0, place.line or 1)

    def provenance(self, path: FieldPath) -> Provenance:
        """How the field came by its value."""
        found = (self._how.get(path[:length]) for length in range(len(path), 0, -1))
        return next(filter(None, found), DECLARED if path and path[0] in ("matches", "settings") else ABSENT)

    def excerpt(self, location: Location) -> SourceLine | None:
        """The line where a location starts."""
        text = self._texts.get(location.path, "")
        if isinstance(text, Document):
            return text.excerpt_at(location)
        lines = text.split("\n")
        if location.line is None or location.line > len(lines):
            return None
        line = lines[location.line - 1]
        return source_line(line, concealed(line), location)


class Collected:
    """Facts of several files while they are collected, with where they come from. ``path`` is the main file's.

    ``default`` is where values come from that are written nowhere.
    """

    def __init__(self, path: str, default: Provenance) -> None:
        self._path = path
        self._default = default
        self.facts: dict[str, object] = {}
        self.texts: Mapping[str, str] = {}
        self._places: dict[FieldPath, Location] = {}
        self._how: dict[FieldPath, Provenance] = {}

    def origins(self) -> WrittenOrigins:
        """Where they come from."""
        return WrittenOrigins(self._path, self._places, self._how, self.texts)


class WholeFile:
    """The place and provenance of what is told of a file as a whole, or of a system: no line is its place."""

    def __init__(self, path: str) -> None:
        self._at = Location(path)

    def where(self, _path: FieldPath) -> Location:
        """The file."""
        return self._at

    def written(self, _path: FieldPath) -> tuple[str, DocumentPath]:
        """The file: there is nothing in it to be edited."""
        return self._at.path, ()

    def provenance(self, _path: FieldPath) -> Provenance:
        """What is there counts as declared."""
        return DECLARED

    def excerpt(self, _location: Location) -> SourceLine | None:
        """None: there is no text."""
        return None
