"""Parameters: what fits a type, and how values take the place of ``!param``."""

from __future__ import annotations

from typing import Any

import pytest

from policyengine.documents.scalars import resolve
from policyengine.model.types import BOOLEAN, INTEGER, NUMBER, STRING, STRINGS, Type, list_of
from policyengine.policy.parameters import (
    Misfit,
    Param,
    TypedList,
    fits,
    misfit,
    parameter,
    specimen,
    spoken_type,
    substituted,
)

FITTING: list[tuple[Type, list[Any], list[Any]]] = [
    (BOOLEAN, [True, False], [0, 1, "true", resolve("yes"), None, []]),
    (INTEGER, [0, -1, 10**30, resolve("0x10")], [True, 1.0, "1", None]),
    (NUMBER, [0, 1.5, resolve("1.10"), float("inf")], [True, "1.5", None]),
    (STRING, ["", "a", resolve("no")], [1, True, None, ["a"]]),
    (STRINGS, [[], ["a"]], ["a", [1], ["a", None], {"a": "b"}, None]),
    (list_of(INTEGER), [[], [1]], [[True], ["1"], [1.5]]),
]


@pytest.mark.parametrize(
    ("type_", "value", "wanted"),
    [
        (type_, value, wanted)
        for type_, good, bad in FITTING
        for wanted, values in ((True, good), (False, bad))
        for value in values
    ],
)
def test_fits(type_: Type, value: object, wanted: bool) -> None:
    assert fits(value, type_) is wanted


def test_declaration() -> None:
    assert parameter("a", {"type": "list", "default": [], "help": "h"}).type == STRINGS
    assert parameter("a", {"type": "list", "items": "integer", "default": [], "help": "h"}).type == list_of(INTEGER)
    assert parameter("a", {"type": "number", "default": 1, "help": "h"}).type == NUMBER


@pytest.mark.parametrize(
    ("declared", "value", "wrong"),
    [
        ({"type": "string", "allowed": ["effective", "explicit"]}, "explicit", None),
        (
            {"type": "string", "allowed": ["effective", "explicit"]},
            "explcit",
            Misfit('may not be "explcit"', 'did you mean "explicit"?'),
        ),
        ({"type": "string", "allowed": ["on", "off"]}, True, Misfit("should be a string")),
        ({"type": "string"}, "anything", None),
        ({"type": "integer", "allowed": [1, 2]}, 3, Misfit('may not be "3"', "one of 1, 2")),
        ({"type": "list", "allowed": ["a", "b"]}, [], None),
        ({"type": "list", "allowed": ["a", "b"]}, ["b", "a"], None),
        ({"type": "list", "allowed": ["a", "b"]}, ["b", "z"], Misfit('may not be "z"', "one of a, b")),
        ({"type": "list", "items": "boolean", "allowed": [True]}, [False], Misfit('may not be "false"', "one of true")),
    ],
)
def test_only_what_is_allowed_fits(declared: dict[str, Any], value: object, wrong: Misfit | None) -> None:
    assert misfit(value, parameter("p", {"default": None, "help": "h", **declared})) == wrong


def test_the_default_stands_for_a_parameter_with_its_type() -> None:
    found = specimen(parameter("a", {"type": "list", "items": "integer", "default": [], "help": "h"}))
    assert isinstance(found, TypedList)
    assert (found, found.items) == ([], INTEGER)
    assert specimen(parameter("a", {"type": "integer", "default": 5, "help": "h"})) == 5


def test_substitution_reaches_everywhere_and_changes_nothing_else() -> None:
    data = {"a": Param("x"), "b": [Param("y"), {"c": Param("x")}], "d": "x", "x": 1}
    assert substituted(data, {"x": [1], "y": "!param x"}) == {"a": [1], "b": ["!param x", {"c": [1]}], "d": "x", "x": 1}
    assert data["a"] == Param("x")


def test_types_are_spoken_with_their_article() -> None:
    assert [spoken_type(type_) for type_ in (BOOLEAN, INTEGER, STRINGS)] == [
        "a boolean",
        "an integer",
        "a list of string",
    ]
