"""Tables whose last column takes the room that the others leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_NARROWEST = 24
"""Columns that the last one is given even where the terminal has no room for them."""
_BETWEEN = 2
"""Columns between two columns; tabulate adds as many to each header."""


def table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], width: int | None, limits: Sequence[int | None] = ()
) -> str:
    """A table that fits a width, its last column wrapped; without a width nothing is wrapped, as ``grep`` wants it.

    ``limits`` are the most that columns before the last may take.
    """
    from tabulate import tabulate

    if width is None:
        return tabulate(rows, headers, tablefmt="simple")
    limits = [*limits, *[None] * (len(headers) - 1 - len(limits))]
    taken = sum(_taken(headers[column], [row[column] for row in rows], limit) for column, limit in enumerate(limits))
    return tabulate(rows, headers, tablefmt="simple", maxcolwidths=[*limits, max(width - taken, _NARROWEST)])


def _taken(header: str, cells: Sequence[str], limit: int | None) -> int:
    longest = max(map(len, cells), default=0)
    return max(min(longest, limit or longest), len(header) + _BETWEEN) + _BETWEEN
