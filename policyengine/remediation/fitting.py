"""Whether changes make sense of what they are about: a plan may come from anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from policyengine.model.types import STRING
from policyengine.policy.parameters import spoken_type
from policyengine.remediation.changes import AddItems, RemoveField, SetField

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.model.paths import FieldPath
    from policyengine.model.types import Name, Type
    from policyengine.remediation.changes import FieldChange

_SCALARS: Mapping[Name, Callable[[object], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
}


def misfit(change: FieldChange, type_: Type) -> str | None:
    """What is wrong with a change of a resource whose facts are of a type; None where nothing is.

    Values are not told: they may be secrets.
    """
    found = _at(change.path, type_)
    if found is None:
        return "there is no such field"
    if isinstance(change, SetField):
        return None if fits(change.value, found) else f"its value is to be {spoken_type(found)}"
    if isinstance(change, AddItems):
        return (
            None
            if found.name == "list" and found.items in (STRING, None)
            else f"it is {spoken_type(found)}, and no list of texts"
        )
    if isinstance(change, RemoveField):
        return None
    assert_never(change)


def _at(path: FieldPath, type_: Type) -> Type | None:
    """The type of what is at a path; None where there can be nothing."""
    found: Type | None = type_
    for step in path:
        found = _below(found, step) if found is not None else None
    return found


def _below(type_: Type, step: str | int) -> Type | None:
    if isinstance(step, int):
        return type_.items if type_.name == "list" and step >= 0 else None
    if type_.name == "map":
        return type_.items
    field = type_.fields.get(step)
    return field.type if field else None


def fits(value: object, type_: Type) -> bool:
    """Whether a value is of a type; of an object some fields may be left out."""
    if value is None:
        return type_.nullable
    if type_.name in _SCALARS:
        return _SCALARS[type_.name](value)
    if type_.name == "list":
        return isinstance(value, list) and all(type_.items is None or fits(item, type_.items) for item in value)
    return isinstance(value, dict) and all(_entries(value, type_))


def _entries(value: Mapping[str, object], type_: Type) -> Iterator[bool]:
    for key, item in value.items():
        found = _below(type_, key)
        yield found is not None and fits(item, found)
