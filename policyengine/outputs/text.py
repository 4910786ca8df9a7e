"""``text``: one line a finding, ``path:line:column: severity policy message``, for pipes, grep and editors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.outputs.options import DEFAULT, RenderOptions, word
from policyengine.outputs.style import visible
from policyengine.outputs.unknowns import told_once

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.model.report import Finding, Problem, Report


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield a line for each finding and each problem, nothing for a report without them.

    The word after the place is the severity of a violation, ``warning(low)`` where it only warns, otherwise its status:
    ``error``, or ``unknown``, with all policies that lack the same fact there; with ``all`` also ``waived`` and
    ``pass``. ``verbose`` adds a line ``path: skipped: reason`` for each skipped input.
    """
    for line in _lines(report, options):
        yield f"{visible(line)}\n"


def _lines(report: Report, options: RenderOptions) -> Iterator[str]:
    for finding, policies in told_once(finding for finding in report.findings if options.lists(finding)):
        yield _finding(finding, ",".join(policies))
    yield from (_problem(problem) for problem in report.problems)
    if options.verbose:
        yield from (f"{skipped.path}: skipped: {skipped.reason}" for skipped in report.skipped)


def _finding(finding: Finding, policies: str) -> str:
    return f"{finding.location}: {word(finding)} {policies} {finding.message}{_missing(finding)}"


def _missing(finding: Finding) -> str:
    if finding.unknown is None:
        return ""
    return f" ({'; '.join(filter(None, (finding.unknown.fact, finding.unknown.settle)))})"


def _problem(problem: Problem) -> str:
    parts = (problem.path, problem.line, problem.column)
    place = ":".join(str(part) for part in parts if part is not None)
    return f"{place or 'policyengine'}: error {problem.message}"
