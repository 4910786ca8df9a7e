"""A line of a file as it may be shown, and where in it stands what it is shown for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from policyengine.model.masking import MASK

if TYPE_CHECKING:
    from policyengine.model.location import Location


class SourceLine(NamedTuple):
    """A line with its secrets masked, and the columns in it of what it is shown for, 1-based, the end exclusive.

    There is no ``end_column`` where that goes on to the end of the line, and no ``column`` where it is the whole line.
    """

    text: str
    column: int | None = None
    end_column: int | None = None


def source_line(line: str, shown: str, location: Location) -> SourceLine:
    """The line where a location starts; ``shown`` is the same with its secrets masked.

    A mask is as long as it is whatever it stands for, so that what follows one stands elsewhere than in the file.
    """
    column = location.column
    end = location.end_column if location.end_line == location.line else None
    if line != shown:
        hidden = _hidden(line, shown)
        column = column and 1 + _moved(column - 1, hidden, inside=0)
        end = end and 1 + _moved(end - 1, hidden, inside=len(MASK))
    return SourceLine(shown, column, end)


def _hidden(line: str, shown: str) -> list[tuple[int, int]]:
    """What stretches of a line the masks stand for: each ends where what follows its mask is next found."""
    found: list[tuple[int, int]] = []
    first, *others = shown.split(MASK)
    at = len(first)
    for number, piece in enumerate(others, 1):
        end = line.find(piece, at) if number < len(others) else max(at, len(line) - len(piece))
        if end < at:
            break
        found.append((at, end))
        at = end + len(piece)
    return found


def _moved(index: int, hidden: list[tuple[int, int]], *, inside: int) -> int:
    """Where an index into a line is in what is shown of it; one into what is hidden is so far into the mask."""
    moved = index
    for start, end in hidden:
        if index <= start:
            break
        if index < end:
            return moved - (index - start) + inside
        moved += len(MASK) - (end - start)
    return moved
