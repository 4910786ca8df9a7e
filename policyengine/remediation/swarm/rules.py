"""How changes of the model's fields are made in the specification of a service: the kinds of rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.errors import RemedyError
from policyengine.remediation.changes import AddItems, RemoveField, SetField
from policyengine.remediation.swarm.spec import Spec, part, seen

if TYPE_CHECKING:
    from policyengine.remediation.changes import FieldChange


class Given(Struct, frozen=True):
    """What the making of a change depends on: the API's version, and the names that the host's network goes by."""

    api: tuple[int, int]
    host_network: frozenset[str] = frozenset({"host"})


Convert = Callable[[object], object]


class Rule(Struct, frozen=True):
    """How a field is changed. ``make`` changes a specification; raises :class:`RemedyError` where it cannot.

    ``items`` are the items of a field that is a list, each by what makes it that item and no other. ``since`` is the
    version of the API that has it.
    """

    make: Callable[[Spec, FieldChange, Given], None]
    items: Callable[[Spec], list[object]] | None = None
    since: tuple[int, int] = (1, 25)


def as_it_is(value: object) -> object:
    """A value that both call the same."""
    return value


def nanoseconds(value: object) -> object:
    """Seconds, as the API counts them."""
    return round(float(str(value)) * 1_000_000_000)


def scalar(*where: str, convert: Convert = as_it_is, since: tuple[int, int] = (1, 25)) -> Rule:
    """A field that is one value, at a place of its own."""

    def make(spec: Spec, change: FieldChange, _: Given) -> None:
        if isinstance(change, AddItems):
            raise RemedyError(f"{change.path[0]} is no list")
        if len(change.path) > 1:
            raise RemedyError(f"{change.path[0]} is changed as a whole")
        if isinstance(change, RemoveField):
            part(spec, *where[:-1]).pop(where[-1], None)
        else:
            part(spec, *where[:-1])[where[-1]] = convert(change.value)

    return Rule(make, since=since)


def listing(
    *where: str, written: Convert = as_it_is, read: Convert = as_it_is, since: tuple[int, int] = (1, 25)
) -> Rule:
    """A field that is a list of texts, at a place of its own. ``written`` spells an item as the API does."""

    def items(spec: Spec) -> list[object]:
        found = seen(spec, *where)
        return [read(item) for item in found] if isinstance(found, list) else []

    def make(spec: Spec, change: FieldChange, _: Given) -> None:
        there = seen(spec, *where)
        entries: list[object] = list(there) if isinstance(there, list) else []
        part(spec, *where[:-1])[where[-1]] = _changed_list(entries, items(spec), change, written)

    return Rule(make, items, since)


def _changed_list(entries: list[object], items: list[object], change: FieldChange, written: Convert) -> list[object]:
    if isinstance(change, AddItems):
        return [*entries, *(written(item) for item in change.items if item not in items)]
    if len(change.path) == 1:
        value = change.value if isinstance(change, SetField) else None
        return [written(item) for item in value] if isinstance(value, list) else []
    index = position(change, entries)
    changed = [written(change.value)] if isinstance(change, SetField) else []
    return [*entries[:index], *changed, *entries[index + 1 :]]


def position(change: FieldChange, entries: list[object]) -> int:
    """Which item a change is about. Raises :class:`RemedyError` where there is no such item."""
    index = change.path[1] if len(change.path) > 1 else None
    if not isinstance(index, int) or index >= len(entries):
        raise RemedyError(f"{change.path[0]} has no such item")
    return index


def mapping(*where: str, convert: Convert = as_it_is, since: tuple[int, int] = (1, 25)) -> Rule:
    """A field that is a mapping, at a place of its own."""

    def make(spec: Spec, change: FieldChange, _: Given) -> None:
        if isinstance(change, AddItems):
            raise RemedyError(f"{change.path[0]} is no list")
        if len(change.path) == 1:
            value = change.value if isinstance(change, SetField) else {}
            entries = value.items() if isinstance(value, dict) else ()
            part(spec, *where[:-1])[where[-1]] = {key: convert(item) for key, item in entries}
        elif isinstance(change, SetField):
            part(spec, *where)[str(change.path[1])] = convert(change.value)
        else:
            part(spec, *where).pop(str(change.path[1]), None)

    return Rule(make, since=since)
