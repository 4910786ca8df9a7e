"""The compiled closures mean what ``cerberus.Validator`` means, and Kleene's logic extends them to unknowns.

``POLICYENGINE_EXAMPLES`` sets the number of examples: 20,000 in CI, 200,000 for a soak.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import cerberus
import pytest
from hypothesis import HealthCheck, given, settings

from policyengine.model.types import BOOLEAN, Field, Type
from policyengine.model.unknown import OpenList, OpenMap, Unknown
from policyengine.policy import predicates
from policyengine.policy.compile import compile_schema
from policyengine.policy.verdict import FAIL, NAMES, PASS, UNKNOWN
from tests.policy import drawing

if TYPE_CHECKING:
    from random import Random

EXAMPLES = int(os.environ.get("POLICYENGINE_EXAMPLES", "2000"))
MANY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
FEWER = settings(MANY, max_examples=max(1, EXAMPLES // 4))
HOLE = Unknown("hole", "it is left open")


class Validator(cerberus.Validator):  # type: ignore[misc] # Cerberus carries no types
    def _check_with_is_short(self, field: str, value: object) -> None:
        if isinstance(value, str) and len(value) > 2:
            self._error(field, "long")


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(predicates.CHECKS, "is_short", lambda text: len(text) <= 2)


Case = tuple[Type, dict[str, Any], dict[str, Any]]


def cases(random: Random) -> Case:
    type_ = drawing.objects(random)
    return type_, drawing.schemas(random, type_), drawing.values(random, type_, null=False)


@MANY
@given(drawing.randoms.map(cases))
def test_closures_agree_with_cerberus(case: Case) -> None:
    type_, schema, document = case
    wanted = PASS if Validator(schema, allow_unknown=True).validate(document, normalize=False) else FAIL
    compiled = compile_schema(schema, type_)
    found = compiled.verdict(document, None)
    assert NAMES[found] == NAMES[wanted]
    failures = list(compiled.failures(document, None, ()))
    assert all(failure.verdict == FAIL for failure in failures)
    assert bool(failures) == (found == FAIL)


def opened_cases(random: Random) -> tuple[Case, Random]:
    """A case, and what draws the part of it that is to be unknown."""
    return cases(random), random


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all values below a document's root."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at for step, item in items for at in ((*path, step), *places(item, (*path, step)))]


def value_at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def replaced(value: Any, path: tuple[str | int, ...], by: object) -> Any:
    if not path:
        return by
    if isinstance(value, dict):
        return {key: replaced(item, path[1:], by) if key == path[0] else item for key, item in value.items()}
    return [replaced(item, path[1:], by) if index == path[0] else item for index, item in enumerate(value)]


def removed(value: Any, path: tuple[str | int, ...]) -> Any:
    if len(path) == 1:
        return {key: item for key, item in value.items() if key != path[0]}
    if isinstance(value, dict):
        return {key: removed(item, path[1:]) if key == path[0] else item for key, item in value.items()}
    return [removed(item, path[1:]) if index == path[0] else item for index, item in enumerate(value)]


def type_at(type_: Type, path: tuple[str | int, ...]) -> tuple[Type, Type]:
    """The type of the value at a path, and of what is around it."""
    around = type_
    for step in path:
        around, type_ = type_, drawing.below(type_, str(step))
    return type_, around


@MANY
@given(drawing.randoms.map(opened_cases))
def test_unknown_values_follow_kleene(case: tuple[Case, Random]) -> None:
    (type_, schema, document), random = case
    at = places(document)
    if not at:
        return
    path = random.choice(at)
    check = compile_schema(schema, type_).verdict
    known, opened = check(document, None), check(replaced(document, path, HOLE), None)
    assert opened in (UNKNOWN, known), "an unknown turned a pass into a fail, or a fail into a pass"
    if opened == UNKNOWN:
        return
    own, around = type_at(type_, path)
    for completion in drawing.some(random, lambda random: drawing.values(random, own)):
        assert check(replaced(document, path, completion), None) == opened
    if around.name == "object":
        assert check(removed(document, path), None) == opened


@FEWER
@given(drawing.randoms.map(opened_cases))
def test_open_lists_and_maps_follow_kleene(case: tuple[Case, Random]) -> None:
    (type_, schema, document), random = case
    at = [path for path in places(document) if type_at(type_, path)[0].name in ("list", "map")]
    at = [path for path in at if isinstance(value_at(document, path), list | dict)]
    if not at:
        return
    path = random.choice(at)
    whole = value_at(document, path)
    known = random.randint(0, len(whole))
    part: Any
    if isinstance(whole, list):
        part = OpenList(whole[:known], HOLE)
    else:
        part = OpenMap(dict(list(whole.items())[:known]), HOLE)
    compiled = compile_schema(schema, type_)
    opened = replaced(document, path, part)
    verdict = compiled.verdict(opened, None)
    assert verdict in (UNKNOWN, compiled.verdict(document, None))
    assert verdict == PASS or verdict in {failure.verdict for failure in compiled.failures(opened, None, ())}


@FEWER
@given(drawing.randoms.map(opened_cases))
def test_unknown_verdicts_name_what_is_unknown(case: tuple[Case, Random]) -> None:
    (type_, schema, document), random = case
    at = places(document)
    if not at:
        return
    opened = replaced(document, random.choice(at), HOLE)
    compiled = compile_schema(schema, type_)
    verdict = compiled.verdict(opened, None)
    if verdict != PASS:
        assert verdict in {failure.verdict for failure in compiled.failures(opened, None, ())}


@pytest.mark.parametrize(
    "document",
    [{"b": None}, {"b": None, "a": True}, {"b": True}, {"a": True}, {}, {"b": None, "c": True}, {"c": None}],
)
def test_required_fields_that_exclude_others(document: dict[str, Any]) -> None:
    """Found by 100,000 examples: Cerberus wants one of them not to be null."""
    one: dict[str, Any] = {"excludes": "a", "required": True, "nullable": True}
    schema: dict[str, dict[str, Any]] = {"b": one, "a": {}, "c": {"excludes": "a", "required": True, "nullable": True}}
    parts: list[dict[str, dict[str, Any]]] = [schema, {"b": one, "a": {"required": True}}]
    for part in parts:
        fields = {name: Field(BOOLEAN, "") for name in "abc"}
        found = compile_schema(part, Type("object", fields=fields)).verdict(document, None)
        assert NAMES[found] == ("pass" if Validator(part, allow_unknown=True).validate(document) else "fail")
