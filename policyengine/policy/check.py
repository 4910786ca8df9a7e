"""Checks constraints against the model: a typo or a wrong type is an error when a policy is loaded."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from policyengine.errors import did_you_mean
from policyengine.model.types import STRING, STRINGS
from policyengine.policy.issues import DataPath, Issue
from policyengine.policy.parameters import TypedList, fits, spoken_type
from policyengine.policy.predicates import CHECKS, KEYED_CHECKS, KEYED_RULES, LIST_CHECKS, RULES
from policyengine.policy.vocabulary import LOGICAL, SIMPLE, compiled_regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.model.types import Type

SCALARS = ("boolean", "integer", "number", "string")
_SIZED = ("string", "list", "map")
_ANY = (*SCALARS, "list", "map", "object")

APPLIES: Mapping[str, tuple[str, ...]] = {
    "allowed": (*SCALARS, "list"),
    "forbidden": (*SCALARS, "list"),
    "contains": ("list", "map"),
    "regex": ("string",),
    "min": ("integer", "number"),
    "max": ("integer", "number"),
    "minlength": _SIZED,
    "maxlength": _SIZED,
    "empty": _SIZED,
    "required": _ANY,
    "nullable": _ANY,
    "type": _ANY,
    "meta": _ANY,
    "items": ("list",),
    "schema": ("list", "map", "object"),
    "keysrules": ("map",),
    "valuesrules": ("map",),
    "dependencies": _ANY,
    "excludes": _ANY,
    "check_with": ("string", "list"),
    **dict.fromkeys(LOGICAL, _ANY),
    **dict.fromkeys(RULES, ("string", "list")),
    **dict.fromkeys(KEYED_RULES, ("string",)),
}
"""The types of field that each rule applies to."""

assert APPLIES.keys() >= {*SIMPLE, *LOGICAL, *RULES, *KEYED_RULES}  # noqa: S101 - a rule that is compiled must be checked

CERBERUS_NAMES = {"map": "dict", "object": "dict"}


class Place(Struct, frozen=True):
    """Where rules stand: their path in the policy, and what the value is to what is around it.

    ``siblings`` is the object that the value is a field of; ``member`` tells a field, or a key of a map, that may be
    missing, from what is there by being looked at; ``map_value`` is one of all values of a map.
    """

    path: DataPath
    siblings: Type | None = None
    map_value: bool = False
    member: bool = False

    def below(self, step: str | int, *, member: bool = False) -> Place:
        """A place further down, for the same value."""
        return Place((*self.path, step), self.siblings, self.map_value, member)


def rules_issues(rules: object, type_: Type, place: Place) -> Iterator[Issue]:
    """What is wrong with the constraints on a value of a type."""
    if not isinstance(rules, dict):
        yield Issue(place.path, "constraints are a mapping of rules: {allowed: [...]}")
        return
    if not rules:
        yield Issue(place.path, "no constraint is given", "required: true asks only that the field is there")
    for name, argument in rules.items():
        at = place.below(name, member=place.member)
        if name not in APPLIES:
            hint = did_you_mean(name, APPLIES) or _applying(type_)
            yield Issue(at.path, f'unknown constraint "{name}"', hint, at_key=True)
        elif type_.name not in APPLIES[name]:
            yield Issue(at.path, _inapplicable(name, type_), _instead(name, type_), at_key=True)
        else:
            yield from _CHECKS.get(name, _no_issue)(name, argument, type_, at)


def _inapplicable(name: str, type_: Type) -> str:
    return f"{name} does not apply to {spoken_type(type_)}"


def _applying(type_: Type) -> str:
    return f"constraints of {spoken_type(type_)}: " + ", ".join(
        name for name, types in APPLIES.items() if type_.name in types and name != "meta"
    )


def _instead(name: str, type_: Type) -> str:
    if type_.name == "map":
        return "use keysrules or valuesrules, or write {} after the field"
    if type_.name == "object":
        return "constrain its fields: write one after the field, with a dot"
    if type_.name == "list":
        return "constrain the items: write [] after the field"
    if type_.name == "string" and name in ("min", "max"):
        return "use minlength or maxlength, or regex"
    return _applying(type_)


def _no_issue(_name: str, _argument: object, _type: Type, _place: Place) -> Iterator[Issue]:
    return iter(())


def _values(name: str, argument: object, type_: Type, place: Place) -> Iterator[Issue]:
    item = type_.items if type_.name == "list" else type_
    if item is None or item.name not in SCALARS:
        hint = "constrain the fields of the items" if type_.name == "list" else "name one of its fields"
        yield Issue(place.path, _inapplicable(name, type_), hint, at_key=True)
    elif not isinstance(argument, list):
        yield Issue(place.path, f"{name} takes a list of {item.name} values", f"write [{_spoken(argument)}]")
    elif not argument and not isinstance(argument, TypedList):
        yield Issue(place.path, f"{name} takes at least one value")
    elif isinstance(argument, TypedList) and not _suits(argument.items, item):
        message = f"the parameter is a list of {argument.items}, and the field is {spoken_type(type_)}"
        yield Issue(place.path, message)
    else:
        for index, value in enumerate(argument):
            yield from _value(value, item, type_, (*place.path, index))


def _value(value: object, wanted: Type, field: Type, at: DataPath) -> Iterator[Issue]:
    if not fits(value, wanted):
        message = f"{_spoken(value)} is no {wanted.name}, and the field is {spoken_type(field)}"
        yield Issue(at, message, _as_type(value, wanted))
    elif wanted.values and value not in wanted.values:
        hint = did_you_mean(str(value), wanted.values) or f"one of {', '.join(wanted.values)}"
        yield Issue(at, f"{_spoken(value)} is no value of the field", hint)


def value_issues(value: object, type_: Type, at: DataPath) -> Iterator[Issue]:
    """What is wrong with a value that a field of a type is to have."""
    if type_.name == "list" and isinstance(value, list) and type_.items is not None:
        for index, item in enumerate(value):
            yield from _value(item, type_.items, type_, (*at, index))
    else:
        yield from _value(value, type_, type_, at)


def _suits(given: Type, wanted: Type) -> bool:
    return given.name == wanted.name or (given.name, wanted.name) == ("integer", "number")


def _as_type(value: object, type_: Type) -> str | None:
    """How to write a value so that it has a type."""
    if value is None:
        return "nullable: true allows null"
    if type_.name == "string" and isinstance(value, bool | int | float):
        return "write it in quotes"
    if type_.name == "boolean":
        return "write true or false"
    numeric = type_.name in ("integer", "number") and isinstance(value, str) and value.isdigit()
    return "write it without quotes" if numeric else None


def _contains(name: str, argument: object, type_: Type, place: Place) -> Iterator[Issue]:
    if type_.name == "map":
        type_ = STRINGS  # its keys
    if isinstance(argument, list):
        yield from _values(name, argument, type_, place)
    elif type_.items is not None and type_.items.name in SCALARS:
        yield from _value(argument, type_.items, type_, place.path)
    else:
        yield from _values(name, [], type_, place)


def _number(name: str, argument: object, type_: Type, place: Place) -> Iterator[Issue]:
    if isinstance(argument, bool) or not isinstance(argument, int | float):
        message = f"{name} takes a number, not {_spoken(argument)}; the field is {spoken_type(type_)}"
        yield Issue(place.path, message, _as_type(argument, type_))
    elif isinstance(argument, float) and not isfinite(argument):
        yield Issue(place.path, f"{name} takes a finite number")


def _length(name: str, argument: object, _type: Type, place: Place) -> Iterator[Issue]:
    if isinstance(argument, bool) or not isinstance(argument, int) or argument < 0:
        yield Issue(place.path, f"{name} takes a length, not {_spoken(argument)}")


def _flag(name: str, argument: object, _type: Type, place: Place) -> Iterator[Issue]:
    if not isinstance(argument, bool):
        yield Issue(place.path, f"{name} takes true or false, not {_spoken(argument)}")
    elif name == "required" and not place.member:
        hint = "minlength: 1 asks for items; in anyof and its like, write required beside them"
        yield Issue(place.path, "required stands on a field, or on a key of a map", hint, at_key=True)


def _regex(_name: str, argument: object, _type: Type, place: Place) -> Iterator[Issue]:
    if not isinstance(argument, str):
        yield Issue(place.path, f"regex takes a pattern, not {_spoken(argument)}")
        return
    try:
        compiled_regex(argument)
    except ValueError as error:
        hint = "regular expressions are RE2: no look-around and no back-references; they match the whole text"
        yield Issue(place.path, f"bad regex: {error}", hint)


def _type_rule(_name: str, argument: object, type_: Type, place: Place) -> Iterator[Issue]:
    wanted = CERBERUS_NAMES.get(type_.name, type_.name)
    if wanted not in (argument if isinstance(argument, list) else [argument]):
        yield Issue(place.path, f"the field is {spoken_type(type_)}", f"its type is {wanted}")


def _check_with(name: str, argument: object, type_: Type, place: Place) -> Iterator[Issue]:
    if type_.name == "list" and (type_.items is None or type_.items.name != "string"):
        yield Issue(place.path, _inapplicable(name, type_), _instead(name, type_), at_key=True)
        return
    checks = argument if isinstance(argument, list) else [argument]
    if not checks:
        yield Issue(place.path, "check_with takes at least one predicate")
    for index, check in enumerate(checks):
        at = (*place.path, index) if isinstance(argument, list) else place.path
        yield from _predicate(check, at, type_, place)


def _predicate(check: object, at: DataPath, type_: Type, place: Place) -> Iterator[Issue]:
    """What is wrong with one predicate that ``check_with`` names."""
    listed = type_.name == "list"
    known = list(LIST_CHECKS) if listed else [*CHECKS, *(KEYED_CHECKS if place.map_value else ())]
    if not isinstance(check, str):
        yield Issue(at, "check_with takes names of predicates", f"predicates here: {', '.join(known)}")
    elif check in LIST_CHECKS and not listed:
        yield Issue(at, f"{check} looks at a whole list: it stands on the list, without []")
    elif check in CHECKS and listed:
        yield Issue(at, f"{check} looks at one value", _instead("check_with", type_))
    elif check in KEYED_CHECKS and not place.map_value:
        yield Issue(at, f"{check} looks at the key too: it stands on the values of a map, after {{}}")
    elif check in RULES:
        yield Issue(at, f"{check} takes an argument", f"it is a constraint: {check}: {RULES[check][1].example}")
    elif check not in known:
        hint = did_you_mean(check, [*known, *RULES]) or f"predicates here: {', '.join(known)}"
        yield Issue(at, f'unknown predicate "{check}"', hint)


def _named(name: str, argument: object, type_: Type, place: Place) -> Iterator[Issue]:
    takes = KEYED_RULES[name][1] if name in KEYED_RULES else RULES[name][1]
    if name in KEYED_RULES and not place.map_value:
        yield Issue(
            place.path, f"{name} looks at the key too: it stands on the values of a map, after {{}}", at_key=True
        )
        return
    if type_.name == "list" and (type_.items is None or type_.items.name != "string"):
        yield Issue(place.path, _inapplicable(name, type_), _instead(name, type_), at_key=True)
        return
    values = argument if takes.listed else [argument]
    typed = not isinstance(argument, TypedList) or argument.items.name == "string"
    if not isinstance(values, list) or not typed or not all(isinstance(value, str) for value in values):
        what = "a list of strings" if takes.listed else "a string"
        yield Issue(place.path, f"{name} takes {what}", f"for example {name}: {takes.example}")
        return
    if not values and not isinstance(argument, TypedList):
        yield Issue(place.path, f"{name} takes at least one value", f"for example {name}: {takes.example}")
    for index, value in enumerate(values):
        if not takes.valid(value):
            at = (*place.path, index) if takes.listed else place.path
            yield Issue(at, f'{name} cannot use "{value[:60]}"', f"for example {name}: {takes.example}")


def _definitions(name: str, argument: object, type_: Type, place: Place) -> Iterator[Issue]:
    if not isinstance(argument, list) or not argument:
        yield Issue(place.path, f"{name} takes a list of constraints")
        return
    for index, rules in enumerate(argument):
        yield from rules_issues(rules, type_, place.below(index))


def _items(_name: str, argument: object, type_: Type, place: Place) -> Iterator[Issue]:
    if not isinstance(argument, list) or type_.items is None:
        yield Issue(place.path, "items takes a list of constraints, one for each item")
        return
    for index, rules in enumerate(argument):
        yield from rules_issues(rules, type_.items, Place((*place.path, index)))


def _below(name: str, argument: object, type_: Type, place: Place) -> Iterator[Issue]:
    """keysrules, valuesrules, and the schema of a list, a map or an object."""
    if not isinstance(argument, dict):
        yield Issue(place.path, f"{name} takes a mapping")
    elif name == "keysrules":
        yield from rules_issues(argument, STRING, Place(place.path))
    elif name == "valuesrules" or type_.name == "list":
        assert type_.items is not None  # noqa: S101 - lists and maps have a type of items
        yield from rules_issues(argument, type_.items, Place(place.path, map_value=name == "valuesrules"))
    else:
        yield from _fields(argument, type_, place)


def _fields(argument: Mapping[str, object], type_: Type, place: Place) -> Iterator[Issue]:
    for name, rules in argument.items():
        at = (*place.path, name)
        field = type_.fields.get(name)
        if type_.name == "map" and type_.items is not None:
            yield from rules_issues(rules, type_.items, Place(at, member=True))
        elif field is None:
            yield Issue(at, f'unknown field "{name}"', _near(name, type_), at_key=True)
        else:
            yield from rules_issues(rules, field.type, Place(at, type_, member=True))


def _near(name: str, type_: Type) -> str | None:
    known = ", ".join(type_.fields)
    return did_you_mean(name, type_.fields) or (f"fields here: {known}" if known else None)


def _siblings(name: str, argument: object, _type: Type, place: Place) -> Iterator[Issue]:
    if place.siblings is None:
        yield Issue(place.path, f"{name} speaks of other fields of an object: it stands on a field", at_key=True)
    elif isinstance(argument, dict):
        if name == "excludes":
            yield Issue(place.path, "excludes takes a field or a list of fields")
            return
        for other, values in argument.items():
            yield from _dependency(other, values, place.siblings, place.below(other))
    else:
        for index, other in enumerate(argument if isinstance(argument, list) else [argument]):
            at = place.below(index) if isinstance(argument, list) else place
            yield from _sibling(other, place.siblings, at)[1]


def _dependency(other: str, values: object, siblings: Type, place: Place) -> Iterator[Issue]:
    """A field that must have one of some values."""
    type_, issues = _sibling(other, siblings, place, at_key=True)
    yield from issues
    if type_ is not None and not issues:
        yield from _values("dependencies", values if isinstance(values, list) else [values], type_, place)


def _sibling(path: object, siblings: Type, place: Place, *, at_key: bool = False) -> tuple[Type | None, list[Issue]]:
    """The type of another field of the same object, or what is wrong with its name."""
    at: Type | None = siblings
    if not isinstance(path, str):
        return None, [Issue(place.path, "the name of a field stands here", _near("", siblings))]
    for step in path.split("."):
        fields = at.fields if at is not None else {}
        if step not in fields:
            hint = _near(step, at) if at is not None else None
            return None, [Issue(place.path, f'unknown field "{path}"', hint, at_key=at_key)]
        at = fields[step].type
    return at, []


def _spoken(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else str(value)


_CHECKS: Mapping[str, Callable[[str, Any, Type, Place], Iterator[Issue]]] = {
    "allowed": _values,
    "forbidden": _values,
    "contains": _contains,
    "min": _number,
    "max": _number,
    "minlength": _length,
    "maxlength": _length,
    "empty": _flag,
    "required": _flag,
    "nullable": _flag,
    "type": _type_rule,
    "regex": _regex,
    "check_with": _check_with,
    "items": _items,
    "schema": _below,
    "keysrules": _below,
    "valuesrules": _below,
    "dependencies": _siblings,
    "excludes": _siblings,
    **dict.fromkeys(LOGICAL, _definitions),
    **dict.fromkeys((*RULES, *KEYED_RULES), _named),
}
