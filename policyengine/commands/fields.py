"""``policyengine fields``: what a policy may say about a kind of resource, from the model itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs import inputs
from policyengine.model.kinds import kind as kind_named
from policyengine.model.kinds import kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.model.types import Field, Type

_WIDTHS = [None, 24, 34, 60]

MAX_DEPTH = 4
"""How deep fields of related kinds are followed."""


def kinds_listing() -> str:
    """Every kind of resource with its meaning and the inputs that make it."""
    from tabulate import tabulate

    rows = [(kind.name, ", ".join(_origins(kind.name)), kind.meaning) for kind in kinds().values()]
    return tabulate(rows, headers=["Kind", "Inputs", "Meaning"], tablefmt="simple", maxcolwidths=[None, 40, 70]) + "\n"


def fields(name: str) -> str:
    """The fields of a kind: path, type, the inputs that supply it, meaning.

    Raises :class:`~policyengine.errors.UsageError` for an unknown kind.
    """
    from tabulate import tabulate

    kind = kind_named(name)
    rows = [
        (path, str(field.type) if not _nests(field.type) else _short(field.type), supplying, _meaning(field))
        for path, field, supplying in _paths(kind.name, kind.fields)
    ]
    table = tabulate(rows, headers=["Field", "Type", "Inputs", "Meaning"], tablefmt="simple", maxcolwidths=_WIDTHS)
    return f"{kind.name}: {kind.meaning}\n\n{table}\n"


def _origins(kind: str) -> list[str]:
    return [origin for origin, reader in inputs().items() if kind in reader.SUPPLIES]


def _paths(kind: str, fields: Mapping[str, Field]) -> Iterator[tuple[str, Field, str]]:
    everywhere = _origins(kind)
    for name, field in fields.items():
        supplying = [origin for origin in everywhere if name in inputs()[origin].SUPPLIES[kind]]
        shown = "all" if supplying == everywhere and len(everywhere) > 1 else ", ".join(supplying) or "-"
        yield name, field, shown
        yield from ((path, below, "") for path, below in _below(name, field.type, 1))


def _below(path: str, type_: Type, depth: int) -> Iterator[tuple[str, Field]]:
    while type_.name in ("list", "map") and type_.items is not None:
        path += "[]" if type_.name == "list" else "{}"
        type_ = type_.items
    if depth < MAX_DEPTH:
        for name, field in type_.fields.items():
            yield f"{path}.{name}", field
            yield from _below(f"{path}.{name}", field.type, depth + 1)


def _nests(type_: Type) -> bool:
    return type_.name == "object" or (type_.items is not None and _nests(type_.items))


def _short(type_: Type) -> str:
    return "object" if type_.name == "object" else f"{type_.name} of objects"


def _meaning(field: Field) -> str:
    return f"{field.meaning} (sensitive: never shown)" if field.sensitive else field.meaning
