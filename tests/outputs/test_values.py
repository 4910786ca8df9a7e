from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyengine.documents.scalars import LegacyBoolean
from policyengine.model.unknown import Unknown
from policyengine.outputs.values import plain, shown


class Secretive:
    def __repr__(self) -> str:
        return "hunter2"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (1.5, 1.5),
        (float("nan"), ".nan"),
        (float("inf"), ".inf"),
        (float("-inf"), "-.inf"),
        (2**256, hex(2**256)),
        (-(2**300), hex(-(2**300))),
        ("text", "text"),
        (LegacyBoolean("yes"), "yes"),
        ("\ud800x", "\ufffdx"),
        (b"\xff", "/w=="),
        (Unknown("image.user", "because"), None),
        ([1, (2, {3})], [1, [2, [3]]]),
        (frozenset("ba"), ["a", "b"]),
        ({"b": 1, "a": {True: [None]}}, {"b": 1, "a": {"true": [None]}}),
        (Secretive(), "<Secretive>"),
        ([Secretive], ["<type>"]),
    ],
)
def test_plain(value: object, expected: object) -> None:
    assert plain(value) == expected
    assert type(plain(value)) is type(expected) or isinstance(value, str)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda items: st.lists(items) | st.tuples(items) | st.dictionaries(st.text() | st.integers(), items),
)


@given(ANY)
def test_plain_values_are_json(value: object) -> None:
    text = json.dumps(plain(value), allow_nan=False)
    assert json.loads(text) == plain(value)


def test_shown_is_cut() -> None:
    assert shown({"é": ["漢"]}, 20) == '{"é": ["漢"]}'
    assert shown("0123456789", 8) == '"012345…'
