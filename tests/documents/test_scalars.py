"""Plain scalars and what they mean, and the text that they keep for fields that are strings."""

from __future__ import annotations

import math

import pytest

from policyengine.documents.scalars import LegacyBoolean, resolve, scalar_text

VALUES = [
    ("", None),
    ("~", None),
    ("null", None),
    ("NULL", None),
    ("nUll", "nUll"),
    ("true", True),
    ("FALSE", False),
    ("tRue", "tRue"),
    ("0", 0),
    ("-12", -12),
    ("+12", 12),
    ("0x1F", 31),
    ("0o17", 15),
    ("017", 15),
    ("08", 8),
    ("0b1", "0b1"),
    ("1_000", "1_000"),
    ("22222:22", "22222:22"),
    ("1:30", "1:30"),
    ("2024-01-31", "2024-01-31"),
    ("1.5", 1.5),
    (".5", 0.5),
    ("5.", 5.0),
    ("1e3", 1000.0),
    ("1.2.3", "1.2.3"),
    ("-.inf", -math.inf),
    ("+.INF", math.inf),
    (".", "."),
    ("-", "-"),
    ("nginx", "nginx"),
    ("no-cache", "no-cache"),
    ("9" * 1001, "9" * 1001),
    ("0x" + "f" * 1001, "0x" + "f" * 1001),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_values(text: str, value: object) -> None:
    assert resolve(text) == value
    assert isinstance(resolve(text), bool) is isinstance(value, bool)
    assert isinstance(resolve(text), float) is isinstance(value, float)


def test_not_a_number() -> None:
    value = resolve(".NaN")
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize("text", ["yes", "No", "ON", "off", "y", "N"])
def test_booleans_of_yaml_1_1_are_text_that_knows_its_boolean(text: str) -> None:
    value = resolve(text)
    assert value == text
    assert isinstance(value, LegacyBoolean)
    assert value.value is (text.lower() in ("yes", "on", "y"))
    assert type(scalar_text(value)) is str


@pytest.mark.parametrize(
    "text", ["017", "0x10", "+1", "-0", "1.10", "1e3", ".5", "1e999", ".nan", "-.INF", "12", "-1.5", "00", "9" * 1000]
)
def test_numbers_keep_their_text(text: str) -> None:
    assert not isinstance(resolve(text), str)
    assert scalar_text(resolve(text)) == text


def test_the_longest_number_can_be_written() -> None:
    assert repr(resolve("0x" + "f" * 998))


def test_text_of_other_values() -> None:
    values: list[object] = [True, False, "a", None, [], {}]
    assert [scalar_text(value) for value in values] == ["true", "false", "a", None, None, None]
