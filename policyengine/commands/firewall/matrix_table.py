"""A matrix as a table: who reaches whom, a row for all that reach the same on the same ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.commands.firewall.groups import groups, shortened
from policyengine.commands.firewall.merging import merged
from policyengine.commands.firewall.ports import words
from policyengine.commands.tables import table
from policyengine.model.masking import concealed
from policyengine.outputs.style import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.commands.firewall.matrix import Matrix
    from policyengine.commands.firewall.merging import Row

HEADERS = ("From", "To", "Reaches on", "May reach on")
_WIDEST = 36
"""Columns that names are given on a terminal, at most."""


def render(matrices: Sequence[Matrix], width: int | None) -> Iterator[str]:
    """A table for each matrix, under its network's name where there are several; without a width, whole names."""
    for number, made in enumerate(matrices):
        heading = f"{visible(made.network)}\n\n" if len(matrices) > 1 else ""
        yield f"{chr(10) if number else ''}{heading}{_table(made, width)}"


def _table(made: Matrix, width: int | None) -> str:
    rows = [_cells(row, width) for row in merged(_rows(made))]
    decided = f"decided by {visible(concealed(made.rules))}\n" if made.rules else ""
    told = "".join(f"not known: {visible(concealed(why))}\n" for why in made.why)
    if not rows:
        return f"nobody reaches anybody\n{decided}{told}"
    shown = 4 if any(row[3] for row in rows) else 3
    limits = [_WIDEST, _WIDEST, None][: shown - 1]
    text = table(HEADERS[:shown], [row[:shown] for row in rows], width, limits)
    return f"{text}\n\n{decided}{told}" if decided or told else f"{text}\n"


def _rows(made: Matrix) -> Iterator[Row[tuple[str, str]]]:
    found = groups(made)
    for source in found:
        for target in found:
            pair = target.reached_from(source)
            flows = made.between(*pair) if pair else None
            if flows and (flows.allowed or flows.unknown):
                yield source.names, target.names, (words(flows.allowed), words(flows.unknown))


def _cells(row: Row[tuple[str, str]], width: int | None) -> list[str]:
    sources, targets, told = row
    sides = (shortened(names) if width is not None else ", ".join(names) for names in (sources, targets))
    return [*map(visible, sides), *told]
