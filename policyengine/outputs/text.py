"""``text``: one line a finding, ``path:line:column: severity policy message``, for pipes, grep and editors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.outputs.options import DEFAULT, RenderOptions, word
from policyengine.outputs.style import Style, visible
from policyengine.outputs.unknowns import heeded, missing_text, told_once

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.model.report import Finding, Notice, Problem, Report

BY_CONTROL = True


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield a line for each finding, each problem and each notice, nothing for a report without them.

    The word after the place is the severity of a violation, ``warning(low)`` where it only warns, otherwise its status:
    ``error``, or ``unknown``, with all policies that lack the same fact there; with ``all`` also ``waived`` and
    ``pass``. Unknowns are left out when the run ignores them, but with ``all``. ``verbose`` adds a line
    ``path: skipped: reason`` for each skipped input; ``quiet`` leaves out notices. By control there is a line for each
    control instead of findings.
    """
    if options.by:
        from policyengine.outputs.by_control import lines  # what few runs need

        yield from (f"{visible(line)}\n" for line in lines(report, options))
    style = Style(options.colour, options.links)
    for path, place, text in _lines(report, options):
        yield f"{style.link(visible(place), path)}: {visible(text)}\n"


def _lines(report: Report, options: RenderOptions) -> Iterator[tuple[str, str, str]]:
    """The path of each line, its place as it is shown, and the rest."""
    listed = () if options.by else (finding for finding in heeded(report, options) if options.lists(finding))
    for finding, policies in told_once(listed):
        yield finding.location.path, str(finding.location), _finding(finding, ",".join(policies))
    for problem in report.problems:
        yield problem.path or "", _placed(problem), f"error {problem.message}"
    for notice in () if options.quiet else report.notices:
        yield notice.path or "", _placed(notice), f"notice {notice.message}"
    if options.verbose:
        yield from ((skipped.path, skipped.path, f"skipped: {skipped.reason}") for skipped in report.skipped)


def _finding(finding: Finding, policies: str) -> str:
    return f"{word(finding)} {policies} {finding.message}{missing_text(finding)}"


def _placed(told: Problem | Notice) -> str:
    return str(told.location or "policyengine")
