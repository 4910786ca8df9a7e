"""How the model's types and values look to CEL.

A field that may be absent is declared with a CEL wrapper type: it is its value or null, and still has a type that
the expression is checked against. Objects are maps to CEL; :mod:`policyengine.policy.cel.keys` checks their
keys. Values are bound only after they were found to be what the model says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from policyengine.errors import EvaluationError
from policyengine.model.types import Type
from policyengine.model.unknown import OpenList, OpenMap, Unknown
from policyengine.policy.parameters import spoken_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.model.types import Field, Kind

PARAMETERS = "params"
"""The variable that holds the policy's parameters."""

RESERVED = frozenset(
    (
        *("as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop"),
        *("null", "namespace", "package", "return", "true", "var", "void", "while"),
    )
)
"""Words that CEL does not allow as variables: such a field is written ``__namespace__``, as Kubernetes does."""

Shape = tuple[Any, ...]
"""A CEL type as a value that can be compared and hashed."""


class UnknownValueError(Exception):
    """A value is unknown, or something inside it is."""


def variable(field: str) -> str:
    """The CEL variable that stands for a field."""
    return f"__{field}__" if field in RESERVED else field


def merged_fields(kinds: Sequence[Kind]) -> tuple[dict[str, Type], dict[str, tuple[str, str]]]:
    """The fields of all kinds, and those left out since two kinds (named) give them different types."""
    fields: dict[str, Type] = {}
    owners: dict[str, str] = {}
    conflicts: dict[str, tuple[str, str]] = {}
    for kind in kinds:
        for name, field in kind.fields.items():
            merged = _merged(fields[name], field.type) if name in fields else field.type
            if merged is None:
                conflicts[name] = (owners[name], kind.name)
            else:
                fields[name] = merged
                owners.setdefault(name, kind.name)
    return {name: type_ for name, type_ in fields.items() if name not in conflicts}, conflicts


def _merged(one: Type, other: Type) -> Type | None:
    """The type of what is of either type; None when nothing is. Objects have the fields of both."""
    if one.name != other.name:
        return None
    items = _merged(one.items, other.items) if one.items and other.items else None
    if one.items and items is None:
        return None
    fields: dict[str, Field] = {**one.fields}
    for name, field in other.fields.items():
        below = _merged(fields[name].type, field.type) if name in fields else field.type
        if below is None:
            return None
        fields[name] = replace(field, type=below)
    values = tuple(dict.fromkeys((*one.values, *other.values))) if one.values and other.values else ()
    return Type(one.name, items, fields, one.nullable or other.nullable, values)


def shape(type_: Type) -> Shape:
    """The CEL type of a field, which may be absent."""
    return ("wrapper", type_.name) if type_.name in _SCALARS else _inner(type_)


def _inner(type_: Type) -> Shape:
    if type_.name in _SCALARS:
        return ("wrapper", type_.name) if type_.nullable else (type_.name,)
    if type_.name == "object" or type_.items is None:
        return ("map", ("dyn",))
    return (type_.name, _inner(type_.items))


_SCALARS = {"boolean": "Bool", "integer": "Int64", "number": "Double", "string": "String"}


def cel_type(of: Shape) -> Any:
    """The library's type of a shape."""
    from cel_expr_python import cel

    match of:
        case ("wrapper", name):
            return cel.Type(f"google.protobuf.{_SCALARS[name]}Value")
        case ("list", items):
            return cel.Type.List(cel_type(items))
        case ("map", items):
            return cel.Type.Map(cel.Type.STRING, cel_type(items))
    plain = {"boolean": cel.Type.BOOL, "integer": cel.Type.INT, "number": cel.Type.DOUBLE, "string": cel.Type.STRING}
    return plain.get(of[0], cel.Type.DYN)


def bound(value: object, type_: Type, path: str, keys: frozenset[str] | None = None) -> object:
    """A field's value as CEL is given it: of the types that the library knows, and as the model declares it.

    What is absent is null, an empty list or an empty map. Of an object only ``keys`` are given, when there are some
    named. Raises :class:`UnknownValueError` when any part of it is unknown, :class:`EvaluationError` when the value
    is not of the model's type or cannot be given to CEL whole; its text holds no value.
    """
    if value is None:
        return None if type_.name in _SCALARS else [] if type_.name == "list" else {}
    if isinstance(value, Unknown):
        raise UnknownValueError
    if isinstance(value, OpenList | OpenMap):
        raise UnknownValueError
    if type_.name == "list" and isinstance(value, list | tuple) and type_.items:
        if type_.items.name == "string":
            return [item if _is_plain(item) else _item(item, type_.items, path) for item in value]
        return [_item(item, type_.items, path) for item in value]
    if type_.name == "map" and isinstance(value, dict) and type_.items:
        return {_string(key, path): _item(item, type_.items, path) for key, item in value.items()}
    if type_.name == "object" and isinstance(value, dict):
        return _object(value, type_, path, keys)
    return _scalar(value, type_, path)


def _is_plain(value: object) -> bool:
    """Whether a value is certainly a string that can be given to CEL as it is."""
    return type(value) is str and value.isascii() and "\0" not in value


def _item(value: object, type_: Type, path: str) -> object:
    if value is None and not type_.nullable:
        raise EvaluationError(f"an item of {path} is null where {type_} is declared")
    return bound(value, type_, path)


def _object(value: Mapping[str, object], type_: Type, path: str, keys: frozenset[str] | None) -> object:
    return {
        key: bound(item, type_.fields[key].type, f"{path}.{key}")
        for key, item in value.items()
        if key in type_.fields
        and (keys is None or key in keys)
        and (item is not None or type_.fields[key].type.nullable)
    }


def _scalar(value: object, type_: Type, path: str) -> object:
    name = type_.name
    if name == "string" and isinstance(value, str):
        return _string(value, path)
    if name == "boolean" and isinstance(value, bool):
        return value
    if name == "integer" and isinstance(value, int) and not isinstance(value, bool):
        return _integer(value, path)
    if name == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value, path)
    raise EvaluationError(f"{path} is not {spoken_type(type_)}")


def _string(value: str, path: str) -> str:
    """A plain string. The library ends strings at NUL and dies of surrogates, so such ones never reach it."""
    if "\0" in value:
        raise EvaluationError(f"{path} holds a NUL character")
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        raise EvaluationError(f"{path} holds half of a surrogate pair")
    return value if type(value) is str else str(value)


def _integer(value: int, path: str) -> int:
    if not -(2**63) <= value < 2**63:
        raise EvaluationError(f"{path} is an integer of more than 64 bits")
    return int(value)


def _number(value: float, path: str) -> float:
    try:
        return float(value)
    except OverflowError:
        raise EvaluationError(f"{path} is too large a number") from None
