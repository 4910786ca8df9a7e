from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyengine.model.kinds import kind
from policyengine.model.masking import MASK, masked
from policyengine.model.types import BOOLEAN, INTEGER, STRING, STRINGS, Field, Type, list_of, map_of, object_of
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.model.paths import FieldPath

UNKNOWN = Unknown("image.user", "a secret reason")
CONTAINER = kind("container").type
LOGIN = object_of(
    user=Field(STRING, "user"),
    password=Field(STRING, "password", sensitive=True),
    old=Field(list_of(object_of(at=Field(INTEGER, "when"), text=Field(STRING, "what"))), "old ones", sensitive=True),
    note=Field(map_of(STRINGS), "notes"),
)


@pytest.mark.parametrize(
    ("value", "path", "shown"),
    [
        (True, ("privileged",), True),
        (None, ("privileged",), None),
        (UNKNOWN, ("user",), None),
        (["a", UNKNOWN], ("command",), ["a", None]),
        ({"A": "hunter2", "B": None, "C": ""}, ("environment",), {"A": MASK, "B": None, "C": MASK}),
        ({"A": UNKNOWN}, ("environment",), {"A": None}),
        ("hunter2", ("environment", "A"), MASK),
        (None, ("environment", "A"), None),
        (UNKNOWN, ("environment", "A"), None),
        ({"A": "b"}, ("labels",), {"A": "b"}),
        (
            {"name": "web", "environment": {"A": "hunter2"}, "ports": [{"target": 80}]},
            (),
            {"name": "web", "environment": {"A": MASK}, "ports": [{"target": 80}]},
        ),
        (80, ("ports", 0, "target"), 80),
        ("x", ("nowhere", "below"), "x"),
    ],
)
def test_a_container(value: object, path: FieldPath, shown: object) -> None:
    assert masked(value, path, CONTAINER) == shown


@pytest.mark.parametrize(
    ("value", "path", "shown"),
    [
        ({"user": "a", "password": "hunter2"}, (7,), {"user": "a", "password": MASK}),
        ([{"user": "a", "password": 5}], (), [{"user": "a", "password": MASK}]),
        ({"old": [{"at": 5, "text": "hunter2"}]}, (0,), {"old": [{"at": MASK, "text": MASK}]}),
        ([{"at": 5}], (0, "old"), [{"at": MASK}]),
        ("hunter2", (0, "old", 3, "text"), MASK),
        ("hunter2", (0, "old", 3, "nowhere", 1), MASK),
        (False, (0, "password"), MASK),
        ({"a": ["b"]}, (0, "note"), {"a": ["b"]}),
        (("a", "b"), (0, "note", "a"), ["a", "b"]),
    ],
)
def test_sensitive_values_below_objects_and_lists(value: object, path: FieldPath, shown: object) -> None:
    assert masked(value, path, list_of(LOGIN)) == shown


def test_containers_are_copied() -> None:
    value = {"environment": {"A": "hunter2"}}
    masked(value, (), CONTAINER)
    assert value == {"environment": {"A": "hunter2"}}


def _values(type_: Type, sensitive: bool) -> st.SearchStrategy[object]:
    """Values of a type; every text that is or is below a sensitive field says so."""
    if type_.name == "object":
        fields = {name: _values(field.type, sensitive or field.sensitive) for name, field in type_.fields.items()}
        return st.fixed_dictionaries({}, optional=fields).map(dict)
    if type_.items and type_.name == "list":
        return st.lists(_values(type_.items, sensitive), max_size=2).map(list)
    if type_.items:
        return st.dictionaries(st.sampled_from("ab"), _values(type_.items, sensitive), max_size=2).map(dict)
    secret: st.SearchStrategy[object] = st.sampled_from(["hunter2", "hunter2" * 2])
    return secret if sensitive else st.one_of(st.just("shown"), st.just(UNKNOWN))


_DEEP = list_of(
    object_of(
        a=Field(map_of(LOGIN), "a"), b=Field(list_of(LOGIN), "b", sensitive=True), c=Field(BOOLEAN, "c", sensitive=True)
    )
)


@settings(deadline=None)
@given(_values(_DEEP, sensitive=False))
def test_no_sensitive_value_survives_and_nothing_else_is_lost(value: object) -> None:
    shown = str(masked(value, (), _DEEP))
    assert "hunter2" not in shown
    assert "secret reason" not in shown
    assert shown.count("'shown'") == str(value).count("'shown'")
