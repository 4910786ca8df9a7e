"""Ignores that stand in what is judged, and what each speaks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.documents.load import decoded, parsed
from policyengine.errors import DocumentError

if TYPE_CHECKING:
    from policyengine.exceptions.grammar import Ignore
    from policyengine.model.location import Location
    from policyengine.model.report import ExemptionKind, Problem

    Position = tuple[int, int]

_TELLTALE = b"policyengine"
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\0\0")
"""How files in UTF-16 and UTF-32 begin, in which words have other bytes."""


class Mark(Struct, frozen=True):
    """An ignore and what it speaks for: from ``start`` to ``end`` of its file, or all of a live object without these.

    ``live`` says that a running system has it, or had when it was written down: whom it speaks for wrote it.
    ``anchor`` names what that is in a way that stays when lines move: two marks with the same one say the same.
    """

    kind: ExemptionKind
    ignore: Ignore
    place: Location
    anchor: str
    start: Position | None = None
    end: Position | None = None
    live: bool = False

    def covers(self, location: Location) -> bool:
        """Whether it speaks for what is found at a location."""
        if location.path != self.place.path:
            return False
        if self.start is None or self.end is None:
            return True
        return self.start <= (location.line or 1, location.column or 1) <= self.end


class Marks(Struct, frozen=True):
    """The marks of a file or of live objects, and what is wrong with those that make no sense."""

    found: tuple[Mark, ...] = ()
    problems: tuple[Problem, ...] = ()


NONE = Marks()


def marks(path: str, data: bytes) -> Marks:
    """The marks in a file; none in one that cannot be read, which reading it tells."""
    if _TELLTALE not in data and data[:2] not in _WIDE:
        return NONE
    from policyengine.exceptions.comments import comment_marks
    from policyengine.exceptions.declared import declared_marks

    try:
        document = parsed(path, decoded(path, data), partly=True)
    except DocumentError:
        return NONE
    problems: list[Problem] = []
    found = (*comment_marks(document, problems), *declared_marks(document, problems))
    return Marks(found, tuple(problems))
