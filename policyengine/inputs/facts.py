"""Collecting one resource's facts together with where each was written and how it came about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.scalars import LegacyBoolean, scalar_text
from policyengine.model.paths import render
from policyengine.model.provenance import ABSENT, DECLARED, Provenance
from policyengine.model.resource import Resource
from policyengine.model.unknown import OpenList, OpenMap, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.documents.document import DocPath, Document
    from policyengine.inputs.context import Context
    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.resource import Owner
    from policyengine.model.scope import Scope
    from policyengine.model.source_line import SourceLine
    from policyengine.model.types import Kind, Type


class DocumentOrigins:
    """Where the facts of a resource that was read from a document come from.

    A field's place in the document is that of its longest recorded prefix, followed by the rest of its path: a
    list's items and an object's fields that the document spells as the model does need no record of their own.
    """

    __slots__ = ("_at", "_document", "_facts", "_how", "_places")

    def __init__(
        self,
        document: Document,
        at: DocPath,
        places: Mapping[FieldPath, DocPath],
        how: Mapping[FieldPath, Provenance],
        facts: Mapping[str, object],
    ) -> None:
        self._document = document
        self._at = at
        self._places = places
        self._how = how
        self._facts = facts

    def where(self, path: FieldPath) -> Location:
        """The span of the field's value; of the nearest thing around it when the field is not written."""
        return self._document.locate(self._place(path))

    def written(self, path: FieldPath) -> tuple[str, DocPath]:
        """The file that the field is, or would be, written in, and its place there."""
        return self._document.written_in(self._place(path))

    def _place(self, path: FieldPath) -> DocPath:
        for length in range(len(path), 0, -1):
            place = self._places.get(path[:length])
            if place is not None:
                return place + path[length:]
        return self._at + path

    def provenance(self, path: FieldPath) -> Provenance:
        """How the field came by its value."""
        value: object = self._facts
        for step in path:
            value = _step(value, step)
        if isinstance(value, Unknown):
            return Provenance("unknown", value.settle)
        recorded = (self._how[path[:length]] for length in range(len(path), 0, -1) if path[:length] in self._how)
        return ABSENT if value is None else next(recorded, DECLARED)

    def excerpt(self, location: Location) -> SourceLine | None:
        """The line where a location starts with every sensitive value masked."""
        return self._document.excerpt_at(location)


def _step(value: object, step: str | int) -> object:
    if isinstance(value, OpenMap) and step not in value:
        return value.unknown
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return value if isinstance(value, Unknown) else None


_EXACT = {"string": str, "boolean": bool, "integer": int, "number": float}
"""The class of a value that has its type already."""


