"""Field paths: their syntax, and what they select, compared with a naive interpreter on random documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings

from policyengine.model.kinds import kind
from policyengine.model.types import INTEGER, list_of, map_of
from policyengine.policy.compile import compile_schema
from policyengine.policy.desugar import desugar
from policyengine.policy.selectors import SelectorError, Step, parse, selected_type
from policyengine.policy.verdict import FAIL, NAMES, PASS
from tests.policy import drawing
from tests.policy.test_cerberus import EXAMPLES, Validator, short

if TYPE_CHECKING:
    from random import Random

    from policyengine.model.types import Type

__all__ = ["short"]  # the fixture that declares the predicate is_short

SYNTAX: list[tuple[str, list[tuple[str, str, int]]]] = [
    ("a", [("field", "a", 0)]),
    ("image.digest", [("field", "image", 0), ("field", "digest", 6)]),
    ("ports[].host_ip", [("field", "ports", 0), ("each", "", 5), ("field", "host_ip", 8)]),
    ("ports[]?.published", [("field", "ports", 0), ("any", "", 5), ("field", "published", 9)]),
    ("environment{}", [("field", "environment", 0), ("values", "", 11)]),
    ('labels["com.example/env"]', [("field", "labels", 0), ("key", "com.example/env", 6)]),
    (r'labels["a\"]\\b"]', [("field", "labels", 0), ("key", 'a"]\\b', 6)]),
    ('labels[""]', [("field", "labels", 0), ("key", "", 6)]),
    ('labels["é {}[]."]', [("field", "labels", 0), ("key", "é {}[].", 6)]),
    ("_a1.b[][]?{}", [("field", "_a1", 0), ("field", "b", 4), ("each", "", 5), ("any", "", 7), ("values", "", 10)]),
]


@pytest.mark.parametrize(("text", "steps"), SYNTAX)
def test_syntax(text: str, steps: list[tuple[str, str, int]]) -> None:
    assert [(step.kind, step.name, step.offset) for step in parse(text)] == steps


MALFORMED = [
    ("", 0),
    ("[]", 0),
    ("{}", 0),
    ('["a"]', 0),
    (".a", 0),
    ("a.", 1),
    ("a..b", 1),
    ("a.[]", 1),
    ("a[]b", 3),
    ("a[].", 3),
    ("a[0]", 1),
    ("a['b']", 1),
    ('a["b]', 1),
    ("a[]??", 4),
    ("a b", 1),
    (" a", 0),
    ("a-b", 1),
    ("a{}}", 3),
    ("a\n", 1),
]


@pytest.mark.parametrize(("text", "offset"), MALFORMED)
def test_malformed(text: str, offset: int) -> None:
    with pytest.raises(SelectorError) as caught:
        parse(text)
    assert caught.value.offset == offset


SELECTED = [
    ("privileged", "boolean"),
    ("image.digest", "string"),
    ("ports", "list of object"),
    ("ports[].host_ip", "string"),
    ("cap_add[]?", "string"),
    ("environment{}", "string or null"),
    ('labels["a"]', "string"),
]


@pytest.mark.parametrize(("text", "name"), SELECTED)
def test_selected_type(text: str, name: str) -> None:
    assert str(selected_type(parse(text), kind("container"))) == name


TYPE = drawing.object_of(
    {
        "a": list_of(drawing.object_of({"b": list_of(drawing.object_of({"c": INTEGER})), "c": INTEGER})),
        "o": drawing.object_of({"p": drawing.object_of({"c": INTEGER})}),
        "l": list_of(INTEGER),
        "m": map_of(INTEGER),
    }
)
ONE = {"allowed": [1]}
Paths = dict[str, dict[str, Any]]
MEANINGS: list[tuple[Paths, dict[str, Any], bool, bool]] = [
    # constraints, document, whether require holds, whether where matches
    ({"l[]": ONE}, {}, True, False),
    ({"l[]": ONE}, {"l": []}, True, False),
    ({"l[]": ONE}, {"l": [1, 1]}, True, True),
    ({"l[]": ONE}, {"l": [1, 2]}, False, False),
    ({"l[]?": ONE}, {}, True, False),
    ({"l[]?": ONE}, {"l": []}, False, False),
    ({"l[]?": ONE}, {"l": [2, 1]}, True, True),
    ({"l[]?": ONE}, {"l": [2]}, False, False),
    ({"l[]?": ONE}, {"l": [None, 2]}, False, False),
    ({"l[]?": {**ONE, "nullable": True}}, {"l": [None, 2]}, True, True),
    ({"l[]?": ONE, "l[]": {"min": 1}}, {"l": [1, 2]}, True, True),
    ({"l[]?": ONE, "l[]": {"min": 1}}, {"l": [1, 0]}, False, False),
    ({"l": {"empty": True}, "l[]": ONE}, {"l": []}, True, False),
    ({"l": {"empty": False}, "l[]": ONE}, {"l": []}, False, False),
    ({"l": {"minlength": 2}, "l[]": ONE}, {"l": [1]}, False, False),
    ({"m{}": ONE}, {}, True, False),
    ({"m{}": ONE}, {"m": {}}, True, False),
    ({"m{}": ONE}, {"m": {"x": 1}}, True, True),
    ({"m{}": ONE}, {"m": {"x": 1, "y": 2}}, False, False),
    ({'m["x"]': ONE}, {"m": {"y": 2}}, True, False),
    ({'m["x"]': ONE}, {"m": {"x": 1, "y": 2}}, True, True),
    ({'m["x"]': {**ONE, "required": True}}, {"m": {"y": 2}}, False, False),
    ({'m["x"]': {**ONE, "required": True}}, {}, False, False),
    ({"o.p.c": ONE}, {"o": {}}, True, False),
    ({"o.p.c": {"required": True}}, {}, False, False),
    ({"o.p.c": {"required": True}}, {"o": {"p": {}}}, False, False),
    ({"o.p.c": {"required": True}}, {"o": {"p": {"c": 1}}}, True, True),
    ({"o.p.c": {**ONE, "required": False}}, {}, True, True),
    ({"a[].c": {**ONE, "required": True}}, {}, True, False),
    ({"a[].c": {**ONE, "required": True}}, {"a": []}, True, False),
    ({"a[].c": {**ONE, "required": True}}, {"a": [{"c": 1}, {}]}, False, False),
    ({"a[].c": ONE}, {"a": [{"c": 1}, {}]}, True, False),
    ({"a[]?.c": ONE}, {"a": [{}, {"c": 2}]}, False, False),
    ({"a[]?.c": ONE}, {"a": [{}, {"c": 1}]}, True, True),
    ({"a[]?.c": {**ONE, "required": False}}, {"a": [{}, {"c": 2}]}, True, True),
    ({"a[]?.c": ONE, "a[].c": {"max": 2}}, {"a": [{"c": 1}, {"c": 2}]}, True, True),
    ({"a[]?.c": {"allowed": [1]}, "a[]?.b": {"minlength": 1}}, {"a": [{"c": 1}, {"b": [{}]}]}, True, True),
    ({"a[]?.b[]?.c": ONE}, {"a": [{}]}, False, False),
    ({"a[]?.b[]?.c": ONE}, {"a": [{"b": []}]}, False, False),
    ({"a[]?.b[]?.c": ONE}, {"a": [{"b": [{}]}]}, False, False),
    ({"a[]?.b[]?.c": ONE}, {"a": [{}, {"b": [{"c": 2}, {"c": 1}]}]}, True, True),
    ({"a[]?.b[].c": ONE}, {"a": [{}]}, True, False),
    ({"a[]?.b[].c": ONE}, {"a": [{"b": [{"c": 1}, {}]}]}, False, False),
    ({"a[].b[]?.c": ONE}, {"a": [{}, {"b": [{"c": 1}]}]}, True, False),
    ({"a[].b[]?.c": ONE}, {"a": [{"b": []}, {"b": [{"c": 1}]}]}, False, False),
]


@pytest.mark.parametrize(("constraints", "document", "holds_", "matches"), MEANINGS)
def test_meaning(constraints: Paths, document: dict[str, Any], holds_: bool, matches: bool) -> None:
    parsed = [(parse(path), rules) for path, rules in constraints.items()]
    for present, wanted in ((False, holds_), (True, matches)):
        found = compile_schema(desugar(parsed, present=present), TYPE).verdict(document, None)
        assert NAMES[found] == NAMES[PASS if wanted else FAIL]
        assert all(satisfied(document, steps, rules, present=present) for steps, rules in parsed) == wanted


def paths(random: Random, type_: Type) -> tuple[Step, ...]:
    """A path into an object; it stops at a scalar, and sometimes before."""
    steps: list[Step] = []
    while type_.name in ("object", "list", "map"):
        if steps and random.random() < 0.2:
            break
        steps.append(_step(random, type_))
        type_ = drawing.below(type_, steps[-1].name)
    return tuple(steps)


def _step(random: Random, type_: Type) -> Step:
    if type_.name == "object":
        return Step("field", random.choice(sorted(type_.fields)))
    if type_.name == "list":
        return random.choice([Step("each"), Step("any")])
    return random.choice([Step("values"), *(Step("key", name) for name in drawing.NAMES)])


def written(steps: tuple[Step, ...]) -> str:
    signs = {"each": "[]", "any": "[]?", "values": "{}"}
    texts = (signs.get(step.kind) or (f'["{step.name}"]' if step.kind == "key" else f".{step.name}") for step in steps)
    return "".join(texts).removeprefix(".")


def cases(random: Random) -> tuple[Type, dict[str, dict[str, Any]], dict[str, Any]]:
    """A type, constraints by path, and a document of the type."""
    type_ = drawing.objects(random)
    constraints = {}
    for _ in range(random.randint(1, 3)):
        steps = paths(random, type_)
        leaf = type_
        for step in steps:
            leaf = drawing.below(leaf, step.name)
        rules = drawing.rules(random, leaf)
        if leaf.name in ("object", "list", "map"):
            # Whether paths through a null select anything is no question: the model has none.
            rules.pop("nullable", None)
        if steps[-1].kind in ("field", "key") and drawing.booleans(random):
            rules["required"] = drawing.booleans(random)
        constraints[written(steps)] = rules
    return type_, constraints, drawing.values(random, type_, null=False)


def holds(value: object, rules: dict[str, Any]) -> bool:
    """Whether a constraint holds for one value, by Cerberus."""
    return bool(Validator({"value": rules}, allow_unknown=True).validate({"value": value}, normalize=False))


def satisfied(value: Any, steps: tuple[Step, ...], rules: dict[str, Any], *, present: bool, some: bool = False) -> bool:
    """Whether a constraint holds for what a path selects below a value; ``some`` is set once a ``[]?`` was passed."""
    if not steps:
        return holds(value, {name: argument for name, argument in rules.items() if name != "required"})
    if value is None:
        return False
    step, rest = steps[0], steps[1:]
    if step.kind in ("field", "key"):
        if step.name in value:
            return satisfied(value[step.name], rest, rules, present=present, some=some)
        below = next((later.kind for later in rest if later.kind not in ("field", "key")), None)
        demanded = present or (some and below == "any")
        return not (demanded if below else rules.get("required", present or some))
    items = list(value.values()) if step.kind == "values" else value
    found = [satisfied(item, rest, rules, present=present, some=some or step.kind == "any") for item in items]
    if step.kind == "any":
        return any(found)
    return all(found) and bool(found or not present)


def check(case: tuple[Type, dict[str, dict[str, Any]], dict[str, Any]], *, present: bool) -> None:
    type_, constraints, document = case
    parsed = [(parse(path), rules) for path, rules in constraints.items()]
    compiled = compile_schema(desugar(parsed, present=present), type_)
    wanted = all(satisfied(document, steps, rules, present=present) for steps, rules in parsed)
    found = compiled.verdict(document, None)
    assert NAMES[found] == NAMES[PASS if wanted else FAIL]
    assert bool(list(compiled.failures(document, None, ()))) == (found == FAIL)


MANY = settings(
    max_examples=max(EXAMPLES // 5, 1), deadline=None, suppress_health_check=list(HealthCheck), database=None
)


@MANY
@given(drawing.randoms.map(cases))
def test_paths_select_what_a_naive_interpreter_selects(case: Any) -> None:
    check(case, present=False)


@MANY
@given(drawing.randoms.map(cases))
def test_where_asks_that_something_is_selected(case: Any) -> None:
    check(case, present=True)
