"""Random expressions: their verdict is Kleene's, whatever is unknown, and no completion contradicts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policyengine.errors import EvaluationError
from policyengine.model.types import BOOLEAN, INTEGER, STRING, Field, Kind, Type, list_of, map_of, object_of
from policyengine.model.unknown import Unknown
from policyengine.policy.expressions import Expression, compile_expression
from policyengine.policy.verdict import FAIL, PASS, UNKNOWN

ITEM = object_of(x=Field(INTEGER, ""), y=Field(BOOLEAN, ""))
THING = Kind(
    "thing",
    "",
    {
        "b": Field(BOOLEAN, ""),
        "c": Field(BOOLEAN, ""),
        "i": Field(INTEGER, ""),
        "l": Field(list_of(INTEGER), ""),
        "m": Field(map_of(Type("string", nullable=True)), ""),
        "o": Field(ITEM, ""),
        "q": Field(list_of(ITEM), ""),
        "s": Field(STRING, ""),
    },
)
OPEN = Unknown("f", "not told")

Value = bool | None
"""The truth of an expression; None when it is unknown or an error."""

Scope = Mapping[str, Any]


@dataclass(frozen=True)
class Sample:
    """An expression in CEL, and what it means."""

    source: str
    truth: Callable[[Scope], Value]


class _UndecidedError(Exception):
    pass


def _known(value: Any) -> Any:
    if isinstance(value, Unknown):
        raise _UndecidedError
    if isinstance(value, list):
        return [_known(item) for item in value]
    if isinstance(value, dict):
        return {key: _known(item) for key, item in value.items()}
    return value


def _field(scope: Scope, name: str, empty: Any = None) -> Any:
    return _known(scope.get(name, empty))


def _atom(source: str, truth: Callable[[Scope], Any]) -> Sample:
    def strict(scope: Scope) -> Value:
        try:
            value = truth(scope)
        except (_UndecidedError, KeyError, TypeError, IndexError, ZeroDivisionError):
            return None
        return value if isinstance(value, bool) else None

    return Sample(source, strict)


def _key(scope: Scope, name: str, key: str) -> Any:
    """A key of an object, which is unknown only if that key is."""
    whole = scope.get(name, {})
    return _known(_known(whole) if isinstance(whole, Unknown) else whole[key])


def _has(scope: Scope, name: str, key: str) -> bool:
    whole = scope.get(name, {})
    if isinstance(whole, Unknown) or isinstance(whole.get(key), Unknown):
        raise _UndecidedError
    return key in whole


ATOMS = [
    Sample("true", lambda _: True),
    Sample("false", lambda _: False),
    _atom("1 / 0 == 1", lambda _: 1 // 0 == 1),
    _atom("b", lambda f: _field(f, "b")),
    _atom("c", lambda f: _field(f, "c")),
    _atom("b == c", lambda f: _field(f, "b") == _field(f, "c")),
    _atom("b == null", lambda f: _field(f, "b") is None),
    _atom("i == 2", lambda f: _field(f, "i") == 2),
    _atom("i != null", lambda f: _field(f, "i") is not None),
    _atom("i < 2", lambda f: _field(f, "i") < 2),
    _atom("i + 1 > 2", lambda f: _field(f, "i") + 1 > 2),
    _atom("10 / i == 5", lambda f: 10 // _field(f, "i") == 5),
    _atom('s == "a"', lambda f: _field(f, "s") == "a"),
    _atom('s.startsWith("a")', lambda f: _field(f, "s").startswith("a") if _field(f, "s") is not None else None),
    _atom('s in ["a", "b"]', lambda f: _field(f, "s") in ["a", "b"]),
    _atom("2 in l", lambda f: 2 in _field(f, "l", [])),
    _atom("i in l", lambda f: _field(f, "i") in _field(f, "l", [])),
    _atom("l == []", lambda f: _field(f, "l", []) == []),
    _atom("size(l) == 2", lambda f: len(_field(f, "l", [])) == 2),
    _atom("l[1] == 2", lambda f: _field(f, "l", [])[1] == 2),
    _atom("l.map(x, x + 1) == [2, 3]", lambda f: [x + 1 for x in _field(f, "l", [])] == [2, 3]),
    _atom("l.filter(x, x > 1) == [2]", lambda f: [x for x in _field(f, "l", []) if x > 1] == [2]),
    _atom("l.exists_one(x, x == 2)", lambda f: _field(f, "l", []).count(2) == 1),
    _atom('m["k"] == null', lambda f: _field(f, "m", {})["k"] is None),
    _atom('has(m.k) && m.k == "a"', lambda f: _field(f, "m", {}).get("k") == "a"),
    _atom("m.exists(k, m[k] == null)", lambda f: None in _field(f, "m", {}).values()),
    _atom("o.x == 2", lambda f: _key(f, "o", "x") == 2),
    _atom("has(o.x)", lambda f: _has(f, "o", "x")),
    _atom("has(o.y)", lambda f: _has(f, "o", "y")),
    _atom("q == []", lambda f: _field(f, "q", []) == []),
    _atom("q[0].x == 2", lambda f: _field(f, "q", [])[0]["x"] == 2),
    _atom("q.exists(p, has(p.x) && p.x == 2)", lambda f: any(p.get("x") == 2 for p in _field(f, "q", []))),
]


def _not(sample: Sample) -> Sample:
    def truth(scope: Scope) -> Value:
        value = sample.truth(scope)
        return None if value is None else not value

    return Sample(f"!({sample.source})", truth)


def _and(one: Sample, other: Sample) -> Sample:
    return Sample(f"({one.source} && {other.source})", lambda f: _all((one.truth(f), other.truth(f))))


def _or(one: Sample, other: Sample) -> Sample:
    return Sample(f"({one.source} || {other.source})", lambda f: _any((one.truth(f), other.truth(f))))


def _all(values: Any) -> Value:
    found = set(values)
    return False if False in found else None if None in found else True


def _any(values: Any) -> Value:
    found = set(values)
    return True if True in found else None if None in found else False


def _choose(condition: Sample, one: Sample, other: Sample) -> Sample:
    def truth(scope: Scope) -> Value:
        value = condition.truth(scope)
        return None if value is None else (one if value else other).truth(scope)

    return Sample(f"({condition.source} ? {one.source} : {other.source})", truth)


def _loop(macro: str, body: Sample) -> Sample:
    """A loop over ``l`` whose body may also look at the item."""
    combine = _any if macro == "exists" else _all

    def truth(scope: Scope) -> Value:
        try:
            items = _field(scope, "l", [])
        except _UndecidedError:
            return None
        return combine([_any((item == 2, body.truth(scope))) for item in items])

    return Sample(f"l.{macro}(v, v == 2 || {body.source})", truth)


SAMPLES = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.builds(_not, inner),
        st.builds(_and, inner, inner),
        st.builds(_or, inner, inner),
        st.builds(_choose, inner, inner, inner),
        st.builds(_loop, st.sampled_from(["exists", "all"]), inner),
    ),
    max_leaves=6,
)

SMALL = st.integers(0, 3)
OBJECTS = st.fixed_dictionaries({}, optional={"x": SMALL, "y": st.booleans()})
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "b": st.booleans(),
        "c": st.booleans(),
        "i": SMALL,
        "l": st.lists(SMALL, max_size=3),
        "m": st.dictionaries(st.sampled_from("kl"), st.sampled_from(["a", "b", None]), max_size=2),
        "o": OBJECTS,
        "q": st.lists(OBJECTS, max_size=2),
        "s": st.sampled_from(["a", "ab", "b"]),
    },
)
FIELDS = list(THING.fields)


@cache
def _compiled(source: str) -> Expression:
    return compile_expression(source, [THING])


def _judge(sample: Sample, facts: Mapping[str, object]) -> int | None:
    """The verdict; None for an error."""
    try:
        return _compiled(sample.source).verdict(facts)
    except EvaluationError:
        return None


def _as_read(source: str, scope: Scope) -> Scope:
    """An object is unknown as a whole as soon as one of the keys is that the expression names."""
    whole = scope.get("o", {})
    keys = [key for key in ("x", "y") if f"o.{key}" in source]
    if not isinstance(whole, Unknown) and any(isinstance(whole.get(key), Unknown) for key in keys):
        return {**scope, "o": OPEN}
    return scope


def _forget(draw: st.DrawFn, value: object) -> object:
    """The value, or a part of it, made unknown."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: _forget(draw, value[key])}
    if isinstance(value, list) and value and draw(st.booleans()):
        at = draw(st.integers(0, len(value) - 1))
        return [_forget(draw, item) if index == at else item for index, item in enumerate(value)]
    return OPEN


