"""What is recorded of the comparison: disagreements with their reasons, and checks that have no policy yet.

``disagreements.tsv`` has one row for each: the row of the index, whether the verdict or the line differs, what they
say and what we say, ``intended`` or ``bug``, and the reason in terms of what a user wants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.conformance.comparing import HERE
from tests.conformance.corpora import Key, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.conformance.comparing import Outcome

FILE = HERE / "disagreements.tsv"
COLUMNS = ("tool", "file", "check", "number", "differs", "theirs", "ours", "judgement", "reason")
JUDGEMENTS = ("intended", "bug")


class Difference(NamedTuple):
    """What differs in a row: the ``verdict`` or the ``line``."""

    key: Key
    differs: str


class Recorded(NamedTuple):
    """A difference as it is recorded."""

    theirs: str
    ours: str
    judgement: str
    reason: str


def recorded() -> dict[Difference, Recorded]:
    """The recorded disagreements."""
    return {
        Difference(Key(row["tool"], row["file"], row["check"], int(row["number"])), row["differs"]): Recorded(
            row["theirs"], row["ours"], row["judgement"], row["reason"]
        )
        for row in table(FILE)
    }


def found(outcomes: Iterable[Outcome]) -> dict[Difference, Outcome]:
    """The disagreements among outcomes."""
    differences = {}
    for one in outcomes:
        if not one.agrees:
            differences[Difference(one.row.key, "verdict")] = one
        elif one.place and not one.in_place:
            differences[Difference(one.row.key, "line")] = one
    return differences


def write(differences: Mapping[Difference, Outcome]) -> None:
    """Record disagreements: reasons of those that are recorded stay, new ones are bugs until they are judged."""
    known = recorded()
    lines = ["\t".join(COLUMNS)]
    for difference, one in differences.items():
        judged = known.get(difference, Recorded("", "", "bug", ""))
        told = (one.row.theirs, one.ours, judged.judgement, judged.reason)
        lines.append("\t".join((*map(str, difference.key), difference.differs, *told)))
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
