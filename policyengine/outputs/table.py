"""``table``: one row a finding, and the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.outputs.by_control import HEADERS, headline, unchecked
from policyengine.outputs.by_control import rows as control_rows
from policyengine.outputs.controls import shown
from policyengine.outputs.options import DEFAULT, RenderOptions, word
from policyengine.outputs.style import Style, visible
from policyengine.outputs.summary import summary
from policyengine.outputs.unknowns import heeded, told_once

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.model.report import Finding, Notice, Problem, Report
    from policyengine.outputs.controls import Sheet

BY_CONTROL = True
_HEADERS = ("Severity", "Policy", "Resource", "Where", "Message")
_NARROWEST = 30
"""Cells that the messages are given even where the terminal has no room for them."""

_ASKED = HEADERS.index("What it asks")

_LONGEST = 2000
"""Characters of a cell that are shown: wrapping a longer one takes a time that grows with its square."""

Row = tuple[str, str, str, str, str]


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield a row for each finding and each problem, and the summary.

    Where one fact is missing for several policies at a place, one row tells the first and how many more there are.
    The column Severity says the severity of a violation, warning(low) where it only warns, otherwise its status:
    unknown, unless the run ignores it, error; with ``all`` also waived, pass and what is ignored. ``verbose`` adds a
    line for each skipped input, ``quiet`` leaves out the summary. By control there is a table for each benchmark, with
    the controls that were checked, or with ``verbose`` all of them.
    """
    found = [] if options.by else [finding for finding in heeded(report, options) if options.lists(finding)]
    rows = [_finding(finding, policies) for finding, policies in told_once(found)]
    rows += [_problem(problem) for problem in report.problems]
    turned = [_controls(sheet, options) for sheet in shown(report, options)] if options.by else []
    skipped = [visible(f"{one.path}: skipped: {one.reason}") for one in report.skipped if options.verbose]
    notices = [_notice(one) for one in report.notices if not options.quiet]
    closing = "".join(f"{line}\n" for line in (*notices, *skipped, *([] if options.quiet else [summary(report)])))
    yield "\n\n".join(part for part in (*turned, _table(rows, options) if rows else "", closing) if part)


def _controls(sheet: Sheet, options: RenderOptions) -> str:
    """A benchmark: its controls as a table, and those that were not checked by the reason."""
    style = Style(options.colour)
    listed = [
        row for row, one in zip(control_rows(sheet), sheet.controls, strict=True) if options.verbose or not one.gap
    ]
    parts = [style.paint(visible(headline(sheet)), "strong")]
    if listed:
        parts.append(_table_of_controls(listed, options))
    if not options.verbose and sheet.checked:
        told = [_wrapped(f"Not checked, {why}: {', '.join(ids)}", options.width) for why, ids in unchecked(sheet)]
        parts += ["\n".join(told)] if told else []
    return "\n\n".join(parts)


def _table_of_controls(rows: list[tuple[str, ...]], options: RenderOptions) -> str:
    from tabulate import tabulate

    style = Style(options.colour)
    shown = [
        [style.paint(visible(cell), cell) if at == 1 else visible(cell) for at, cell in enumerate(row)] for row in rows
    ]
    natural = [max(map(len, column)) for column in zip(HEADERS, *rows, strict=True)]
    room = options.width - 2 * (len(natural) - 1) - sum(natural) + natural[_ASKED] + natural[-1]
    widths: list[int | None] = [None] * len(natural)
    if room < natural[_ASKED] + natural[-1]:
        last = min(natural[-1], max(_NARROWEST // 2, room // 2))
        widths[_ASKED], widths[-1] = max(_NARROWEST // 2, room - last), last
    return tabulate(shown, HEADERS, tablefmt="simple", disable_numparse=True, maxcolwidths=widths)


def _wrapped(text: str, width: int) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(visible(text), max(width, _NARROWEST), break_on_hyphens=False))


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
    return ("error", "", "", visible(str(problem.location or "")), visible(problem.message))


def _notice(notice: Notice) -> str:
    place = f"{notice.location}: " if notice.location else ""
    return visible(f"{place}warning: {notice.message}")


def _table(rows: list[Row], options: RenderOptions) -> str:
    from tabulate import tabulate

    style = Style(options.colour, options.links)
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
