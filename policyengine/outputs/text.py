"""``text``: one line a finding, ``path:line:column: severity policy message``, for pipes, grep and editors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.outputs.options import DEFAULT, RenderOptions
from policyengine.outputs.style import visible

if TYPE_CHECKING:
    from policyengine.model.report import Finding, Problem, Report


def render(report: Report, options: RenderOptions = DEFAULT) -> str:
    """Return a line for each finding and each problem, nothing for a report without them.

    The word after the place is the severity of a violation, otherwise its status: ``unknown``, ``error``; with
    ``all`` also ``waived`` and ``pass``. ``verbose`` adds a line ``path: skipped: reason`` for each skipped input.
    """
    lines = [_finding(finding) for finding in report.findings if options.lists(finding)]
    lines += [_problem(problem) for problem in report.problems]
    lines += [f"{skipped.path}: skipped: {skipped.reason}" for skipped in report.skipped if options.verbose]
    return "".join(f"{visible(line)}\n" for line in lines)


def _finding(finding: Finding) -> str:
    word = finding.severity if finding.status == "fail" else finding.status
    return f"{finding.location}: {word} {finding.policy} {finding.message}{_missing(finding)}"


def _missing(finding: Finding) -> str:
    if finding.unknown is None:
        return ""
    return f" ({'; '.join(filter(None, (finding.unknown.fact, finding.unknown.settle)))})"


def _problem(problem: Problem) -> str:
    parts = (problem.path, problem.line, problem.column)
    place = ":".join(str(part) for part in parts if part is not None)
    return f"{place or 'policyengine'}: error {problem.message}"
