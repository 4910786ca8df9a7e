"""The recorded disagreements: ``disagreements.tsv``, one line for each row, with the reason why we say otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.conformance.corpora import table
from tests.conformance.overlays.covered import HERE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.conformance.overlays.judging import Outcome

FILE = HERE / "disagreements.tsv"
COLUMNS = ("family", "id", "expected", "ours", "reason")


class Recorded(NamedTuple):
    """A disagreement: what the benchmark says of a row, what we say, and the reason; empty until it is judged."""

    family: str
    id: str
    expected: str
    ours: str
    reason: str

    @property
    def said(self) -> tuple[str, str, str, str]:
        """What the row is and what is said of it, without the reason."""
        return self[:4]


def recorded() -> dict[tuple[str, str], Recorded]:
    """The recorded disagreements by family and row."""
    return {(line["family"], line["id"]): Recorded(*(line[name] for name in COLUMNS)) for line in table(FILE)}


def found(outcomes: Iterable[Outcome], known: Mapping[tuple[str, str], Recorded]) -> list[Recorded]:
    """The disagreements among outcomes of rules that have policies, with the reasons that are known."""
    listed = []
    for one in outcomes:
        if one.policies and not one.agrees:
            key = (one.row.family, one.row.id)
            reason = known[key].reason if key in known else ""
            listed.append(Recorded(*key, one.row.expected, one.verdict, reason))
    return sorted(listed)


def write(outcomes: Iterable[Outcome]) -> None:
    """Record which of the outcomes disagree, and forget those that do no more; reasons stay."""
    listed = list(outcomes)
    known = recorded()
    judged = {(one.row.family, one.row.id) for one in listed}
    kept = [one for key, one in known.items() if key not in judged]
    lines = ["\t".join(one) for one in (COLUMNS, *sorted([*kept, *found(listed, known)]))]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
