"""Types, well-typed schemas for them, and well-typed documents, drawn at random.

A ``Random`` draws them and not a strategy, for that is twenty times as fast: what Hypothesis gives is the Random. With
``POLICYENGINE_SHRINK=1`` Hypothesis also decides all that it says, and makes a failing example small.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from policyengine.model.types import BOOLEAN, INTEGER, NUMBER, STRING, Field, Type, list_of, map_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    Maker = Callable[[Random], Any]

NAMES = ("a", "b", "c")
SCALARS = (BOOLEAN, INTEGER, NUMBER, STRING)
PATTERNS = ("a*", "[ab]+", "b.", "a?b?", "ab")
COMBINATIONS = ("anyof", "allof", "noneof", "oneof")

randoms = st.randoms(use_true_random=os.environ.get("POLICYENGINE_SHRINK") != "1", note_method_calls=False)


def booleans(random: Random) -> bool:
    return random.random() < 0.5


def lengths(random: Random) -> int:
    return random.randint(0, 3)


def integers(random: Random) -> int:
    return random.randint(-2, 3)


def numbers(random: Random) -> float:
    return random.choice([0.5, 1.5, -1.5]) if booleans(random) else integers(random)


def texts(random: Random) -> str:
    return "".join(random.choice("ab") for _ in range(lengths(random)))


_SCALAR_VALUES: dict[str, Maker] = {"boolean": booleans, "integer": integers, "number": numbers, "string": texts}


def some(random: Random, maker: Maker, least: int = 0, most: int = 3) -> list[Any]:
    return [maker(random) for _ in range(random.randint(least, most))]


def subset(random: Random, names: list[str], least: int = 0, most: int = 3) -> list[str]:
    """Some of the names, in any order, each once."""
    return random.sample(names, random.randint(min(least, len(names)), min(most, len(names))))


def object_of(fields: dict[str, Type]) -> Type:
    return Type("object", fields={name: Field(type_, "") for name, type_ in fields.items()})


def types(random: Random, depth: int = 0) -> Type:
    if depth > 2 or booleans(random):
        return random.choice(SCALARS)
    made = random.choice((list_of, map_of, None))
    return made(types(random, depth + 1)) if made else objects(random, depth + 1)


def objects(random: Random, depth: int = 0) -> Type:
    return object_of({name: types(random, depth) for name in subset(random, list(NAMES), 1)})


def values(random: Random, type_: Type, *, null: bool = True) -> Any:
    """A value of a type, None now and then."""
    if null and random.random() < 0.25:
        return None
    if type_.name in _SCALAR_VALUES:
        return _SCALAR_VALUES[type_.name](random)
    if type_.name == "object":
        return {name: values(random, type_.fields[name].type) for name in subset(random, list(type_.fields))}
    items = type_.items
    assert items
    if type_.name == "list":
        return some(random, lambda random: values(random, items))
    return {name: values(random, items) for name in subset(random, list(NAMES))}


def schemas(random: Random, type_: Type, least: int = 0) -> dict[str, Any]:
    """A schema for the fields of an object or the keys of a map."""
    names = list(type_.fields) if type_.name == "object" else list(NAMES)
    return {name: rules(random, below(type_, name), type_) for name in subset(random, names, least)}


def below(type_: Type, name: str) -> Type:
    if type_.name == "object":
        return type_.fields[name].type
    assert type_.items
    return type_.items


def rules(random: Random, type_: Type, siblings: Type | None = None, depth: int = 0, least: int = 0) -> dict[str, Any]:
    """A rules set for a value; ``siblings`` is the object that it is a field of."""
    makers: dict[str, Maker] = {"nullable": booleans, "type": lambda _: _cerberus_name(type_)}
    makers |= _scalar_rules(type_) | _sized_rules(type_) | _nested_rules(type_, depth)
    if siblings is not None:
        makers["required"] = booleans
        if siblings.name == "object":
            makers |= _sibling_rules(siblings)
    if depth < 2:
        around = siblings if siblings is not None and siblings.name == "object" else None
        makers |= dict.fromkeys(COMBINATIONS, lambda random: some(random, one, 1, 2))

    def one(random: Random) -> dict[str, Any]:
        return {**rules(random, type_, around, depth + 1), "meta": 1}

    return {name: makers[name](random) for name in subset(random, sorted(makers), least)}


def _cerberus_name(type_: Type) -> str:
    return "dict" if type_.name in ("map", "object") else type_.name


def _scalar_rules(type_: Type) -> dict[str, Maker]:
    item = type_.items if type_.name == "list" else type_
    found: dict[str, Maker] = {}
    if item is not None and item.name in _SCALAR_VALUES:
        maker = _SCALAR_VALUES[item.name]
        found |= dict.fromkeys(("allowed", "forbidden"), lambda random: some(random, maker))
        if type_.name == "list":
            found["contains"] = lambda random: some(random, maker, 1, 2)
    if type_.name in ("integer", "number"):
        found |= {"min": numbers, "max": numbers}
    if type_.name == "string":
        found |= {"regex": lambda random: random.choice(PATTERNS), "check_with": lambda _: "is_short"}
    return found


def _sized_rules(type_: Type) -> dict[str, Maker]:
    if type_.name not in ("string", "list", "map"):
        return {}
    return {"empty": booleans, "minlength": lengths, "maxlength": lengths}


def _nested_rules(type_: Type, depth: int) -> dict[str, Maker]:
    if type_.name == "object":
        return {"schema": lambda random: schemas(random, type_, 1)}
    items = type_.items
    if items is None:
        return {}

    def inner(random: Random) -> dict[str, Any]:
        return rules(random, items, None, depth + 1, 1)

    if type_.name == "list":
        return {"schema": inner, "items": lambda random: some(random, inner, 1)}
    return {
        "valuesrules": inner,
        "keysrules": _keys_rules,
        "schema": lambda random: schemas(random, type_, 1),
        "contains": lambda random: some(random, lambda random: random.choice(NAMES), 1, 2),
    }


def _keys_rules(random: Random) -> dict[str, Any]:
    every = {"regex": random.choice(PATTERNS), "maxlength": random.randint(0, 2)}
    return {name: every[name] for name in subset(random, list(every), 1)}


def _sibling_rules(siblings: Type) -> dict[str, Maker]:
    names = sorted(siblings.fields)
    scalars = [name for name in names if siblings.fields[name].type.name in _SCALAR_VALUES]

    def named(random: Random) -> str | list[str]:
        return random.choice(names) if booleans(random) else subset(random, names, 1, 2)

    def dependencies(random: Random) -> str | list[str] | dict[str, list[Any]]:
        if not scalars or random.random() < 0.6:
            return named(random)
        one = random.choice(scalars)
        return {one: some(random, _SCALAR_VALUES[siblings.fields[one].type.name], 1, 2)}

    return {"excludes": named, "dependencies": dependencies}
