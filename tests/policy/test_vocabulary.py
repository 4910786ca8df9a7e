"""The constraint vocabulary: constraints and a value to a verdict, unknown values by Kleene's logic."""

from __future__ import annotations

from typing import Any

import pytest

from policyengine.errors import EvaluationError, ValueTypeError
from policyengine.model.types import (
    BOOLEAN,
    INTEGER,
    LABELS,
    NUMBER,
    STRING,
    STRINGS,
    Field,
    Type,
    list_of,
    map_of,
    object_of,
)
from policyengine.model.unknown import Unknown
from policyengine.policy.compile import compile_schema
from policyengine.policy.verdict import FAIL, NAMES, PASS, UNKNOWN

HOLE = Unknown("hole", "it is left open")
OTHER = Unknown("other", "it is left open too")
ABSENT: Any = object()
OBJECTS = list_of(object_of(a=Field(STRING, ""), b=Field(INTEGER, "")))
NULLABLE = map_of(Type("string", nullable=True))

VALUES: list[tuple[Type, dict[str, Any], list[Any], list[Any], list[Any]]] = [
    # type, constraints, values that pass, that fail, that are unknown
    (BOOLEAN, {"allowed": [False]}, [False, ABSENT], [True, None], [HOLE]),
    (BOOLEAN, {"required": True}, [False, True], [ABSENT, None], [HOLE]),
    (BOOLEAN, {"required": True, "nullable": True}, [None], [ABSENT], [HOLE]),
    (STRING, {"allowed": ["a", "b"]}, ["a"], ["c", "", "A"], [HOLE]),
    (STRING, {"forbidden": ["a"]}, ["b", "A"], ["a"], [HOLE]),
    (STRING, {"regex": "a|b"}, ["a", "b"], ["ab", "", "a\n", "xa"], [HOLE]),
    (STRING, {"regex": "(?i)a.c"}, ["AbC"], ["a\nc"], []),
    (STRING, {"regex": ""}, [""], ["a"], []),
    (STRING, {"regex": r"\S+é"}, ["é\u00e9"], [" é"], []),
    (STRING, {"empty": False}, ["a"], [""], [HOLE]),
    (STRING, {"empty": False, "regex": "b"}, ["b"], ["", "a"], [HOLE]),
    (STRING, {"empty": True, "regex": "b"}, ["", "b"], ["a"], [HOLE]),
    (STRING, {"minlength": 2, "maxlength": 3}, ["éé", "abc"], ["a", "abcd"], [HOLE]),
    (STRING, {"nullable": True, "regex": "a"}, [None, "a"], ["b"], [HOLE]),
    (INTEGER, {"min": 1, "max": 3}, [1, 3], [0, 4, 10**30], [HOLE]),
    (INTEGER, {"allowed": [1]}, [1], [0], [HOLE]),
    (NUMBER, {"min": 0.5}, [0.5, 1, float("inf")], [0.4, -1, float("nan")], [HOLE]),
    (STRINGS, {"allowed": ["a", "b"]}, [["a", "b"], []], [["a", "c"], ["c", HOLE]], [["a", HOLE], HOLE]),
    (STRINGS, {"forbidden": ["a"]}, [["b"], []], [["a"], [HOLE, "a"]], [["b", HOLE], HOLE]),
    (STRINGS, {"contains": "a"}, [["a"], ["b", "a", HOLE]], [[], ["b"]], [["b", HOLE], HOLE]),
    (STRINGS, {"contains": ["a", "b"]}, [["b", "a"]], [["a"], [HOLE]], [["a", HOLE], [HOLE, OTHER]]),
    (STRINGS, {"minlength": 1}, [["a"], [HOLE]], [[]], [HOLE]),
    (STRINGS, {"maxlength": 1}, [[], [HOLE]], [["a", HOLE]], [HOLE]),
    (STRINGS, {"schema": {"regex": "a"}}, [[], ["a"]], [["a", "b"], ["b", HOLE], [None]], [["a", HOLE], HOLE]),
    (STRINGS, {"items": [{"regex": "a"}, {"regex": "b"}]}, [["a", "b"]], [[], ["a"], ["b", HOLE]], [["a", HOLE]]),
    (STRINGS, {"matches_any": ["a*", "b"]}, [["ab", "b"], []], [["c"], ["c", HOLE], [None]], [["a", HOLE]]),
    (LABELS, {"contains": "a"}, [{"a": "x"}, {"a": HOLE}], [{}, {"b": "x"}], [HOLE]),
    (LABELS, {"valuesrules": {"regex": "a"}}, [{}, {"x": "a"}], [{"x": "b", "y": HOLE}], [{"x": "a", "y": HOLE}]),
    (LABELS, {"keysrules": {"regex": "a"}}, [{}, {"a": HOLE}], [{"b": "a"}], [HOLE]),
    (LABELS, {"schema": {"a": {"required": True}}}, [{"a": "x"}], [{}, {"b": "x"}, {"a": None}], [{"a": HOLE}]),
    (NULLABLE, {"valuesrules": {"nullable": True, "regex": "a"}}, [{"x": None}], [{"x": "b"}], [{"x": HOLE}]),
    (NULLABLE, {"valuesrules": {"regex": "a"}}, [{}], [{"x": None}], [{"x": HOLE}]),
    (
        NULLABLE,
        {"valuesrules": {"nullable": True, "check_with": "no_literal_secret"}},
        [{"PASSWORD": None, "USER": "x"}],
        [{"PASSWORD": "x", "TOKEN": HOLE}],
        [{"USER": HOLE}],
    ),
    (
        OBJECTS,
        {"schema": {"schema": {"a": {"required": True}}}},
        [[], [{"a": "x"}]],
        [[{"b": 1}], [{}]],
        [[{"a": HOLE}], [HOLE]],
    ),
    (
        OBJECTS,
        {"schema": {"schema": {"b": {"min": 1}}}},
        [[{"a": "x"}], [{"b": 1}]],
        [[{"b": 0}, HOLE]],
        [[{"b": 1}, HOLE]],
    ),
    (STRING, {"anyof": [{"regex": "a"}, {"regex": "b"}]}, ["a", "b"], ["c"], [HOLE]),
    (STRING, {"allof": [{"regex": "a.*"}, {"regex": ".*b"}]}, ["ab"], ["a", "b"], [HOLE]),
    (STRING, {"noneof": [{"regex": "a"}, {"regex": "b"}]}, ["c"], ["a", "b"], [HOLE]),
    (STRING, {"oneof": [{"regex": "a.*"}, {"regex": ".*b"}]}, ["a", "b"], ["ab", "c"], [HOLE]),
    (STRINGS, {"anyof": [{"contains": "a"}, {"minlength": 1}]}, [[HOLE]], [[]], [HOLE]),
    (STRINGS, {"noneof": [{"contains": "a"}, {"minlength": 2}]}, [["b"], []], [["a"], [HOLE, "b"]], [[HOLE]]),
    (
        STRINGS,
        {"oneof": [{"contains": "a"}, {"contains": "b"}]},
        [["a"]],
        [["a", "b", HOLE], []],
        [["a", HOLE], [HOLE]],
    ),
    (
        STRINGS,
        {"oneof": [{"contains": "a"}, {"contains": "b"}, {"contains": "c"}]},
        [["c"]],
        [["a", "b", HOLE]],
        [["a", HOLE]],
    ),
    (STRINGS, {"allof": [{"contains": "a"}, {"minlength": 2}]}, [["a", HOLE]], [[HOLE]], [[HOLE, "b"]]),
]
TABLE = [
    (type_, rules, value, verdict)
    for type_, rules, *lists in VALUES
    for verdict, values in zip((PASS, FAIL, UNKNOWN), lists, strict=True)
    for value in values
]


