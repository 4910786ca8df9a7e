"""The source line of a finding and the carets under its value, fitted to the room there is."""

from __future__ import annotations

import unicodedata
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from policyengine.outputs.style import visible_character

if TYPE_CHECKING:
    from policyengine.model.source_line import SourceLine

_TAB = 4
_ELLIPSIS = "…"
_NARROWEST = 16
"""Cells that a source line is given even where the terminal has no room for them."""


class Excerpt(Struct, frozen=True):
    """A line of source as it is shown, and where its carets begin and how many they are, in cells."""

    text: str
    offset: int
    carets: int


def excerpt(line: SourceLine, width: int) -> Excerpt:
    """Fit a source line to ``width`` cells, so that what it is shown for stays in sight.

    A value that goes on for more lines has its carets up to the end of its first. Tabs are expanded, wide characters
    take two cells, what is not printable is written as an escape. The work is bounded by ``width``, not by the line.
    """
    fitted = _fitted(line, width)
    text = fitted.head + "".join(shown for shown, _ in fitted.cells) + fitted.tail
    offset = len(fitted.head) + _width(fitted.cells[: fitted.begin])
    return Excerpt(text, offset, max(1, _width(fitted.cells[fitted.begin : fitted.stop])))


def marked(line: SourceLine, width: int) -> tuple[str, str, str]:
    """Fit a source line as :func:`excerpt` does, in three: what is before the value, the value, what is after it.

    The value is empty where the line has no column.
    """
    text = line.text
    if len(text) <= width and text.isascii() and text.isprintable():  # as nearly all are: nothing has to be fitted
        start, end = _span(text, line) if line.column is not None else (0, 0)
        return text[:start], text[start:end], text[end:]
    fitted = _fitted(line, width)
    shown = [shown for shown, _ in fitted.cells]
    begin, stop = (fitted.begin, fitted.stop) if line.column is not None else (0, 0)
    return fitted.head + "".join(shown[:begin]), "".join(shown[begin:stop]), "".join(shown[stop:]) + fitted.tail


class _Fitted(NamedTuple):
    """The cells of a line that are shown, which of them are the value's, and what stands for those that are not."""

    cells: list[tuple[str, int]]
    begin: int
    stop: int
    head: str
    tail: str


def _fitted(line: SourceLine, width: int) -> _Fitted:
    text = line.text.rstrip("\r\n")
    width = max(width, _NARROWEST)
    start, end = _span(text, line)
    low, high = max(0, start - 2 * width), min(len(text), start + 2 * width)
    cells = _cells(text[low:high])
    begin, stop = start - low, max(min(end, high), start) - low
    first, last = _window(cells, begin, stop, width, whole=high - low == len(text))
    head = _ELLIPSIS if first + low > 0 else ""
    tail = _ELLIPSIS if last + low < len(text) else ""
    return _Fitted(cells[first:last], begin - first, max(min(stop, last), begin) - first, head, tail)


def _span(text: str, line: SourceLine) -> tuple[int, int]:
    start = min((line.column or 1) - 1, len(text))
    end = len(text.rstrip()) if line.end_column is None else line.end_column - 1
    return start, min(max(end, start + 1), len(text))


def _cells(text: str) -> list[tuple[str, int]]:
    if text.isascii() and text.isprintable():
        return [(character, 1) for character in text]
    cells: list[tuple[str, int]] = []
    column = 0
    for character in text:
        shown = " " * (_TAB - column % _TAB) if character == "\t" else visible_character(character)
        room = _room(shown)
        cells.append((shown, room))
        column += room
    return cells


def _room(shown: str) -> int:
    if len(shown) > 1 or shown.isascii():
        return len(shown)
    if unicodedata.category(shown) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(shown) in ("W", "F") else 1


def _width(cells: list[tuple[str, int]]) -> int:
    return sum(room for _, room in cells)


def _window(cells: list[tuple[str, int]], begin: int, stop: int, width: int, *, whole: bool) -> tuple[int, int]:
    """Which cells to show: the whole line, its beginning, or what is around the value; in this order of liking."""
    if whole and _width(cells) <= width:
        return 0, len(cells)
    if whole and _width(cells[:stop]) < width:
        return 0, _fitting(cells, width - 1)
    after = min(_width(cells[stop:]), width // 4)
    before = max(width - 2 - _width(cells[begin:stop]) - after, width // 4)
    first = begin - _fitting(cells[:begin][::-1], before)
    return first, first + _fitting(cells[first:], width - 2)


def _fitting(cells: list[tuple[str, int]], room: int) -> int:
    return sum(1 for used in accumulate(room for _, room in cells) if used <= room)
