"""A resource with facts that were settled elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.model.provenance import ABSENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.provenance import Provenance
    from policyengine.model.resource import DocumentPath, Origins, Resource
    from policyengine.model.source_line import SourceLine


class _Origins(Struct, frozen=True):
    """The places of the input, and for the settled fields how they came by their values."""

    input: Origins
    how: Mapping[str, Provenance]

    def where(self, path: FieldPath) -> Location:
        """Where the input has the field, or would have it."""
        return self.input.where(path)

    def written(self, path: FieldPath) -> tuple[str, DocumentPath]:
        """The file that the input has the field in, or would, and its place there."""
        return self.input.written(path)

    def provenance(self, path: FieldPath) -> Provenance:
        """How the field came by its value."""
        settled = self.how.get(str(path[0])) if path else None
        return settled or self.input.provenance(path)

    def excerpt(self, location: Location) -> SourceLine | None:
        """The line of the input where a location starts."""
        return self.input.excerpt(location)


def resolved(resource: Resource, facts: Mapping[str, object], how: Provenance) -> Resource:
    """A copy of a resource with the values that ``facts`` gives its fields, which came about as ``how`` says.

    None stands for a field that turns out to have no value.
    """
    origins = _Origins(resource.origins, {name: ABSENT if value is None else how for name, value in facts.items()})
    settled = {name: value for name, value in {**resource.facts, **facts}.items() if value is not None}
    return replace(resource, facts=settled, origins=origins)
