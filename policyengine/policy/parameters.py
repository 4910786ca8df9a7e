"""Parameters: what a policy leaves to settings, declared with a type and a default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from policyengine.errors import UsageError, did_you_mean
from policyengine.model.types import BOOLEAN, INTEGER, NUMBER, STRING, Type, list_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SCALARS: Mapping[str, Type] = {"boolean": BOOLEAN, "integer": INTEGER, "number": NUMBER, "string": STRING}


NAME = r"[a-z][a-z0-9_]*"
"""What the name of a parameter looks like."""


class Param(Struct, frozen=True):
    """``!param name`` in a policy: stands for the parameter's value."""

    name: str


class Parameter(Struct, frozen=True):
    """A declared parameter. ``allowed``: the only values that it, or an item of it, may have; empty for any."""

    name: str
    type: Type
    default: Any
    help: str
    allowed: tuple[Any, ...] = ()


def parameter(name: str, data: Mapping[str, Any]) -> Parameter:
    """A parameter from its declaration in a policy file, whose shape was checked."""
    type_ = list_of(SCALARS[data.get("items", "string")]) if data["type"] == "list" else SCALARS[data["type"]]
    return Parameter(name, type_, data["default"], data["help"], tuple(data.get("allowed") or ()))


class Misfit(NamedTuple):
    """What is wrong with a value, to stand after the name of what it is given to; ``hint`` says what would be right."""

    message: str
    hint: str | None = None


def misfit(value: object, declared: Parameter) -> Misfit | None:
    """What is wrong with a value for a parameter; None where it has its type and is allowed."""
    if not fits(value, declared.type):
        return Misfit(f"should be {spoken_type(declared.type)}")
    for item in value if isinstance(value, list) else [value]:
        if declared.allowed and item not in declared.allowed:
            choices = [spelled(one) for one in declared.allowed]
            hint = did_you_mean(spelled(item), choices) or f"one of {', '.join(choices)}"
            return Misfit(f'may not be "{spelled(item)}"', hint)
    return None


def spelled(value: object) -> str:
    """A scalar as policy files and settings have it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def fits(value: object, type_: Type) -> bool:
    """Whether a value from a policy file or from settings has a type."""
    if type_.name == "list":
        return isinstance(value, list) and all(fits(item, type_.items or STRING) for item in value)
    if isinstance(value, bool):
        return type_.name == "boolean"
    wanted = _CLASSES.get(type_.name)
    return wanted is not None and isinstance(value, wanted)


_CLASSES: Mapping[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "number": (int, float)}


def spoken_type(type_: Type) -> str:
    """A type with its article: ``an integer``, ``a list of string``."""
    return f"{'an' if str(type_)[0] in 'aeiou' else 'a'} {type_}"


class TypedList(list[Any]):
    """The default of a list parameter, which has a type of items even when it is empty."""

    def __init__(self, values: list[Any], items: Type) -> None:
        super().__init__(values)
        self.items = items


def specimen(declared: Parameter) -> object:
    """What stands for a parameter when its policy is checked: the default, with its type."""
    if declared.type.items is None:
        return declared.default
    return TypedList(declared.default, declared.type.items)


def substituted(data: object, values: Mapping[str, object]) -> Any:
    """``data`` with each ``!param`` replaced by its value."""
    if isinstance(data, Param):
        return values[data.name]
    if isinstance(data, dict):
        return {key: substituted(item, values) for key, item in data.items()}
    if isinstance(data, list):
        return [substituted(item, values) for item in data]
    return data


def parameter_values(
    policy: str, declared: Mapping[str, Parameter], given: Mapping[str, object]
) -> Mapping[str, object]:
    """Each parameter's value: the given one, else its default.

    Raises :class:`UsageError` for a value that is given to an undeclared parameter, has another type or is not allowed.
    """
    for name, value in given.items():
        if name not in declared:
            hint = did_you_mean(name, declared) or "policyengine explain lists a policy's parameters"
            raise UsageError(f'policy "{policy}" has no parameter "{name}"', hint=hint)
        if wrong := misfit(value, declared[name]):
            raise UsageError(f'parameter "{policy}.{name}" {wrong.message}', hint=wrong.hint)
    return {name: given.get(name, parameter.default) for name, parameter in declared.items()}
