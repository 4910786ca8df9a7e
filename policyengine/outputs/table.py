"""``table``: one row a finding, and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.location import Location
from policyengine.outputs.options import DEFAULT, RenderOptions, word
from policyengine.outputs.style import Style, visible
from policyengine.outputs.summary import summary
from policyengine.outputs.unknowns import told_once

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.model.report import Finding, Problem, Report

_HEADERS = ("Severity", "Policy", "Resource", "Where", "Message")
_NARROWEST = 30
"""Cells that the messages are given even where the terminal has no room for them."""

_LONGEST = 2000
"""Characters of a cell that are shown: wrapping a longer one takes a time that grows with its square."""

Row = tuple[str, str, str, str, str]


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield a row for each finding and each problem, and the summary.

    Where one fact is missing for several policies at a place, one row tells the first and how many more there are.
    The column Severity says the severity of a violation, warning(low) where it only warns, otherwise its status:
    unknown, error; with ``all`` also waived and pass. ``verbose`` adds a line for each skipped input, ``quiet`` leaves
    out the summary.
    """
    listed = (finding for finding in report.findings if options.lists(finding))
    rows = [_finding(finding, policies) for finding, policies in told_once(listed)]
    rows += [_problem(problem) for problem in report.problems]
    skipped = [visible(f"{one.path}: skipped: {one.reason}") for one in report.skipped if options.verbose]
    closing = "".join(f"{line}\n" for line in (*skipped, *([] if options.quiet else [summary(report)])))
    yield "\n\n".join(part for part in (_table(rows, options) if rows else "", closing) if part)


def _finding(finding: Finding, policies: Sequence[str]) -> Row:
    place, message = str(finding.location), finding.message
    more = f" and {len(policies) - 1} more" if len(policies) > 1 else ""
    return (
        word(finding),
        visible(policies[0] + more),
        visible(str(finding.resource)),
        visible(place),
        visible(message),
    )


def _problem(problem: Problem) -> Row:
    place = str(Location(problem.path, problem.line, problem.column)) if problem.path else ""
    return ("error", "", "", visible(place), visible(problem.message))


def _table(rows: list[Row], options: RenderOptions) -> str:
    from tabulate import tabulate

    style = Style(options.colour)
    rows = [(first, _cut(policy), _cut(named), _cut(where), _cut(said)) for first, policy, named, where, said in rows]
    painted = [(style.paint(row[0], _look(row[0])), *row[1:]) for row in rows]
    widths = _widths(rows, options.width)
    return tabulate(painted, _HEADERS, tablefmt="simple", disable_numparse=True, maxcolwidths=widths)


def _cut(cell: str) -> str:
    return cell if len(cell) <= _LONGEST else f"{cell[:_LONGEST]}…"


def _look(word: str) -> str:
    """How a finding's word is painted: a warning as its severity is."""
    return word.removeprefix("warning(").removesuffix(")")


def _widths(rows: list[Row], width: int) -> list[int | None] | None:
    """Break the messages, and only them, where the table is wider than the terminal."""
    natural = [max(map(len, column)) for column in zip(_HEADERS, *rows, strict=True)]
    gaps = 2 * (len(natural) - 1)
    if sum(natural) + gaps <= width:
        return None
    return [None] * (len(natural) - 1) + [max(_NARROWEST, width - gaps - sum(natural[:-1]))]