@pytest.mark.parametrize(("type_", "rules", "value", "verdict"), TABLE)
def test_verdict(type_: Type, rules: dict[str, Any], value: object, verdict: int) -> None:
    facts = {} if value is ABSENT else {"x": value}
    compiled = compile_schema({"x": rules}, object_of(x=Field(type_, "")))
    assert NAMES[compiled.verdict(facts, None)] == NAMES[verdict]
    kinds = {failure.verdict for failure in compiled.failures(facts, None, ())}
    assert verdict == PASS or verdict in kinds


PAIR = object_of(x=Field(STRING, ""), y=Field(STRING, ""), o=Field(object_of(z=Field(STRING, "")), ""))
SIBLINGS: list[tuple[dict[str, Any], dict[str, Any], int]] = [
    ({"dependencies": "y"}, {"x": "a", "y": "b"}, PASS),
    ({"dependencies": "y"}, {"x": "a"}, FAIL),
    ({"dependencies": "y"}, {"y": "b"}, PASS),
    ({"dependencies": "y"}, {"x": "a", "y": HOLE}, UNKNOWN),
    ({"dependencies": ["y", "o.z"]}, {"x": "a", "y": HOLE, "o": {}}, FAIL),
    ({"dependencies": ["y", "o.z"]}, {"x": "a", "y": "b", "o": HOLE}, UNKNOWN),
    ({"dependencies": ["y", "o.z"]}, {"x": "a", "y": "b", "o": {"z": "c"}}, PASS),
    ({"dependencies": {"y": ["b", "c"]}}, {"x": "a", "y": "c"}, PASS),
    ({"dependencies": {"y": ["b", "c"]}}, {"x": "a", "y": "d"}, FAIL),
    ({"dependencies": {"y": "b"}}, {"x": "a"}, FAIL),
    ({"dependencies": {"y": "b"}}, {"x": "a", "y": HOLE}, UNKNOWN),
    ({"excludes": "y"}, {"x": "a"}, PASS),
    ({"excludes": "y"}, {"x": "a", "y": "b"}, FAIL),
    ({"excludes": "y"}, {"x": "a", "y": HOLE}, UNKNOWN),
    ({"excludes": "y"}, {"x": HOLE, "y": "b"}, UNKNOWN),
    ({"excludes": ["y", "o"]}, {"x": "a", "y": HOLE, "o": {}}, FAIL),
]


