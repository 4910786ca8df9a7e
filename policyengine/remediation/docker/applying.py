"""Changes of parts of a field, made in its value in the words of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policyengine.errors import RemedyError
from policyengine.remediation.changes import AddItems, RemoveField, SetField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.model.paths import FieldPath
    from policyengine.remediation.changes import FieldChange


def applied(value: object, changes: Sequence[FieldChange]) -> object:
    """The value of a field after the changes of it and of what is in it; None for no value.

    Positions are those before all changes. What is set comes first, then what goes, then what is added.
    """
    found = _copied(value)
    for change in changes:
        if isinstance(change, SetField):
            found = _set(found, change.path[1:], _copied(change.value), change.path)
    for change in sorted((one for one in changes if isinstance(one, RemoveField)), key=_backwards):
        found = _removed(found, change.path[1:])
    for change in changes:
        if isinstance(change, AddItems):
            found = _added(found, change.path[1:], change)
    return found


def _copied(value: Any) -> Any:
    """Plain lists and maps, whatever a reader made them of."""
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list | tuple) else value


def _set(value: Any, steps: FieldPath, new: object, path: FieldPath) -> Any:
    if not steps:
        return new
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        items = at(value, step, path)
        items[step] = _set(items[step], rest, new, path)
        return items
    found = value if isinstance(value, dict) else {}
    return {**found, step: _set(found.get(step), rest, new, path)}


def at(value: Any, position: int, path: FieldPath) -> list[Any]:
    """The list that has an item at a position. Raises :class:`RemedyError` where there is none of its own."""
    if not isinstance(value, list) or position >= len(value):
        raise RemedyError(f"it has no {path[0]}[{position}] of its own", hint="what the engine gives all is not its")
    return value


def _removed(value: Any, steps: FieldPath) -> Any:
    """Without a part; what is not there is gone already."""
    if not steps:
        return None
    step, rest = steps[0], steps[1:]
    there = isinstance(step, int) and isinstance(value, list) and step < len(value)
    if not there and not (isinstance(value, dict) and step in value):
        return value
    left = _removed(value[step], rest) if rest else None
    if left is None:
        del value[step]
    else:
        value[step] = left
    return value or None


def _backwards(change: RemoveField) -> tuple[tuple[int, str], ...]:
    """Items from the last to the first."""
    return tuple((-step, "") if isinstance(step, int) else (0, step) for step in change.path)


def _added(value: Any, steps: FieldPath, change: AddItems) -> Any:
    if steps and isinstance(steps[0], int):
        items = at(value, steps[0], change.path)
        items[steps[0]] = _added(items[steps[0]], steps[1:], change)
        return items
    if steps:
        found = value if isinstance(value, dict) else {}
        return {**found, steps[0]: _added(found.get(steps[0]), steps[1:], change)}
    listed = value if isinstance(value, list) else []
    return [*listed, *(item for item in dict.fromkeys(change.items) if item not in listed)]
