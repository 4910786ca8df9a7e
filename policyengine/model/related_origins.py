"""Where a resource's fields are written, and what is known of ``related``, which no document writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.provenance import DECLARED, Provenance
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.resource import DocumentPath, Origins
    from policyengine.model.source_line import SourceLine

_REFERRED = frozenset({"governing_service", "horizontal_pod_autoscalers", "same_service_account", "service_account"})
"""The fields that bear on one place of the manifest: a reference, or the number of replicas."""


class RelatedOrigins:
    """A resource's origins, and what is known of ``related``, which no document writes.

    ``how`` tells of the fields that a relation settled.
    """

    __slots__ = ("_how", "_origins", "_related")

    def __init__(self, origins: Origins, related: Mapping[str, object], how: Mapping[str, Provenance]) -> None:
        self._origins = origins
        self._related = related
        self._how = how

    def where(self, path: FieldPath) -> Location:
        """The span of a field; for relations that of the reference to them, else of the resource itself."""
        if path[:1] == ("related",):
            path = path[:2] if len(path) > 1 and path[1] in _REFERRED else path[:1]
        return self._origins.where(path)

    def written(self, path: FieldPath) -> tuple[str, DocumentPath]:
        """The file that a field of the resource's own is, or would be, written in, and its place there."""
        return self._origins.written(path)

    def provenance(self, path: FieldPath) -> Provenance:
        """How a field came by its value; a relation is as declared as the resources that make it."""
        if path[:1] != ("related",):
            return self._how.get(str(path[0])) or self._origins.provenance(path)
        value = self._related.get(str(path[1])) if len(path) > 1 else None
        return Provenance("unknown", value.settle) if isinstance(value, Unknown) else DECLARED

    def excerpt(self, location: Location) -> SourceLine | None:
        """The line of the resource's own document where a location starts."""
        return self._origins.excerpt(location)
