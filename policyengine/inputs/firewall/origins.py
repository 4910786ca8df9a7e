"""Where the facts of a firewall come from: rules may stand in several files, or be what programs say of a host."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.documents.rules import RulesDocument
from policyengine.model.provenance import ABSENT, DECLARED, Provenance
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.resource import DocumentPath
    from policyengine.model.source_line import SourceLine


class RuleOrigins(Struct, frozen=True, dict=True):
    """``own`` is the place of the firewall itself, ``places`` are those of its facts; ``text`` reads a file again."""

    own: Location
    places: Mapping[FieldPath, Location]
    facts: Mapping[str, object]
    text: Callable[[str], str | None]

    def where(self, path: FieldPath) -> Location:
        """The place of a fact, or of the nearest one around it that has any."""
        known = (self.places[path[:length]] for length in range(len(path), 0, -1) if path[:length] in self.places)
        found = next(known, self.own)
        return self._spanned(found) if found.line and found.column is None else found

    def written(self, path: FieldPath) -> tuple[str, DocumentPath]:
        """The file that a fact is of, and the line there."""
        where = self.where(path)
        return where.path, (0, where.line or 1)

    def provenance(self, path: FieldPath) -> Provenance:
        """All that is known is what somebody wrote."""
        value = self.facts.get(str(path[0])) if path else None
        if isinstance(value, Unknown):
            return Provenance("unknown", value.settle)
        return ABSENT if value is None else DECLARED

    def excerpt(self, location: Location) -> SourceLine | None:
        """The line where a location starts; None of what has no lines."""
        document = self._document(location.path)
        return None if document is None else document.excerpt_at(location)

    def _spanned(self, line: Location) -> Location:
        """A line as the span that its text has."""
        document = self._document(line.path)
        return line if document is None else document.locate((0, line.line or 1))

    def _document(self, path: str) -> RulesDocument | None:
        if path not in self._documents:
            text = self.text(path)
            self._documents[path] = None if text is None else RulesDocument(path, text)
        return self._documents[path]

    @cached_property
    def _documents(self) -> dict[str, RulesDocument | None]:
        return {}
