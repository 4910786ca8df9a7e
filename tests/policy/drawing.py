"""Hypothesis strategies: types, well-typed schemas for them, and well-typed documents."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from policyengine.model.types import BOOLEAN, INTEGER, NUMBER, STRING, Field, Type, list_of, map_of

NAMES = ("a", "b", "c")
SCALARS = (BOOLEAN, INTEGER, NUMBER, STRING)
PATTERNS = ("a*", "[ab]+", "b.", "a?b?", "ab")

texts = st.text("ab", max_size=3)
integers = st.integers(-2, 3)
numbers = st.one_of(integers, st.sampled_from([0.5, 1.5, -1.5]))
_SCALAR_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "integer": integers,
    "number": numbers,
    "string": texts,
}


def object_of(fields: dict[str, Type]) -> Type:
    return Type("object", fields={name: Field(type_, "") for name, type_ in fields.items()})


def _containers(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    return st.one_of(
        inner.map(list_of), inner.map(map_of), st.dictionaries(st.sampled_from(NAMES), inner, min_size=1).map(object_of)
    )


types = st.recursive(st.sampled_from(SCALARS), _containers, max_leaves=4)
objects = st.dictionaries(st.sampled_from(NAMES), types, min_size=1).map(object_of)


def values(type_: Type, *, null: bool = True) -> st.SearchStrategy[Any]:
    """Values of a type, None now and then."""
    found = _values(type_)
    return st.one_of(found, found, found, st.none()) if null else found


def _values(type_: Type) -> st.SearchStrategy[Any]:
    if type_.name in _SCALAR_VALUES:
        return _SCALAR_VALUES[type_.name]
    if type_.name == "list":
        assert type_.items
        return st.lists(values(type_.items), max_size=3)
    if type_.name == "map":
        assert type_.items
        return st.dictionaries(st.sampled_from(NAMES), values(type_.items), max_size=3)
    return st.fixed_dictionaries({}, optional={name: values(field.type) for name, field in type_.fields.items()})


@st.composite
def schemas(draw: st.DrawFn, type_: Type) -> dict[str, Any]:
    """A schema for the fields of an object or the keys of a map."""
    names = list(type_.fields) if type_.name == "object" else list(NAMES)
    chosen = draw(st.lists(st.sampled_from(names), unique=True, max_size=3))
    return {name: draw(rules(below(type_, name), type_)) for name in chosen}


def below(type_: Type, name: str) -> Type:
    if type_.name == "object":
        return type_.fields[name].type
    assert type_.items
    return type_.items


@st.composite
def rules(draw: st.DrawFn, type_: Type, siblings: Type | None = None, depth: int = 0) -> dict[str, Any]:
    """A rules set for a value; ``siblings`` is the object that it is a field of."""
    makers: dict[str, st.SearchStrategy[Any]] = {"nullable": st.booleans(), "type": st.just(_cerberus_name(type_))}
    makers |= _scalar_rules(type_) | _sized_rules(type_) | _nested_rules(type_, depth)
    if siblings is not None:
        makers["required"] = st.booleans()
        if siblings.name == "object":
            makers |= _sibling_rules(siblings)
    if depth < 2:
        one = rules(type_, siblings if siblings is not None and siblings.name == "object" else None, depth + 1)
        for name in ("anyof", "allof", "noneof", "oneof"):
            makers[name] = st.lists(one.map(lambda found: {**found, "meta": 1}), min_size=1, max_size=2)
    chosen = draw(st.lists(st.sampled_from(sorted(makers)), unique=True, max_size=3))
    return {name: draw(makers[name]) for name in chosen}


def _cerberus_name(type_: Type) -> str:
    return "dict" if type_.name in ("map", "object") else type_.name


def _scalar_rules(type_: Type) -> dict[str, st.SearchStrategy[Any]]:
    item = type_.items if type_.name == "list" else type_
    found: dict[str, st.SearchStrategy[Any]] = {}
    if item is not None and item.name in _SCALAR_VALUES:
        some = st.lists(_SCALAR_VALUES[item.name], max_size=3)
        found |= {"allowed": some, "forbidden": some}
        if type_.name == "list":
            found["contains"] = st.lists(_SCALAR_VALUES[item.name], min_size=1, max_size=2)
    if type_.name in ("integer", "number"):
        found |= {"min": numbers, "max": numbers}
    if type_.name == "string":
        found |= {"regex": st.sampled_from(PATTERNS), "check_with": st.just("is_short")}
    return found


def _sized_rules(type_: Type) -> dict[str, st.SearchStrategy[Any]]:
    if type_.name not in ("string", "list", "map"):
        return {}
    lengths = st.integers(0, 3)
    return {"empty": st.booleans(), "minlength": lengths, "maxlength": lengths}


def _nested_rules(type_: Type, depth: int) -> dict[str, st.SearchStrategy[Any]]:
    if type_.name == "object":
        return {"schema": schemas(type_).filter(bool)}
    if type_.items is None:
        return {}
    inner = rules(type_.items, None, depth + 1).filter(bool)
    if type_.name == "list":
        return {"schema": inner, "items": st.lists(inner, min_size=1, max_size=3)}
    keys = st.fixed_dictionaries({}, optional={"regex": st.sampled_from(PATTERNS), "maxlength": st.integers(0, 2)})
    return {
        "valuesrules": inner,
        "keysrules": keys.filter(bool),
        "schema": schemas(type_).filter(bool),
        "contains": st.lists(st.sampled_from(NAMES), min_size=1, max_size=2),
    }


def _sibling_rules(siblings: Type) -> dict[str, st.SearchStrategy[Any]]:
    names = st.sampled_from(sorted(siblings.fields))
    scalars = sorted(name for name, field in siblings.fields.items() if field.type.name in _SCALAR_VALUES)
    found: dict[str, st.SearchStrategy[Any]] = {
        "excludes": st.one_of(names, st.lists(names, min_size=1, max_size=2, unique=True)),
        "dependencies": st.one_of(names, st.lists(names, min_size=1, max_size=2, unique=True)),
    }
    if scalars:
        valued = st.sampled_from(scalars).flatmap(
            lambda one: st.fixed_dictionaries(
                {one: st.lists(_SCALAR_VALUES[siblings.fields[one].type.name], min_size=1, max_size=2)}
            )
        )
        found["dependencies"] = st.one_of(found["dependencies"], valued)
    return found
