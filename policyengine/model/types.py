"""The types a model field can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field
from msgspec.structs import force_setattr

if TYPE_CHECKING:
    from collections.abc import Mapping

Name = Literal["boolean", "integer", "number", "string", "list", "map", "object"]


class Type(Struct, frozen=True):
    """The type of a field's value.

    ``items`` is the type of a list's items or of a map's values (a map's keys are strings); ``fields`` are an
    object's fields. ``nullable`` values may be None, which the field's meaning explains. ``values`` are all values
    that a string of a closed vocabulary can have, none for another string: a policy that names another is wrong.
    """

    name: Name
    items: Type | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)
    nullable: bool = False
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.name == "list" and self.items:
            text = f"list of {self.items}"
        elif self.name == "map" and self.items:
            text = f"map of {self.items}"
        else:
            text = self.name
        return f"{text} or null" if self.nullable else text


class Field(Struct, frozen=True):
    """One field of a kind or of an object: its type and its meaning in the words of the field's standard.

    A ``sensitive`` field's values (all values below it) are masked wherever they would be shown.
    """

    type: Type
    meaning: str
    sensitive: bool = False


class Kind(Struct, frozen=True):
    """A kind of resource: what policies name as their target. ``type`` is its facts as an object type."""

    name: str
    meaning: str
    fields: Mapping[str, Field]
    type: Type = Type("object")

    def __post_init__(self) -> None:
        force_setattr(self, "type", Type("object", fields=self.fields))


BOOLEAN = Type("boolean")
INTEGER = Type("integer")
NUMBER = Type("number")
STRING = Type("string")
STRINGS = Type("list", items=STRING)
LABELS = Type("map", items=STRING)


def one_of(*values: str) -> Type:
    """A string of a closed vocabulary."""
    return Type("string", values=values)


def list_of(items: Type) -> Type:
    """A list with items of one type."""
    return Type("list", items=items)


def map_of(values: Type) -> Type:
    """A map from strings to values of one type."""
    return Type("map", items=values)


def object_of(**fields: Field) -> Type:
    """An object with the given fields."""
    return Type("object", fields=fields)
