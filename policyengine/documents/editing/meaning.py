"""Edits, and what a file's values are to be after them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from policyengine.documents.document import DocPath  # noqa: TC001 - msgspec reads the annotations
from policyengine.documents.scalars import Integer, Number
from policyengine.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Set(Struct, frozen=True):
    """Give the value at ``path`` another ``value``; mappings that are not there yet are made."""

    path: DocPath
    value: object


class Append(Struct, frozen=True):
    """Add an item, ``value``, to the end of the sequence at ``path``; one that is not there yet is made."""

    path: DocPath
    value: object


class Remove(Struct, frozen=True):
    """Take away the key or the item at ``path``."""

    path: DocPath


Edit = Set | Append | Remove


def unshared(value: object) -> Any:
    """A copy of a value in which nothing that aliases stand for is the same thing twice."""
    if isinstance(value, dict):
        return {key: unshared(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unshared(item) for item in value]
    return value


def meant(values: Sequence[object], edit: Edit) -> list[object]:
    """A stream's values after an edit. Raises :class:`EditError` where there is nothing that it could be made to."""
    after: list[object] = unshared(list(values))
    if len(edit.path) < 2:
        raise EditError("a whole document is not edited")
    if isinstance(edit, Remove):
        _removed(_reached(after, edit.path[:-1]), edit.path[-1])
    elif isinstance(edit, Set):
        _put(_made(after, edit.path[:-1]), edit.path[-1], unshared(edit.value))
    else:
        _appended(_made(after, edit.path[:-1]), edit.path[-1], unshared(edit.value))
    return after


def _reached(value: Any, path: DocPath) -> Any:
    for step in path:
        value = _below(value, step)
    return value


def _below(value: Any, step: Any) -> Any:
    if not isinstance(value, dict | list):
        raise EditError(f"there is no {_spoken(step)}")
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        raise EditError(f"there is no {_spoken(step)}") from None


def _made(value: Any, path: DocPath) -> Any:
    """The value at a path, mappings made where there is nothing on the way."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str) and value.get(step) is None:
            value[step] = {}
        value = _below(value, step)
    return value


def _put(into: Any, step: str | int, value: object) -> None:
    if isinstance(into, dict) and isinstance(step, str):
        into[step] = value
    else:
        _below(into, step)
        into[step] = value


def _appended(into: Any, step: str | int, value: object) -> None:
    if isinstance(into, dict) and isinstance(step, str) and into.get(step) is None:
        into[step] = [value]
        return
    items = _below(into, step)
    if not isinstance(items, list):
        raise EditError(f"{_spoken(step)} is no sequence")
    items.append(value)


def _removed(into: Any, step: str | int) -> None:
    _below(into, step)
    del into[step]


def _spoken(step: str | int) -> str:
    return f"item {step}" if isinstance(step, int) else f"key {step}"


def same(one: object, other: object) -> bool:
    """Whether two values are the same to every reader: of one type, written numbers with one spelling."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Integer | Number) and isinstance(other, Integer | Number):
        return one.text == other.text
    return type(one) is type(other) and (one == other or repr(one) == repr(other))