@st.composite
def _known_and_masked(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts, and the same of which some are unknown; an absent field may be what is unknown, too."""
    facts = draw(FACTS)
    hidden = draw(st.sets(st.sampled_from(FIELDS), max_size=3))
    return facts, {**facts, **{name: _forget(draw, facts.get(name)) for name in sorted(hidden)}}


@settings(max_examples=500, deadline=None)
@given(sample=SAMPLES, facts=_known_and_masked())
def test_the_verdict_is_kleenes(sample: Sample, facts: tuple[dict[str, Any], dict[str, Any]]) -> None:
    for scope in facts:
        verdict = _judge(sample, scope)
        truth = sample.truth(_as_read(sample.source, scope))
        assert {PASS: True, FAIL: False}.get(verdict if verdict is not None else UNKNOWN) is truth


@settings(max_examples=500, deadline=None)
@given(sample=SAMPLES, facts=_known_and_masked())
def test_no_completion_contradicts_a_verdict(sample: Sample, facts: tuple[dict[str, Any], dict[str, Any]]) -> None:
    known, masked = facts
    verdict = _judge(sample, masked)
    if verdict in (PASS, FAIL):
        assert _judge(sample, known) == verdict


@settings(max_examples=200, deadline=None)
@given(sample=SAMPLES, facts=FACTS)
def test_nothing_is_unknown_where_all_is_known(sample: Sample, facts: dict[str, Any]) -> None:
    assert _judge(sample, facts) != UNKNOWN
    assert list(_compiled(sample.source).unknowns(facts)) == []
