"""Our verdicts and theirs, row by row.

**Verdict.** Ours is the worst of the policies that go by the row's check, of the findings about the object that the
row names (in the whole file where it names none): ``fail``, ``unknown`` or ``pass``; ``unread`` for a file that is
none of our inputs, ``none`` where no policy goes by the check. A row that fails wants ``fail``. A row that passes
wants that nothing is reported as a violation: ``pass``, or ``unknown``, which says that the file does not tell.
``unread`` and ``none`` agree with nothing.

**Line.** Compared where both fail and the row states a place: one line, or (checkov) the first and last line of an
object. A finding agrees that is on the line or in the object (``same``); that is on the line where something begins
which the stated line is in (``parent``: a finding about what is not written is on the nearest thing around its place);
or that is on an entry of the list or mapping which begins on the stated line (``entry``: a finding is on the value at
fault, and some tools have the key of the list that it is in). Anything else is ``elsewhere``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.conformance.corpora import TOOLS, Key, Row, rows, table
from tests.conformance.judging import Judged, judged, policies_for
from tests.conformance.lines import keyword, parents
from tests.installation import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policyengine.api import Finding

HERE = ROOT / "tests" / "conformance"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a row: our verdict with the lines of violations, nearest to the stated one first."""

    row: Row
    policies: tuple[str, ...]
    verdict: str
    lines: tuple[int, ...] = ()
    place: str | None = None
    """How the nearest line is to the stated one: ``same``, ``parent``, ``entry``, ``elsewhere``.

    None where lines are not compared.
    """

    @property
    def agrees(self) -> bool:
        wanted = ("fail",) if self.row.expected == "fail" else ("pass", "unknown")
        return self.verdict in wanted

    @property
    def in_place(self) -> bool:
        return self.place in ("same", "parent", "entry")

    @property
    def ours(self) -> str:
        """What we say, in short: ``fail at 12``."""
        shown = ", ".join(map(str, self.lines[:3])) + (", ..." if len(self.lines) > 3 else "")
        return f"{self.verdict} at {shown}" if self.lines else self.verdict


def denominator() -> list[Key]:
    """The rows that count, as they were fixed: every one whose check is in the catalogue."""
    return [
        Key(row["tool"], row["file"], row["check"], int(number))
        for row in table(HERE / "rows.tsv")
        for number in range(1, int(row["rows"]) + 1)
    ]


def outcomes(keys: Iterable[Key]) -> list[Outcome]:
    """What came of rows."""
    chosen = [rows()[key] for key in keys]
    found = judged(chosen)
    return [_outcome(row, found.get(row.path)) for row in chosen]


def by_tool(found: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """Outcomes by tool."""
    listed = list(found)
    return {tool: [one for one in listed if one.row.key.tool == tool] for tool in TOOLS}


def _outcome(row: Row, found: Judged | None) -> Outcome:
    policies = policies_for(row)
    if found is None:
        return Outcome(row, policies, "none")
    findings = _about(row, [finding for finding in found.findings if finding.policy in policies])
    failed = [finding for finding in findings if finding.status == "fail"]
    if not failed:
        verdict = "unread" if found.unread else "unknown" if findings else "pass"
        return Outcome(row, policies, verdict)
    ranked = sorted({(_RANKS.index(place), abs(line - _stated(row)), line) for line, place in _places(row, failed)})
    lines = tuple(dict.fromkeys(line for _, _, line in ranked))
    return Outcome(row, policies, "fail", lines, _RANKS[ranked[0][0]] if _has_place(row) else None)


_RANKS = ("same", "parent", "entry", "elsewhere")


def _has_place(row: Row) -> bool:
    return row.lines is not None and row.expected == "fail"


def _stated(row: Row) -> int:
    return row.lines[0] if row.lines else 0


def _places(row: Row, findings: Sequence[Finding]) -> list[tuple[int, str]]:
    return [(line, _place(row, line)) for line in (finding.location.line or 0 for finding in findings)]


def _place(row: Row, line: int) -> str:
    if row.lines is None:
        return "elsewhere"
    first, last = row.lines
    if first <= line <= last:
        return "same"
    dockerfile = row.input == "dockerfile"
    if line in parents(row.path, first, dockerfile=dockerfile):
        return "parent"
    around = parents(row.path, line, dockerfile=dockerfile) - {line}
    return "entry" if around and first == max(around) else "elsewhere"


def _about(row: Row, findings: list[Finding]) -> list[Finding]:
    """The findings about what a row names; those in its lines where nothing goes by the name."""
    if row.named is None:
        return findings
    if row.input == "dockerfile":
        word = row.named.rpartition(".")[2] if row.lines is None else ""
        return [one for one in findings if word in ("", keyword(row.path, one.location.line or 1))]
    named = [finding for finding in findings if _goes_by(finding, row.named)]
    if named or row.lines is None:
        return named
    first, last = row.lines
    return [finding for finding in findings if first <= (finding.location.line or 0) < last]


def _goes_by(finding: Finding, named: str) -> bool:
    """Whether a finding is about ``Deployment.shop.web``, or the Pods of it: ``Pod.shop.web.app-web``."""
    kind, _, name = named.split(".", 2)
    path = f"/{str(finding.resource).lower().replace('_', '')}/"  # service_account/web is their ServiceAccount
    if f"/{kind}/{name}/".lower() in path:
        return True
    return kind == "Pod" and f"/{name.rpartition('.')[0]}/".lower() in path