class Facts:
    """Collects one resource's facts.

    ``at`` is the resource's own place in the document. Values are brought to the model's types: a value that
    cannot be is reported as a problem where it stands, and the field becomes unknown. None means no value.
    """

    def __init__(self, kind: Kind, document: Document, at: DocPath, context: Context) -> None:
        self._kind = kind
        self._document = document
        self._at = at
        self._context = context
        self._facts: dict[str, object] = {}
        self._places: dict[FieldPath, DocPath] = {}
        self._how: dict[FieldPath, Provenance] = {}

    def put(self, field: str, value: object, at: DocPath | None = None, how: Provenance | None = None) -> None:
        """Give a field its value; ``at`` is where it is, or would be, written; ``how`` when it is not declared.

        A field without a value is not put, but ``at`` is remembered for findings that it is missing.
        """
        if at is not None:
            self.place((field,), at)
        if value is None:
            return
        type_ = self._kind.fields[field].type
        exact = value.__class__ is _EXACT.get(type_.name)  # most values are: no need to look closer
        self._facts[field] = value if exact else self._typed(value, type_, (field,))
        if how is not None:
            self._how[(field,)] = how

    def place(self, path: FieldPath, at: DocPath, *, hide: bool = True) -> None:
        """Remember where a field, or a value inside one, is written.

        A sensitive field is hidden in excerpts, all below its place, unless ``hide`` is false: then the reader
        hides what is sensitive there itself.
        """
        self._places[path] = at
        if hide and self._kind.fields[str(path[0])].sensitive:
            self._document.hide(at)

    def how(self, path: FieldPath, how: Provenance) -> None:
        """Remember how a value inside a field came about, where it is not as its field did."""
        self._how[path] = how

    def leave_open(self, field: str, unknown: Unknown, *, null: bool = False) -> None:
        """Say of a list or a map that there may be more; ``null``: whose values come from elsewhere.

        A field without a value becomes a list or map of which nothing is known; any other is left as it is.
        """
        type_, value = self._kind.fields[field].type.name, self._facts.get(field)
        if type_ == "list" and isinstance(value, list | None):
            self._facts[field] = OpenList(value or (), unknown)
        elif type_ == "map" and isinstance(value, dict | None):
            self._facts[field] = OpenMap(value or {}, unknown, null=null)

    def leave_out(self, unknown: Unknown, fields: Iterable[str]) -> None:
        """Say of fields that what is not written here may be written elsewhere.

        Those without a value, and defaults, become unknown; lists and maps may hold more.
        """
        for name in fields:
            self._facts[name] = self._left_out(self._facts.get(name), self._kind.fields[name].type, (name,), unknown)

    def _left_out(self, value: object, type_: Type, path: FieldPath, unknown: Unknown) -> object:
        how = self._how.get(path)
        if value is None or (how is not None and how.how == "default"):
            return unknown
        if type_.name == "list" and isinstance(value, list) and type_.items:
            items = [self._left_out(item, type_.items, (*path, index), unknown) for index, item in enumerate(value)]
            return OpenList(items, unknown)
        if type_.name == "map" and isinstance(value, dict):
            return OpenMap(value, unknown, null=type_.items is not None and type_.items.nullable)
        if type_.name == "object" and isinstance(value, dict):
            below = type_.fields.items()
            return {key: self._left_out(value.get(key), of.type, (*path, key), unknown) for key, of in below}
        return value

    def __getitem__(self, field: str) -> object:
        return self._facts.get(field)

    def resource(
        self,
        name: str,
        scope: Scope,
        origin: str,
        parent: str | None = None,
        shared: Mapping[str, Owner] | None = None,
    ) -> Resource:
        """The finished resource."""
        origins = DocumentOrigins(self._document, self._at, self._places, self._how, self._facts)
        return Resource(self._kind.name, name, origin, scope, self._facts, origins, parent, shared or {})

    def _typed(self, value: object, type_: Type, path: FieldPath) -> object:
        """``value`` as the model's type has it; Unknown, and a problem, when it has another."""
        if value.__class__ is _EXACT.get(type_.name) or isinstance(value, Unknown):
            return value
        if value is None and type_.nullable:
            return None
        if type_.name == "list" and isinstance(value, list) and type_.items:
            return [self._typed(item, type_.items, (*path, index)) for index, item in enumerate(value)]
        if type_.name == "map" and isinstance(value, dict) and type_.items:
            return {str(key): self._typed(item, type_.items, (*path, key)) for key, item in value.items()}
        if type_.name == "object" and isinstance(value, dict):
            return self._object(value, type_, path)
        typed = scalar(value, type_)
        return self._mistyped(value, type_, path) if typed is None else typed

    def _object(self, value: dict[str, object], type_: Type, path: FieldPath) -> object:
        if not value.keys() <= type_.fields.keys():  # the input's own mapping, where its reader found no list of them
            return self._mistyped(value, type_, path)
        return {
            name: self._typed(item, type_.fields[name].type, (*path, name))
            for name, item in value.items()
            if item is not None
        }

    def _mistyped(self, value: object, type_: Type, path: FieldPath) -> Unknown:
        origins = DocumentOrigins(self._document, self._at, self._places, self._how, self._facts)
        self._context.problem(mistyped(render(path, self._kind.type), type_, value), origins.where(path))
        return Unknown(_fact(path, self._kind.type), f"it is not {spoken_type(type_)}")


def scalar(value: object, type_: Type) -> object | None:
    """A scalar as the type has it, None when it is of another type.

    A plain ``yes`` or ``no`` is a boolean where one is expected; a number keeps its text where a string is.
    """
    name = type_.name
    if name == "string":
        return scalar_text(value)
    if name == "boolean":
        return value.value if isinstance(value, LegacyBoolean) else value if isinstance(value, bool) else None
    if isinstance(value, bool):
        return None
    if name == "integer":
        return value if isinstance(value, int) else None
    if name == "number":
        return value if isinstance(value, int | float) else None
    return None


_SPOKEN = {
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "string": "a string",
    "list": "a sequence",
    "map": "a mapping",
    "object": "a mapping",
}


def spoken_type(type_: Type) -> str:
    """A type with its article, in the words of YAML: ``an integer``, ``a mapping``."""
    return _SPOKEN[type_.name]


def mistyped(name: str, type_: Type, value: object) -> str:
    """What to tell of a value that is not of its type: the two types; never the value, which may be a secret."""
    wanted, found = spoken_type(type_), spoken(value)
    return f"{name} should be {wanted}, not {found}" if wanted != found else f"{name} should be another mapping"


def spoken(value: object) -> str:
    """A value's type in the words of YAML."""
    if value is None:
        return "null"
    for type_, name in ((bool, "a boolean"), (str, "a string"), (int, "an integer"), (float, "a number")):
        if isinstance(value, type_):
            return name
    return "a mapping" if isinstance(value, dict) else "a sequence"


def _fact(path: FieldPath, type_: Type) -> str:
    """A path without indexes and a map's keys: the same for all resources that miss the same kind of thing."""
    fact = ""
    at: Type | None = type_
    for step in path:
        if at is None or at.name != "object" or not isinstance(step, str):
            at = at.items if at else None
            continue
        fact += f".{step}" if fact else step
        at = at.fields[step].type
    return fact
