"""What is told of a user, a group, or of all: facts, and where they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policyengine.authentication.accounts.passwords import password
from policyengine.inputs.authentication.origins import WrittenOrigins
from policyengine.model.provenance import ABSENT, DECLARED, Provenance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.source_line import SourceLine


def clean(text: str) -> str:
    """A text of a file as one that can be printed: bytes that are no UTF-8 become �."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def of_field(text: str) -> dict[str, object]:
    """What the field of a password says, as facts."""
    found = password(text)
    return {"state": found.state} if found.method is None else {"state": found.state, "method": found.method}


class Told:
    """Collects facts. ``at`` is the place of the whole thing."""

    def __init__(self, at: Location) -> None:
        self.at = at
        self.facts: dict[str, Any] = {}
        self.places: dict[FieldPath, Location] = {}
        self.how: dict[FieldPath, Provenance] = {}

    def put(self, name: str, value: object, place: Location | None = None, how: Provenance | None = None) -> None:
        """A field; without a value it is left out."""
        if value is not None:
            self.facts[name] = value
        if place is not None:
            self.places[(name,)] = place
        if how is not None:
            self.how[(name,)] = how

    def copied(self) -> Told:
        """The same, to be told more of."""
        copy = Told(self.at)
        copy.facts, copy.places, copy.how = dict(self.facts), dict(self.places), dict(self.how)
        return copy

    def take(self, prefix: FieldPath, other: Told) -> None:
        """Where another's facts are written: they are a part of these."""
        self.places[prefix] = other.at
        self.places |= {(*prefix, *path): place for path, place in other.places.items()}
        self.how |= {(*prefix, *path): how for path, how in other.how.items()}

    def origins(self, texts: Mapping[str, str]) -> ToldOrigins:
        """Where they come from; ``texts`` are the files' by what a report calls them."""
        return ToldOrigins(self, texts)


class ToldOrigins(WrittenOrigins):
    """The places and provenances of facts that were told; what stands nowhere is told of the whole thing."""

    def __init__(self, told: Told, texts: Mapping[str, str]) -> None:
        super().__init__(told.at.path, told.places, told.how, texts)
        self._told = told

    def where(self, path: FieldPath) -> Location:
        """The place of the field, or of the nearest thing around it."""
        found = (self._told.places.get(path[:length]) for length in range(len(path), 0, -1))
        return next(filter(None, found), self._told.at)

    def provenance(self, path: FieldPath) -> Provenance:
        """How the field came by its value: what is there and no default is declared."""
        found = (self._told.how.get(path[:length]) for length in range(len(path), 0, -1))
        return next(filter(None, found), DECLARED if _is_there(self._told.facts, path) else ABSENT)

    def excerpt(self, location: Location) -> SourceLine | None:
        """The line where a location starts, without hashes; None for files whose text was not kept."""
        return super().excerpt(location) if location.path in self._texts else None


def _is_there(facts: Any, path: FieldPath) -> bool:
    for step in path:
        if isinstance(facts, dict):
            facts = facts.get(step, _NOTHING)
        elif isinstance(facts, list) and isinstance(step, int) and step < len(facts):
            facts = facts[step]
        else:
            return False
    return facts is not _NOTHING


_NOTHING = object()
