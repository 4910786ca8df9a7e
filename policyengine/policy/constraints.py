"""The constraint vocabulary as JSON Schema: what each constraint means, applies to and takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from policyengine.model.types import STRING
from policyengine.policy.check import APPLIES, CERBERUS_NAMES, SCALARS
from policyengine.policy.parameters import NAME
from policyengine.policy.predicates import CHECKS, KEYED_CHECKS, KEYED_RULES, LIST_CHECKS, RULES
from policyengine.policy.vocabulary import LOGICAL, SIMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.model.types import Type

    Json = dict[str, Any]

ANY: Json = {"$ref": "#/definitions/constraints"}
"""Constraints on a value of any type."""

_PARAM: Json = {"$ref": "#/definitions/parameter"}
_FLAG: Json = {"type": "boolean"}
_TEXT: Json = {"type": "string"}

_MEANINGS = {
    "empty": "Whether an empty list, map or text may be there.",
    "required": "Whether the value must be there.",
    "nullable": "Whether null may stand in place of the value.",
    "type": "The type of the value; the model has it already.",
    "meta": "Anything that is worth noting.",
    "items": "Constraints for each item of a list, by its position.",
    "schema": "Constraints on the items of a list, the keys of a map, or the fields of an object.",
    "keysrules": "Constraints on every key of a map.",
    "valuesrules": "Constraints on every value of a map.",
    "allof": "All of these constraints hold.",
    "anyof": "At least one of these constraints holds.",
    "noneof": "None of these constraints holds.",
    "oneof": "Exactly one of these constraints holds.",
}
"""Of the constraints that are no functions of their own, or of several rules sets."""


def meaning(name: str) -> str:
    """What a constraint means, in a sentence or two."""
    if name in _MEANINGS:
        return _MEANINGS[name]
    rule = SIMPLE.get(name) or (KEYED_RULES[name][0] if name in KEYED_RULES else RULES[name][0])
    return _first(rule)


def _first(function: object) -> str:
    """The first paragraph of what documents a function."""
    return " ".join((function.__doc__ or "").split("\n\n")[0].replace("``", "`").split())


class Constraints(Struct):
    """The definitions of a schema that constraints on typed values need, by name."""

    _made: dict[str, Json] = field(default_factory=dict)

    def definitions(self) -> dict[str, Json]:
        """All that were asked for, and what they have in common."""
        every = {name: _constraint(name, [ANY] if name in LOGICAL else []) for name in APPLIES}
        param = {"type": "string", "pattern": f"^{NAME}$", "description": "!param NAME: the value of a parameter"}
        return {**self._made, "parameter": param, "constraints": _rules(every)}

    def add(self, name: str, schema: Json) -> Json:
        """Define a schema; what refers to it."""
        self._made[name] = schema
        return {"$ref": f"#/definitions/{name}"}

    def on(self, type_: Type, told: str) -> Json:
        """The constraints on a value of a type, with what the value is."""
        return {"description": told, "allOf": [self._of(type_), *_of_values(type_)]}

    def _of(self, type_: Type) -> Json:
        name = _name(type_)
        if name not in self._made:
            self._made[name] = {}  # it may name itself
            applying = [rule for rule, types in APPLIES.items() if type_.name in types]
            self.add(name, _rules({rule: told for rule in applying if (told := self._rule(rule, type_)) is not None}))
        return {"$ref": f"#/definitions/{name}"}

    def _rule(self, name: str, type_: Type) -> Json | None:
        """A constraint on a value of a type; None where it does not apply."""
        if name in ("items", "schema", "keysrules", "valuesrules"):
            return {"description": meaning(name), **self._inside(name, type_)}
        if name in LOGICAL:
            return _constraint(name, [self._of(type_)])
        arguments = list(_arguments(name, type_))
        return _constraint(name, arguments) if arguments or name == "meta" else None

    def _inside(self, name: str, type_: Type) -> Json:
        """Constraints on what a value holds."""
        inner = self._of(type_.items) if type_.items is not None else ANY
        if name == "keysrules":
            return {"allOf": [self._of(STRING)]}
        if name == "items":
            return {"type": "array", "items": inner}
        if name == "valuesrules" or type_.name == "list":
            return {"allOf": [inner]}
        return {"type": "object", "additionalProperties": inner}


def _name(type_: Type) -> str:
    return f"{type_.name}.{_name(type_.items)}" if type_.items is not None else type_.name


def _rules(rules: Json) -> Json:
    return {"type": "object", "minProperties": 1, "properties": rules, "additionalProperties": False}


def _constraint(name: str, arguments: list[Json]) -> Json:
    """A constraint with what it takes: one of these; an empty list stands for anything."""
    told: Json = {"description": meaning(name)}
    if name in LOGICAL:
        return {**told, "type": "array", "minItems": 1, "items": arguments[0]}
    return {**told, "anyOf": [*arguments, _PARAM]} if arguments else told


def _arguments(name: str, type_: Type) -> Iterator[Json]:
    """What a constraint on a value of a type takes; nothing where it does not apply."""
    of_texts = type_.name != "list" or (type_.items is not None and type_.items.name == "string")
    if name in _SAME:
        yield from _SAME[name]
    elif name == "type":
        wanted = {"const": CERBERUS_NAMES.get(type_.name, type_.name)}
        yield from (wanted, {"type": "array", "contains": wanted})
    elif name in ("allowed", "forbidden", "contains"):
        yield from _values(name, type_)
    elif name == "check_with" and of_texts:
        known = _predicates(LIST_CHECKS if type_.name == "list" else {**CHECKS, **KEYED_CHECKS})
        yield from (known, _listed(known))
    elif (name in RULES or name in KEYED_RULES) and of_texts:
        takes = (KEYED_RULES if name in KEYED_RULES else RULES)[name][1]
        yield _listed(_TEXT) if takes.listed else _TEXT


_LENGTH: Json = {"type": "integer", "minimum": 0}
_OTHERS: tuple[Json, ...] = (_TEXT, {"type": "array", "items": _TEXT})
_SAME: dict[str, tuple[Json, ...]] = {
    **dict.fromkeys(("empty", "required", "nullable"), (_FLAG,)),
    **dict.fromkeys(("min", "max"), ({"type": "number"},)),
    **dict.fromkeys(("minlength", "maxlength"), (_LENGTH,)),
    "regex": (_TEXT,),
    "excludes": _OTHERS,
    "dependencies": (*_OTHERS, {"type": "object"}),
}
"""What constraints take whatever the type of the value."""


def _values(name: str, type_: Type) -> Iterator[Json]:
    """Values, or for ``contains`` one value, of the type of the field or of its items; of a map keys."""
    item = {"map": STRING, "list": type_.items}.get(type_.name, type_)
    if item is not None and item.name in SCALARS:
        one = {"type": item.name}
        yield _listed(one)
        if name == "contains":
            yield one


def _listed(item: Json) -> Json:
    return {"type": "array", "minItems": 1, "items": {"anyOf": [item, _PARAM]}}


def _predicates(checks: Mapping[str, object]) -> Json:
    return {"enum": list(checks), "enumDescriptions": [_first(check) for check in checks.values()]}


def _of_values(type_: Type) -> Iterator[Json]:
    """The closed vocabulary that a field, or an item of it, has."""
    values = (type_.items or type_).values
    if values:
        among = {"items": {"anyOf": [{"enum": list(values)}, _PARAM]}}
        names = ("allowed", "forbidden", "contains") if type_.name == "list" else ("allowed", "forbidden")
        yield {"properties": dict.fromkeys(names, among)}