@pytest.mark.parametrize(("rules", "facts", "verdict"), SIBLINGS)
def test_rules_about_other_fields(rules: dict[str, Any], facts: dict[str, Any], verdict: int) -> None:
    assert NAMES[compile_schema({"x": rules}, PAIR).verdict(facts, None)] == NAMES[verdict]


FAILURES: list[tuple[Type, dict[str, Any], Any, list[tuple[tuple[str | int, ...], int, str, Any]]]] = [
    (STRING, {"required": True}, ABSENT, [(("x",), FAIL, "required", None)]),
    (STRING, {"regex": "a"}, None, [(("x",), FAIL, "nullable", None)]),
    (STRING, {"regex": "a", "maxlength": 1}, "bc", [(("x",), FAIL, "regex", "bc"), (("x",), FAIL, "maxlength", "bc")]),
    (STRING, {"regex": "a"}, HOLE, [(("x",), UNKNOWN, "regex", HOLE)]),
    (
        STRINGS,
        {"forbidden": ["a"]},
        ["b", "a", HOLE],
        [(("x", 1), FAIL, "forbidden", "a"), (("x", 2), UNKNOWN, "forbidden", HOLE)],
    ),
    (
        STRINGS,
        {"allowed": ["a"]},
        ["b", "a", "c"],
        [(("x", 0), FAIL, "allowed", "b"), (("x", 2), FAIL, "allowed", "c")],
    ),
    (STRINGS, {"matches_any": ["a*"]}, ["b", "a"], [(("x", 0), FAIL, "matches_any", "b")]),
    (STRINGS, {"contains": "a"}, ["b"], [(("x",), FAIL, "contains", ["b"])]),
    (STRINGS, {"items": [{"regex": "a"}]}, ["b"], [(("x", 0), FAIL, "regex", "b")]),
    (STRINGS, {"items": [{"regex": "a"}]}, [], [(("x",), FAIL, "items", [])]),
    (STRINGS, {"anyof": [{"contains": "a"}]}, ["b"], [(("x",), FAIL, "anyof", ["b"])]),
    (STRINGS, {"allof": [{"schema": {"regex": "a"}}]}, ["b"], [(("x", 0), FAIL, "regex", "b")]),
    (LABELS, {"keysrules": {"regex": "a"}}, {"a": "1", "b": "2"}, [(("x", "b"), FAIL, "keysrules", "b")]),
    (LABELS, {"valuesrules": {"regex": "a"}}, {"k": "b", "l": "a"}, [(("x", "k"), FAIL, "regex", "b")]),
    (
        OBJECTS,
        {"schema": {"schema": {"a": {"required": True}}}},
        [{"a": "1"}, {}],
        [(("x", 1, "a"), FAIL, "required", None)],
    ),
]


