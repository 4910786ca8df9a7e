"""The resource: one thing that policies judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.provenance import Provenance
    from policyengine.model.scope import Scope
    from policyengine.model.source_line import SourceLine


DocumentPath = tuple[str | int, ...]
"""From a document's values down to one of them, the first step the number of the document."""


class Origins(Protocol):
    """Where a resource's fields come from. Asked only for findings, so answers may be worked out late."""

    def where(self, path: FieldPath) -> Location:
        """The span of the field's value; of the nearest thing around it when the field is not written."""

    def written(self, path: FieldPath) -> tuple[str, DocumentPath]:
        """The file that the field is, or would be, written in, and its place there: what an edit needs."""

    def provenance(self, path: FieldPath) -> Provenance:
        """How the field came by its value."""

    def excerpt(self, location: Location) -> SourceLine | None:
        """The line where a location starts with every sensitive value masked; None for what has no text."""


class Owner(Struct, frozen=True):
    """The resource that several resources share a field of: a Pod, for its containers.

    Its ``place``, the file and where in it, tells it from another of the same name: a file may hold two Jobs whose
    names are generated, or the same object twice.
    """

    kind: str
    name: str
    parent: str | None = None
    place: DocumentPath = ()


class Resource(Struct, frozen=True):
    """One thing that policies judge.

    ``facts`` maps field names to values of the types that ``kind`` declares; a field without a value is not in it;
    a value, or any value inside one, may be :class:`~policyengine.model.unknown.Unknown`. ``origin`` is the input
    kind it was read from. ``shared`` names the owner of each field that several resources share, so that a finding
    on it is reported once. ``handle`` is what a live target needs to find the thing again.
    ``identity`` tells the resource apart in fingerprints, where its parent and its name change with files and lines.
    ``whole`` is what its facts were summed up from, where more than facts is judged: a firewall's rules.
    """

    kind: str
    name: str
    origin: str
    scope: Scope
    facts: Mapping[str, object]
    origins: Origins
    parent: str | None = None
    shared: Mapping[str, Owner] = field(default_factory=dict)
    handle: Mapping[str, str] = field(default_factory=dict)
    identity: tuple[str, ...] | None = None
    whole: object = None

    def where(self, path: FieldPath = ()) -> Location:
        """The location of a field, or of the resource itself."""
        return self.origins.where(path)

    def provenance(self, path: FieldPath) -> Provenance:
        """How a field came by its value."""
        return self.origins.provenance(path)
