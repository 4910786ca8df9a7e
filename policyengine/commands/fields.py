"""``policyengine fields``: what a policy may say about a kind of resource, from the model itself."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from policyengine.inputs import inputs
from policyengine.model.kinds import kind as kind_named
from policyengine.model.kinds import kinds
from policyengine.terminal import WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.model.types import Field, Type

MAX_DEPTH = 4
"""How deep fields of related kinds are followed."""

_TYPE = 32
_INPUTS = 20
_NARROWEST = 30
"""Columns that meanings are given even where the terminal has no room for them."""


def kinds_listing(width: int | None = None) -> str:
    """Every kind of resource with its meaning and the inputs that make it."""
    rows = [(kind.name, ", ".join(_origins(kind.name)), kind.meaning) for kind in kinds().values()]
    table = _table(["Kind", "Inputs", "Meaning"], rows, [None, _INPUTS], width)
    return f"{table}\n\npolicyengine fields KIND lists the fields of one.\n"


def fields(name: str, width: int | None = None) -> str:
    """The fields of a kind: path, type, meaning, and the inputs that supply it where not all do.

    Raises :class:`~policyengine.errors.UsageError` for an unknown kind.
    """
    kind = kind_named(name)
    rows = [(path, _type(field.type), _meaning(field, only)) for path, field, only in _paths(kind.name, kind.fields)]
    table = _table(["Field", "Type", "Meaning"], rows, [None, _TYPE], width)
    title = "\n".join(textwrap.wrap(f"{kind.name}: {kind.meaning}", width or WIDTH))
    return f"{title}\nRead from {', '.join(_origins(kind.name))}.\n\n{table}\n"


def _table(headers: list[str], rows: Sequence[tuple[str, ...]], widths: list[int | None], width: int | None) -> str:
    """A table whose last column takes the room that the others leave; without a width nothing is wrapped."""
    from tabulate import tabulate

    if width is None:
        return tabulate(rows, headers, tablefmt="simple")
    longest = [max(len(row[column]) for row in [headers, *rows]) for column in range(len(widths))]
    taken = sum(min(size, limit or size) + 2 for size, limit in zip(longest, widths, strict=True))
    return tabulate(rows, headers, tablefmt="simple", maxcolwidths=[*widths, max(width - taken, _NARROWEST)])


def _origins(kind: str) -> list[str]:
    return [origin for origin, reader in inputs().items() if kind in reader.SUPPLIES]


def _paths(kind: str, fields: Mapping[str, Field]) -> Iterator[tuple[str, Field, str]]:
    """Each field with its path, and the inputs that supply it where not all do that make the kind."""
    everywhere = _origins(kind)
    for name, field in fields.items():
        supplying = [origin for origin in everywhere if name in inputs()[origin].SUPPLIES[kind]]
        yield name, field, "" if supplying == everywhere else ", ".join(supplying) or "no input yet"
        yield from ((path, below, "") for path, below in _below(name, field.type, 1))


def _below(path: str, type_: Type, depth: int) -> Iterator[tuple[str, Field]]:
    while type_.name in ("list", "map") and type_.items is not None:
        path += "[]" if type_.name == "list" else "{}"
        type_ = type_.items
    if depth < MAX_DEPTH and _kind_of(type_) is None:
        for name, field in type_.fields.items():
            yield f"{path}.{name}", field
            yield from _below(f"{path}.{name}", field.type, depth + 1)


def _kind_of(type_: Type) -> str | None:
    """The kind of resource that an object is; it has a listing of its own."""
    return next((kind.name for kind in kinds().values() if kind.fields is type_.fields), None)


def _type(type_: Type) -> str:
    if type_.items is not None and type_.items.fields:
        return f"{type_.name} of {_kind_of(type_.items) or 'objects'}"
    return "object" if type_.name == "object" else str(type_)


def _meaning(field: Field, only: str) -> str:
    sensitive = "; sensitive: never shown" if field.sensitive else ""
    return f"{field.meaning}{sensitive}{f' [{only}]' if only else ''}"
