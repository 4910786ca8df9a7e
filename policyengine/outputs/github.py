"""``github``: workflow commands of GitHub Actions, which put each finding beside its line in a pull request.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message. Commands are
written to standard output, one a line. What reads them: https://github.com/actions/runner, ``ActionCommand.cs``.
Of a step GitHub shows ten errors, ten warnings and ten notices beside the code, the first ones: so the worst come
first. All of them are in the log.
"""

from __future__ import annotations

from collections import Counter
from heapq import merge
from operator import itemgetter
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from policyengine.model.location import is_file
from policyengine.outputs.notes import notes
from policyengine.outputs.options import DEFAULT, RenderOptions, word
from policyengine.outputs.order import ranked, severity_rank
from policyengine.outputs.places import from_repository, last_line
from policyengine.outputs.style import visible
from policyengine.outputs.summary import joined, plural, summary
from policyengine.outputs.unknowns import are_left_out, missing_facts, missing_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policyengine.model.location import Location
    from policyengine.model.report import Finding, Report
    from policyengine.outputs.unknowns import Missing

Level = Literal["error", "warning", "notice"]
Rank = tuple[int, ...]

_LEVELS: tuple[Level, ...] = ("error", "warning", "notice")
_SHOWN = 10
"""Annotations of a level that GitHub shows of a step: ``_maxIssueCount`` in the runner's ``ExecutionContext.cs``."""

_NOTED = ("witness", "path", "related", "expired")
"""What is said of a finding beside its message."""

_PROBLEM: Rank = (0, 0, 1)
_NOTICE: Rank = (1, 5)
_UNKNOWN: Rank = (1, 6)
"""Level, severity, and what comes later of both: what could not be judged comes after critical violations."""


class _Told(Struct, frozen=True):
    """What a command says: a title and lines of text."""

    title: str
    lines: tuple[str, ...]
    at: Location | None = None


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield a command for each violation, error, problem and notice, and one for each missing fact; then the summary.

    An error is what makes the run fail, a warning a violation that does not and is at least of medium severity, a
    notice a lesser one. Missing facts and notices of exceptions are warnings; unknowns are left out when the run
    ignores them. What is waived or passed is told by the summary only. ``quiet`` leaves out notices and the summary.
    """
    moved = from_repository()
    counts: Counter[Level] = Counter()
    for rank, told in merge(_findings(report), _others(report, options), key=itemgetter(0)):
        level = _LEVELS[rank[0]]
        counts[level] += 1
        yield _command(level, told, moved)
    if not options.quiet:
        yield f"{summary(report)}\n{_limits(counts)}"


def _findings(report: Report) -> Iterator[tuple[Rank, _Told]]:
    def rank(finding: Finding) -> Rank | None:
        return _rank(finding, report)

    return ((found, _finding(finding)) for found, finding in ranked(report.findings, rank))


def _rank(finding: Finding, report: Report) -> Rank | None:
    severity = severity_rank(finding)
    if finding.status == "error":
        return _PROBLEM
    if report.blocks(finding):
        return 0, severity
    if finding.status != "fail":
        return None
    return (1 if finding.severity in ("critical", "high", "medium") else 2), severity


def _finding(finding: Finding) -> _Told:
    lines = (f"{finding.message}{missing_text(finding)}", *_noted(finding), *_remedy(finding))
    return _Told(f"{word(finding)}: {finding.policy}", tuple(filter(None, lines)), finding.location)


def _noted(finding: Finding) -> list[str]:
    return [f"{label}: {text}" for label, text in notes(finding) if label in _NOTED]


def _remedy(finding: Finding) -> list[str]:
    return (finding.remedy or "").strip().split("\n")


def _others(report: Report, options: RenderOptions) -> Iterator[tuple[Rank, _Told]]:
    """What is no finding, and unknowns that do not make the run fail, in the order of their ranks."""
    for problem in report.problems:
        yield _PROBLEM, _Told("error", (problem.message,), problem.location)
    for notice in () if options.quiet else report.notices:
        yield _NOTICE, _Told(f"exception is {notice.kind}", (notice.message,), notice.location)
    if not are_left_out(report, options):
        for missing in missing_facts(
            finding for finding in report.findings if finding.status == "unknown" and not report.blocks(finding)
        ):
            yield _UNKNOWN, _missing(missing)


def _missing(missing: Missing) -> _Told:
    example = missing.example
    fact = missing.fact or "something that the policy reads"
    why = example.unknown.why if example.unknown else example.message
    settle = f"to settle it: {joined(missing.settle)}" if missing.settle else ""
    lines = (f"{fact} of {missing.resources} ({', '.join(missing.policies)}): {why}", settle)
    return _Told("unknown", tuple(filter(None, lines)), example.location)


def _command(level: Level, told: _Told, moved: Callable[[str], str]) -> str:
    """A command. Where it is about no file the place is told in the message: beside a line nobody could see it."""
    at = told.at
    beside = at is not None and is_file(at.path)
    first = f"{at}: " if at is not None and not beside else ""
    properties = {**(_properties(at, moved) if at is not None and beside else {}), "title": told.title}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {written}::{_data(first + told.lines[0], *told.lines[1:])}\n"


def _properties(at: Location, moved: Callable[[str], str]) -> dict[str, str]:
    """The place. The runner takes columns only of a span within one line: ``ValidateLinesAndColumns``."""
    values = {"file": moved(at.path), "line": at.line, "endLine": last_line(at)}
    if at.column and last_line(at) == at.line:
        values["col"] = at.column
        if at.end_line == at.line and at.end_column:
            values["endColumn"] = at.end_column
    return {name: str(value) for name, value in values.items() if value is not None}


def _data(*lines: str) -> str:
    return "%0A".join(visible(line).replace("%", "%25") for line in lines)


def _property(value: str) -> str:
    return visible(value).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def _limits(counts: Counter[Level]) -> str:
    more = [plural(counts[level], level) for level in _LEVELS if counts[level] > _SHOWN]
    if not more:
        return ""
    return f"GitHub shows only {_SHOWN} of the {joined(more, 'and')} beside the code; all are in this log.\n"
