"""Values that the input leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


RESOLVE_IMAGE = "--resolve engine or registry"
"""What settles what an image decides."""


class Unknown(Struct, frozen=True):
    """A field's value that the input does not settle. Never a pass and never a violation.

    ``fact`` names what is missing (``image.user``), the same for all resources that miss the same kind of thing,
    so that reports can group by it; ``why`` says why it is missing here; ``settle`` says what would settle it
    (``--resolve engine or registry``), or is None where nothing that policyengine can do would.
    """

    fact: str
    why: str
    settle: str | None = None


class OpenList(list[object]):
    """A list of which only some items are known: there may be more, for the reason that ``unknown`` gives."""

    __slots__ = ("unknown",)

    def __init__(self, items: Iterable[object], unknown: Unknown) -> None:
        super().__init__(items)
        self.unknown = unknown


class OpenMap(dict[str, object]):
    """A map of which only some keys are known: there may be more, for the reason that ``unknown`` gives.

    ``null`` says that what else there is comes from elsewhere (a Secret, an ``env_file``), as null values do.
    """

    __slots__ = ("null", "unknown")

    def __init__(self, items: Mapping[str, object], unknown: Unknown, *, null: bool = False) -> None:
        super().__init__(items)
        self.unknown = unknown
        self.null = null


def first_unknown(value: object) -> Unknown | None:
    """The first Unknown in a value, or what leaves it open; None when all of it is known."""
    waiting = [value]
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, Unknown):
            return item
        if isinstance(item, OpenList | OpenMap):
            return item.unknown
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return None
