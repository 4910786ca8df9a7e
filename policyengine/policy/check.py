"""Checks constraints against the model: a typo or a wrong type is an error when a policy is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from policyengine.errors import did_you_mean
from policyengine.policy.issues import DataPath, Issue
from policyengine.policy.parameters import fits
from policyengine.policy.predicates import CHECKS, KEYED_CHECKS, RULES
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
    "check_with": ("string",),
    **dict.fromkeys(LOGICAL, _ANY),
    **dict.fromkeys(RULES, ("string", "list")),
}
"""The types of field that each rule applies to."""

assert APPLIES.keys() >= {*SIMPLE, *LOGICAL, *RULES}  # noqa: S101 - a rule that is compiled must be checked

_CERBERUS_NAMES = {"map": "dict", "object": "dict"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where rules stand: their path in the policy, and what the value is to what is around it."""

    path: DataPath
    siblings: Type | None = None
    map_value: bool = False

    def below(self, *steps: str | int) -> Place:
        """A place further down, for the same value."""
        return Place((*self.path, *steps), self.siblings, self.map_value)


def rules_issues(rules: object, type_: Type, place: Place) -> Iterator[Issue]:
    """What is wrong with the constraints on a value of a type."""
    if not isinstance(rules, dict):
        yield Issue(place.path, "constraints are a mapping of rules: {allowed: [...]}")
        return
    if not rules:
        yield Issue(place.path, "no constraint is given")
    for name, argument in rules.items():
        at = place.below(name)
        if name not in APPLIES:
            yield Issue(at.path, f'unknown constraint "{name}"', did_you_mean(name, APPLIES), at_key=True)
        elif type_.name not in APPLIES[name]:
            yield Issue(at.path, f"{name} does not apply to a {type_}", _instead(name, type_), at_key=True)
        else:
            yield from _CHECKS.get(name, _no_issue)(name, argument, type_, at)


def _instead(name: str, type_: Type) -> str | None:
    if type_.name == "map":
        return "use keysrules, valuesrules or {}"
    if type_.name == "list" and name in ("regex", "check_with", "min", "max"):
        return "constrain the items: write [] after the field"
    if type_.name == "string" and name in ("min", "max"):
        return "use minlength or maxlength, or regex"
    return None


def _no_issue(_name: str, _argument: object, _type: Type, _place: Place) -> Iterator[Issue]:
    return iter(())


def _values(name: str, argument: object, type_: Type, place: Place) -> Iterator[Issue]:
    item = type_.items if type_.name == "list" else type_
    if item is None or item.name not in SCALARS:
        yield Issue(place.path, f"{name} does not apply to a {type_}", "constrain the items' fields", at_key=True)
        return
    if not isinstance(argument, list):
        yield Issue(place.path, f"{name} takes a list of {item} values")
        return
    for index, value in enumerate(argument):
        if not fits(value, item):
            yield Issue((*place.path, index), f"{_spoken(value)} is no {item}, and the field is a {type_}")


def _contains(name: str, argument: object, type_: Type, place: Place) -> Iterator[Issue]:
    from policyengine.model.types import STRING, list_of

    items = argument if isinstance(argument, list) else [argument]
    if not items:
        yield Issue(place.path, "contains takes at least one value")
    yield from _values(name, items, list_of(STRING) if type_.name == "map" else type_, place)


def _number(name: str, argument: object, type_: Type, place: Place) -> Iterator[Issue]:
    if isinstance(argument, bool) or not isinstance(argument, int | float):
        yield Issue(place.path, f"{name} takes a number, not {_spoken(argument)}; the field is a {type_}")


def _length(name: str, argument: object, _type: Type, place: Place) -> Iterator[Issue]:
    if isinstance(argument, bool) or not isinstance(argument, int) or argument < 0:
        yield Issue(place.path, f"{name} takes a length, not {_spoken(argument)}")


def _flag(name: str, argument: object, _type: Type, place: Place) -> Iterator[Issue]:
    if not isinstance(argument, bool):
        yield Issue(place.path, f"{name} takes true or false, not {_spoken(argument)}")


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
    wanted = _CERBERUS_NAMES.get(type_.name, type_.name)
    if wanted not in (argument if isinstance(argument, list) else [argument]):
        yield Issue(place.path, f"the field is a {type_}: its type is {wanted}")


def _check_with(_name: str, argument: object, _type: Type, place: Place) -> Iterator[Issue]:
    known = {**CHECKS, **(KEYED_CHECKS if place.map_value else {})}
    for check in argument if isinstance(argument, list) else [argument]:
        if check in KEYED_CHECKS and not place.map_value:
            yield Issue(place.path, f"{check} looks at the key too: it stands on the values of a map, after {{}}")
        elif check not in known:
            hint = did_you_mean(str(check), known) or f"predicates here: {', '.join(known)}"
            yield Issue(place.path, f'unknown predicate "{check}"', hint)


def _named(name: str, argument: object, type_: Type, place: Place) -> Iterator[Issue]:
    takes = RULES[name][1]
    if type_.name == "list" and (type_.items is None or type_.items.name != "string"):
        yield Issue(place.path, f"{name} does not apply to a {type_}", at_key=True)
        return
    values = argument if takes.listed else [argument]
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        yield Issue(place.path, f"{name} takes {'a list of strings' if takes.listed else 'a string'}", takes.example)
        return
    for value in values:
        if not takes.valid(value):
            yield Issue(place.path, f'{name} cannot use "{value}"', f"for example {takes.example}")


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
    from policyengine.model.types import STRING

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
            yield from rules_issues(rules, type_.items, Place(at))
        elif field is None:
            yield Issue(at, f'unknown field "{name}"', did_you_mean(name, type_.fields), at_key=True)
        else:
            yield from rules_issues(rules, field.type, Place(at, type_))


def _siblings(name: str, argument: object, _type: Type, place: Place) -> Iterator[Issue]:
    if place.siblings is None:
        yield Issue(place.path, f"{name} speaks of other fields of an object: it stands on a field", at_key=True)
        return
    mapped = isinstance(argument, dict) and name == "dependencies"
    names = list(argument) if isinstance(argument, dict | list) else [argument]
    if isinstance(argument, dict) and not mapped:
        yield Issue(place.path, "excludes takes a field or a list of fields")
        return
    for other in names:
        yield from _sibling(str(other), place.siblings, place)


def _sibling(path: str, siblings: Type, place: Place) -> Iterator[Issue]:
    at: Type | None = siblings
    for step in path.split("."):
        fields = at.fields if at is not None else {}
        if step not in fields:
            yield Issue(place.path, f'unknown field "{path}"', did_you_mean(step, fields))
            return
        at = fields[step].type


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
    **dict.fromkeys(RULES, _named),
}
