"""The field paths of a kind, as policies write them, each with its field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.kinds import kinds
from policyengine.model.types import Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.model.types import Type

MAX_DEPTH = 4
"""How deep fields of related kinds are followed."""


def below(path: str, type_: Type, depth: int = 1) -> Iterator[tuple[str, Field]]:
    """What is below a field: items of lists (``ports[]``), values of maps (``labels{}``), and fields of objects.

    Related kinds of resources are not followed: they have fields of their own.
    """
    while type_.name in ("list", "map") and type_.items is not None:
        what = f"each item of {path}" if type_.name == "list" else f"each value of {path}"
        path += "[]" if type_.name == "list" else "{}"
        type_ = type_.items
        yield path, Field(type_, what)
    if depth < MAX_DEPTH and kind_of(type_) is None:
        for name, field in type_.fields.items():
            yield f"{path}.{name}", field
            yield from below(f"{path}.{name}", field.type, depth + 1)


def is_field(path: str) -> bool:
    """Whether a path names a field, and not what a list or a map holds."""
    return not path.endswith(("[]", "{}"))


def kind_of(type_: Type) -> str | None:
    """The kind of resource that an object is; it has a listing of its own."""
    return next((kind.name for kind in kinds().values() if kind.fields is type_.fields), None)
