"""Objects of JSON as Go's ``encoding/json`` puts them into structs: https://pkg.go.dev/encoding/json#Unmarshal.

A key is that of a field in whatever case its letters are, and each counts that stands there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Pairs = Iterable[tuple[str, object]]


def decoded(text: str | bytes) -> tuple[object, list[tuple[str, object]]]:
    """A value, and what the object that it is has, whatever stands there twice too.

    Raises :class:`ValueError` and :class:`RecursionError`, as :func:`json.loads` does.
    """
    outermost: list[tuple[str, object]] = []

    def made(pairs: list[tuple[str, object]]) -> dict[str, object]:
        outermost[:] = pairs  # an object is made after those in it
        return dict(pairs)

    value = json.loads(text, object_pairs_hook=made)
    return value, outermost if isinstance(value, dict) else []


def fields(pairs: Pairs, name: str) -> Iterator[tuple[str, object]]:
    """The values of a field, each with its key as it is spelt."""
    folded = name.casefold()
    return ((key, value) for key, value in pairs if key.casefold() == folded)


def string(pairs: Pairs, name: str) -> tuple[str, str] | None:
    """The text of a field, which is the last one that is given, with its key; None where none is."""
    found = [(key, value) for key, value in fields(pairs, name) if isinstance(value, str)]
    return found[-1] if found else None


def entries(pairs: Pairs, name: str) -> dict[str, tuple[str, object]]:
    """The entries of a field that is a mapping, each with the key of the field; of several the entries add up."""
    return {
        inner: (key, entry)
        for key, value in fields(pairs, name)
        if isinstance(value, dict)
        for inner, entry in value.items()
    }
