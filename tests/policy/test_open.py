"""Lists and maps of which only a part is known: what is known decides where it can."""

from __future__ import annotations

import pytest

from policyengine.model.types import INTEGER, STRING, Field, Type, list_of, map_of
from policyengine.model.unknown import OpenList, OpenMap, Unknown
from policyengine.policy.compile import compile_schema
from policyengine.policy.verdict import NAMES

WHY = Unknown("service.extends", "the service extends another one")
MODEL = Type(
    "object",
    fields={
        "list": Field(list_of(STRING), ""),
        "map": Field(map_of(Type("string", nullable=True)), ""),
        "ports": Field(list_of(Type("object", fields={"target": Field(INTEGER, "")})), ""),
    },
)


@pytest.mark.parametrize(
    ("known", "rules", "verdict"),
    [
        (["a"], {"minlength": 1}, "pass"),
        (["a"], {"minlength": 2}, "unknown"),
        (["a"], {"maxlength": 1}, "unknown"),
        (["a", "b"], {"maxlength": 1}, "fail"),
        (["a"], {"allowed": ["a"]}, "unknown"),
        (["a", "b"], {"allowed": ["a"]}, "fail"),
        (["a"], {"forbidden": ["b"]}, "unknown"),
        (["b"], {"forbidden": ["b"]}, "fail"),
        (["a"], {"contains": ["a"]}, "pass"),
        (["a"], {"contains": ["a", "b"]}, "unknown"),
        (["a"], {"items": [{"allowed": ["a"]}]}, "unknown"),
        (["a"], {"empty": False}, "pass"),
        ([], {"empty": False}, "unknown"),
        ([], {"empty": True, "minlength": 2}, "unknown"),
        (["a"], {"schema": {"allowed": ["a"]}}, "unknown"),
        (["b"], {"schema": {"allowed": ["a"]}}, "fail"),
        (["a"], {"noneof": [{"schema": {"noneof": [{"allowed": ["a"]}]}}]}, "pass"),
        (["b"], {"noneof": [{"schema": {"noneof": [{"allowed": ["a"]}]}}]}, "unknown"),
        (["a"], {"anyof": [{"maxlength": 3}, {"minlength": 1}]}, "pass"),
        (["a"], {"matches_any": ["a"]}, "unknown"),
        (["b"], {"matches_any": ["a"]}, "fail"),
    ],
)
def test_lists(known: list[object], rules: dict[str, object], verdict: str) -> None:
    facts = {"list": OpenList(known, WHY)}
    compiled = compile_schema({"list": rules}, MODEL)
    assert NAMES[compiled.verdict(facts, None)] == verdict
    assert {NAMES[failure.verdict] for failure in compiled.failures(facts, None, ())} >= {verdict} - {"pass"}


@pytest.mark.parametrize(
    ("known", "null", "rules", "verdict"),
    [
        ({"a": "x"}, False, {"schema": {"a": {"required": True, "allowed": ["x"]}}}, "pass"),
        ({"a": "x"}, False, {"schema": {"b": {"required": True}}}, "unknown"),
        ({"a": "x"}, False, {"schema": {"b": {"allowed": ["x"]}}}, "unknown"),
        ({"a": "y"}, False, {"schema": {"a": {"allowed": ["x"]}}}, "fail"),
        ({"a": "x"}, False, {"valuesrules": {"allowed": ["x"]}}, "unknown"),
        ({"a": "y"}, False, {"valuesrules": {"allowed": ["x"]}}, "fail"),
        ({"a": "x"}, True, {"valuesrules": {"allowed": ["x"]}}, "unknown"),
        ({"a": "x"}, True, {"valuesrules": {"allowed": ["x"], "nullable": True}}, "pass"),
        ({"a": "x"}, False, {"valuesrules": {"allowed": ["x"], "nullable": True}}, "unknown"),
        ({"a": "x"}, True, {"keysrules": {"allowed": ["a"]}}, "unknown"),
        ({"b": "x"}, True, {"keysrules": {"allowed": ["a"]}}, "fail"),
        ({"a": "x"}, True, {"maxlength": 1}, "unknown"),
        ({"a": "x"}, True, {"contains": ["a"]}, "pass"),
    ],
)
def test_maps(known: dict[str, object], null: bool, rules: dict[str, object], verdict: str) -> None:
    facts = {"map": OpenMap(known, WHY, null=null)}
    compiled = compile_schema({"map": rules}, MODEL)
    assert NAMES[compiled.verdict(facts, None)] == verdict
    assert {NAMES[failure.verdict] for failure in compiled.failures(facts, None, ())} >= {verdict} - {"pass"}


def test_failures_are_the_items_that_are_known_to_fail() -> None:
    facts = {"ports": OpenList([{"target": 80}, {"target": 22}], WHY)}
    compiled = compile_schema({"ports": {"schema": {"schema": {"target": {"forbidden": [22]}}}}}, MODEL)
    failing = [failure for failure in compiled.failures(facts, None, ()) if NAMES[failure.verdict] == "fail"]
    assert [(failure.path, failure.value) for failure in failing] == [(("ports", 1, "target"), 22)]
