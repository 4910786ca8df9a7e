"""``policyengine fields``: what a policy may say about a kind of resource, from the model itself."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from policyengine.commands.tables import table
from policyengine.inputs import inputs
from policyengine.model.kinds import kind as kind_named
from policyengine.model.kinds import kinds
from policyengine.model.listing import below, is_field, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.model.types import Field, Type

_TYPE = 32
_INPUTS = 20
"""The most columns that are given to types and to inputs."""


def kinds_listing(width: int | None = None) -> str:
    """Every kind of resource with its meaning and the inputs that make it."""
    rows = [(kind.name, ", ".join(_origins(kind.name)), kind.meaning) for kind in kinds().values()]
    listed = table(["Kind", "Inputs", "Meaning"], rows, width, [None, _INPUTS])
    return f"{listed}\n\npolicyengine fields KIND lists the fields of one.\n"


def fields(name: str, width: int | None = None) -> str:
    """The fields of a kind: path, type, meaning, and the inputs that supply it where not all do.

    Raises :class:`~policyengine.errors.UsageError` for an unknown kind.
    """
    kind = kind_named(name)
    rows = [(path, _type(field.type), _meaning(field, only)) for path, field, only in _paths(kind.name, kind.fields)]
    listed = table(["Field", "Type", "Meaning"], rows, width, [None, _TYPE])
    title = f"{kind.name}: {kind.meaning}"
    shown = title if width is None else "\n".join(textwrap.wrap(title, width))
    return f"{shown}\nRead from {', '.join(_origins(kind.name))}.\n\n{listed}\n"


def _origins(kind: str) -> list[str]:
    return [origin for origin, reader in inputs().items() if kind in reader.supplies()]


def _paths(kind: str, fields: Mapping[str, Field]) -> Iterator[tuple[str, Field, str]]:
    """Each field with its path, and the inputs that supply it where not all do that make the kind."""
    everywhere = _origins(kind)
    for name, field in fields.items():
        supplying = [origin for origin in everywhere if name in inputs()[origin].supplies()[kind]]
        yield name, field, "" if supplying == everywhere else ", ".join(supplying) or "no input yet"
        yield from ((path, inner, "") for path, inner in below(name, field.type) if is_field(path))


def _type(type_: Type) -> str:
    if type_.items is not None and type_.items.fields:
        return f"{type_.name} of {kind_of(type_.items) or 'objects'}"
    values = (type_.items or type_).values
    named = "object" if type_.name == "object" else str(type_)
    return f"{named}: {', '.join(values)}" if values else named


def _meaning(field: Field, only: str) -> str:
    sensitive = "; sensitive: never shown" if field.sensitive else ""
    return f"{field.meaning}{sensitive}{f' [{only}]' if only else ''}"
