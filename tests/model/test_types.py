from __future__ import annotations

import pytest

from policyengine.model.kinds import kinds
from policyengine.model.types import (
    BOOLEAN,
    INTEGER,
    LABELS,
    NUMBER,
    STRING,
    STRINGS,
    Field,
    Kind,
    Type,
    list_of,
    map_of,
    object_of,
    one_of,
)


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (BOOLEAN, "boolean"),
        (INTEGER, "integer"),
        (NUMBER, "number"),
        (STRING, "string"),
        (STRINGS, "list of string"),
        (LABELS, "map of string"),
        (Type("string", nullable=True), "string or null"),
        (map_of(Type("string", nullable=True)), "map of string or null"),
        (list_of(list_of(INTEGER)), "list of list of integer"),
        (object_of(a=Field(STRING, "a")), "object"),
        (list_of(object_of(a=Field(STRING, "a"))), "list of object"),
        (Type("list"), "list"),
        (one_of("a", "b"), "string"),
    ],
)
def test_types_in_words(type_: Type, text: str) -> None:
    assert str(type_) == text


def test_types_are_equal_by_what_they_are() -> None:
    assert list_of(STRING) == STRINGS
    assert map_of(STRING) == LABELS
    assert object_of(a=Field(STRING, "a")) != object_of(a=Field(INTEGER, "a"))


def test_the_type_of_a_kind_is_an_object_of_its_fields() -> None:
    fields = {"a": Field(STRING, "a"), "b": Field(list_of(INTEGER), "b", sensitive=True)}
    assert Kind("thing", "A thing", fields).type == Type("object", fields=fields)


def _problems(type_: Type, at: str) -> list[str]:
    """What is wrong with a type: lists and maps need a type for their items, fields need a meaning."""
    if type_.name in ("list", "map"):
        return _problems(type_.items, f"{at}[]") if type_.items else [f"{at}: items without a type"]
    found = [f"{at}: no fields"] if type_.name == "object" and not type_.fields else []
    for name, field in type_.fields.items():
        found += [] if field.meaning.strip() else [f"{at}.{name}: no meaning"]
        found += _problems(field.type, f"{at}.{name}")
    return found


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_kind_is_whole(name: str) -> None:
    kind = kinds()[name]
    assert kind.name == name
    assert kind.meaning
    assert _problems(kind.type, name) == []
