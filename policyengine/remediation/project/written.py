"""Changes of what runs as changes of what the files say: the same fields, at the places that they have there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import EditError
from policyengine.remediation.changes import AddItems, RemoveField, SetField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.paths import FieldPath
    from policyengine.remediation.changes import FieldChange

_PORT = ("target", "published", "protocol")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - what is compared
_EMPTY: tuple[object, ...] = (None, False, "", [], {})


def written(change: FieldChange, live: Mapping[str, object], said: Mapping[str, object]) -> list[FieldChange]:
    """The changes of a service as its files say it that make a change of its containers.

    An item of a list is found by what it is, for engines and files tell them in other orders. Raises
    :class:`EditError` where the files do not say what runs.
    """
    if isinstance(change, AddItems) or is_new_mount(change, live):
        return [change]
    if len(change.path) > 1 and isinstance(change.path[1], int):
        return _of_items(change, live, said)
    there, runs = _at(said, change.path), _at(live, change.path)
    if not _same(there, runs):
        raise EditError("the Compose file says otherwise than what runs")
    return [] if isinstance(change, RemoveField) and there in _EMPTY else [change]


def is_new_mount(change: FieldChange, live: Mapping[str, object]) -> bool:
    """Whether a change is of a mount that is not there: behind the last one."""
    return isinstance(change, SetField) and change.path[:1] == ("volumes",) and _at(live, change.path[:2]) is None


def _of_items(
    change: SetField | RemoveField, live: Mapping[str, object], said: Mapping[str, object]
) -> list[FieldChange]:
    field, index = change.path[:2]
    item = _at(live, (field, index))
    theirs = said.get(str(field))
    found = [at for at, other in enumerate(theirs) if _is(other, item)] if isinstance(theirs, list) else []
    if not found:
        raise EditError("what runs is not what the Compose file says")
    paths: list[FieldPath] = [(field, at, *change.path[2:]) for at in found]
    if isinstance(change, SetField):
        return [SetField(path, change.value) for path in paths]
    return [RemoveField(path) for path in paths]


def _is(written_item: object, item: object) -> bool:
    """Whether an item of a file is one that runs. The address of a port need not be written; a mount is known by its
    target, for an engine has other names of volumes and directories.
    """
    if not isinstance(written_item, dict) or not isinstance(item, dict):
        return written_item == item
    if "protocol" in item:
        same = all(str(written_item.get(key, "")) == str(item.get(key, "")) for key in _PORT)
        theirs, ours = written_item.get("host_ip"), item.get("host_ip")
        return same and (theirs == ours or (theirs in _EVERYWHERE and ours in _EVERYWHERE))
    return "target" in item and written_item.get("target") == item["target"]


def _same(one: object, other: object) -> bool:
    return one == other or (one in _EMPTY and other in _EMPTY)


def _at(facts: object, path: FieldPath) -> object:
    value = facts
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def fulfils(change: FieldChange, before: Mapping[str, object], after: Mapping[str, object]) -> bool:
    """Whether a service is, after an edit, what a change of it was to make it."""
    if is_new_mount(change, before):
        there = after.get("volumes")
        return isinstance(there, list) and any(_has(one, change.value) for one in there)  # type: ignore[union-attr]
    if isinstance(change, SetField):
        return _at(after, change.path) == change.value
    if isinstance(change, AddItems):
        there = _at(after, change.path)
        return isinstance(there, list) and all(item in there for item in change.items)
    if isinstance(change.path[-1], int):
        there = _at(after, change.path[:-1])
        return not isinstance(there, list) or _at(before, change.path) not in there
    return _at(after, change.path) != _at(before, change.path)


def _has(item: object, parts: object) -> bool:
    return isinstance(item, dict) and isinstance(parts, dict) and parts.items() <= item.items()
