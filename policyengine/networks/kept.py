"""What is kept of a resource from the first pass: some of its facts, and where they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from policyengine.model.location import Location
from policyengine.model.provenance import DECLARED, Provenance
from policyengine.model.resource import Resource
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.model.paths import FieldPath
    from policyengine.model.resource import DocumentPath
    from policyengine.model.source_line import SourceLine


def facts_of(resource: Resource, fields: Sequence[str]) -> dict[str, Any]:
    """What is kept of a resource: these fields, the places of the items of those that are lists, and its own."""
    facts = {name: resource.facts[name] for name in fields if name in resource.facts}
    scope = resource.scope
    return {
        "kind": resource.kind,
        "name": resource.name,
        "parent": resource.parent,
        "scope": [scope.kind, scope.name, scope.source, sorted(scope.closed)],
        "facts": facts,
        "handle": dict(resource.handle),
        "whole": resource.whole,
        "places": [[list(path), list(resource.where(path))] for path in _paths(facts)],
        "defaults": [list(path) for path in _defaults(resource, facts)],
    }


def _paths(facts: Mapping[str, object]) -> Iterator[tuple[str | int, ...]]:
    yield ()
    for name, value in facts.items():
        if isinstance(value, list) and value and not isinstance(value[0], str):
            yield from ((name, index) for index in range(len(value)))


def _defaults(resource: Resource, facts: Mapping[str, object]) -> Iterator[tuple[str | int, ...]]:
    """The fields of items that nobody wrote, so that the platform's default stands in them."""
    for name, value in facts.items():
        for index, item in enumerate(value if isinstance(value, list) else ()):
            for key in item if isinstance(item, dict) else ():
                if resource.provenance((name, index, key)).how == "default":
                    yield name, index, key


def resource_of(kept: Mapping[str, Any], origin: str) -> Resource:
    """The resource that :func:`facts_of` kept."""
    kind, name, source, closed = kept["scope"]
    places = {tuple(path): Location(*place) for path, place in kept["places"]}
    return Resource(
        kind=kept["kind"],
        name=kept["name"],
        origin=origin,
        scope=Scope(kind, name, source, frozenset(closed)),
        facts=kept["facts"],
        origins=_Origins(places, frozenset(map(tuple, kept["defaults"]))),
        parent=kept["parent"],
        handle=kept["handle"],
        whole=kept["whole"],
    )


class _Origins(Struct, frozen=True):
    """Where the kept fields are written: of what is further in, the nearest thing around it that was kept."""

    places: Mapping[tuple[str | int, ...], Location]
    defaults: frozenset[tuple[str | int, ...]]

    def where(self, path: FieldPath) -> Location:
        return next(self.places[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.places)

    def written(self, path: FieldPath) -> tuple[str, DocumentPath]:
        return self.where(path).path, ()

    def provenance(self, path: FieldPath) -> Provenance:
        return Provenance("default") if path in self.defaults else DECLARED

    def excerpt(self, location: Location) -> SourceLine | None:  # noqa: ARG002 - findings are told by the resource itself
        return None