@pytest.mark.parametrize(("type_", "rules", "value", "failures"), FAILURES)
def test_failures_name_the_values(type_: Type, rules: dict[str, Any], value: Any, failures: list[Any]) -> None:
    facts = {} if value is ABSENT else {"x": value}
    found = compile_schema({"x": rules}, object_of(x=Field(type_, ""))).failures(facts, None, ())
    assert [(one.path, one.verdict, one.rule, one.value) for one in found] == failures


def test_a_rule_about_another_field_names_what_is_unknown_there() -> None:
    compiled = compile_schema({"x": {"dependencies": ["y", "o.z"]}}, PAIR)
    found = list(compiled.failures({"x": "a", "y": "b", "o": {"z": HOLE}}, None, ()))
    assert [(one.path, one.verdict, one.value) for one in found] == [(("x",), UNKNOWN, HOLE)]


MISTYPED = [
    (BOOLEAN, {"allowed": [False]}, 0),
    (BOOLEAN, {"allowed": [False]}, "false"),
    (INTEGER, {"max": 1000}, "512m"),
    (INTEGER, {"max": 1000}, True),
    (INTEGER, {"max": 1000}, 1.5),
    (NUMBER, {"max": 1000}, False),
    (STRING, {"regex": "a"}, 0),
    (STRING, {"forbidden": ["0"]}, 0),
    (STRING, {"required": True}, ["a"]),
    (STRINGS, {"contains": "5"}, 5),
    (STRINGS, {"contains": "5"}, "5"),
    (STRINGS, {"contains": "5"}, ["5", 5]),
    (STRINGS, {"forbidden": ["5"]}, [5]),
    (STRINGS, {"allowed": ["5"]}, [["5"]]),
    (STRINGS, {"matches_any": ["5"]}, [5]),
    (STRINGS, {"schema": {"regex": "a"}}, [5]),
    (list_of(BOOLEAN), {"forbidden": [True]}, [1]),
    (LABELS, {"minlength": 1}, ["a"]),
    (LABELS, {"valuesrules": {"regex": "a"}}, {"a": 5}),
    (OBJECTS, {"schema": {"schema": {"a": {"required": True}}}}, ["a"]),
]


@pytest.mark.parametrize(("type_", "rules", "value"), MISTYPED)
def test_a_value_of_another_type_never_passes(type_: Type, rules: dict[str, Any], value: object) -> None:
    compiled = compile_schema({"x": rules}, object_of(x=Field(type_, "")))
    with pytest.raises(ValueTypeError) as caught:
        compiled.verdict({"x": value}, None)
    assert "512m" not in str(caught.value)


def test_a_regex_that_would_take_long_is_an_error() -> None:
    compiled = compile_schema({"x": {"regex": "(.*a){1000}"}}, object_of(x=Field(STRING, "")))
    assert compiled.verdict({"x": "b"}, None) == FAIL
    with pytest.raises(EvaluationError, match="too much work on a text of this length"):
        compiled.verdict({"x": "a" * 100_000}, None)
