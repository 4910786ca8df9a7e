"""``markdown``: GitHub Flavored Markdown, for a comment on a pull request and for ``$GITHUB_STEP_SUMMARY``.

A comment holds 65,536 characters: no more is written, the worst first, and what was left out is counted. The first
line is a comment in HTML, by which a bot finds its last comment to replace it.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from policyengine.model.location import Location
from policyengine.outputs.markdown_controls import markdown as by_control
from policyengine.outputs.markup import code, marked, prose
from policyengine.outputs.notes import exemption_text, resource_text
from policyengine.outputs.options import DEFAULT, RenderOptions, is_warning
from policyengine.outputs.order import ranked, severity_rank
from policyengine.outputs.summary import joined, plural, summary
from policyengine.outputs.unknowns import are_left_out, missing_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from policyengine.model.report import Finding, Notice, Problem, Report, Severity, Skipped, Status
    from policyengine.outputs.unknowns import Missing

LIMIT = 65_536
"""Of a comment on GitHub, in characters. Bytes are counted here, of which there are never fewer."""

Item = TypeVar("Item")

_MARK = "<!-- policyengine -->\n"
_ENDING = 512
"""Bytes kept for the line that tells what was left out."""
_KEPT_BY_ERRORS = 40_000
_KEPT_BY_VIOLATIONS = 12_000
_KEPT_BY_UNKNOWNS = 6_000
"""Bytes that a part leaves to those after it, however much there is to tell."""
_LONGEST = 300
"""Characters of one text that are worth showing in a table."""
_MOST = 10
"""Policies and places that are worth naming in one line."""
BY_CONTROL = True
_COLUMNS = "| Where | Policy | Violation |\n| :-- | :-- | :-- |\n"
_END = "\n</details>\n"
_OPEN = ("critical", "high")
"""Severities whose tables are not folded."""


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield the summary, what could not be judged, a table of violations for each severity, then what is folded.

    That is notices, unknowns by missing fact, and how to mend what is found; with ``all`` also waived violations and
    passes, with ``verbose`` inputs that were skipped. ``quiet`` leaves out notices and the summary. By control there is
    a table for each benchmark instead of those of violations, and of what follows from them.
    """
    head = "" if options.quiet else f"## policyengine\n\n**{summary(report)}**\n"
    page = _Page(LIMIT - _ENDING - len((_MARK + head).encode()))
    body = _parts(page, report, options)
    first = next(body, "")
    if head or first:
        yield f"{_MARK}{head}"
    yield first
    yield from body
    yield page.ending()


class _Page:
    """What still has room on a page, and what was left out."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._left: Counter[str] = Counter()

    def part(
        self, noun: str, opening: str, rows: Iterable[Item], write: Callable[[Item], str], closing: str, keep: int = 0
    ) -> Iterator[str]:
        """A part with the rows that have room, ``keep`` bytes apart; after one that has none no more of its noun."""
        shell = len((opening + closing).encode())
        opened = False
        for row in rows:
            if self._left[noun]:
                self._left[noun] += 1
                continue
            text = write(row)
            need = len(text.encode()) + (0 if opened else shell)
            if need > self._room - keep:
                self._left[noun] += 1
                continue
            self._room -= need
            yield text if opened else opening + text
            opened = True
        if opened:
            yield closing

    def ending(self) -> str:
        """The line that tells what was left out."""
        left = [plural(count, noun) for noun, count in self._left.items() if count]
        if not left:
            return ""
        return f"\nLeft out, for a comment has no room for more: {joined(left, 'and')}. The format json has all.\n"


def _parts(page: _Page, report: Report, options: RenderOptions) -> Iterator[str]:
    yield from _errors(page, report)
    if options.by:
        yield from page.part("line", "\n", by_control(report, options), "{}\n".format, "")
    else:
        yield from _violations(page, report)
    if not options.quiet:
        yield from page.part("notice", "\n### Exceptions\n\n", report.notices, _notice, "", _KEPT_BY_UNKNOWNS)
    if not options.by:
        yield from _unknowns(page, report, options)
        yield from _mending(page, report)
    yield from _extras(page, report, options)


def _errors(page: _Page, report: Report) -> Iterator[str]:
    broken = (finding for finding in report.findings if finding.status == "error")
    opening = "\n### Could not be judged\n\n"
    yield from page.part("error", opening, report.problems, _problem, "", _KEPT_BY_ERRORS)
    yield from page.part("error", "" if report.problems else opening, broken, _broken, "", _KEPT_BY_ERRORS)


def _violations(page: _Page, report: Report) -> Iterator[str]:
    """A table for each severity, its rows by file, the files in the order of the report."""
    files: dict[str, int] = {}
    counts: Counter[Severity] = Counter()

    def rank(finding: Finding) -> tuple[int, int] | None:
        if finding.status != "fail":
            return None
        counts[finding.severity] += 1
        return severity_rank(finding), files.setdefault(finding.location.path, len(files))

    for severity, found in groupby(ranked(report.findings, rank), key=lambda pair: pair[1].severity):
        opening = _folded(f"{counts[severity]} {severity}", _COLUMNS, opened=severity in _OPEN)
        yield from page.part("violation", opening, (one for _, one in found), _row, _END, _KEPT_BY_VIOLATIONS)


def _folded(title: str, head: str = "", *, opened: bool = False) -> str:
    """The beginning of what can be folded. GFM wants the blank lines."""
    return f"\n<details{' open' if opened else ''}>\n<summary>{title}</summary>\n\n{head}"


def _row(finding: Finding) -> str:
    warning = "*warning only:* " if is_warning(finding) else ""
    said = f"{_said(finding)}{_witness(finding)}{_exempt(finding, 'expired')}{_also(finding)}"
    return f"| {_at(finding.location)} | {code(finding.policy)} | {warning}{said} |\n"


def _said(finding: Finding) -> str:
    return prose(_cut(finding.message))


def _witness(finding: Finding) -> str:
    """Of flows a packet; its way is in the places that are told."""
    return f" — witness: {code(_cut(finding.witness))}" if finding.witness else ""


def _exempt(finding: Finding, word: str) -> str:
    return f" — {word}: {prose(_cut(exemption_text(finding.exemption)))}" if finding.exemption else ""


def _also(finding: Finding) -> str:
    related = [_at(place.location) for place in finding.places[1:_MOST]]
    return f" (also {', '.join(related)})" if related else ""


def _at(location: Location) -> str:
    return code(_cut(str(location._replace(column=None))))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _problem(problem: Problem) -> str:
    return f"- {_place(problem)}: {prose(_cut(problem.message))}\n"


def _broken(finding: Finding) -> str:
    return f"- {_at(finding.location)}, {code(finding.policy)}: {_said(finding)}\n"


def _notice(notice: Notice) -> str:
    return f"- {_place(notice)}: {prose(_cut(notice.message))} ({notice.kind})\n"


def _place(told: Problem | Notice) -> str:
    return _at(Location(told.path, told.line)) if told.path else "policyengine"


def _unknowns(page: _Page, report: Report, options: RenderOptions) -> Iterator[str]:
    if are_left_out(report, options):
        return iter(())
    facts = missing_facts(finding for finding in report.findings if finding.status == "unknown")
    count = sum(missing.count for missing in facts)
    opening = _folded(f"{count} unknown, for want of {plural(len(facts), 'fact')}", opened=report.unknown == "fail")
    return page.part("missing fact", opening, facts, _missing, _END, _KEPT_BY_UNKNOWNS)


def _missing(missing: Missing) -> str:
    example = missing.example
    fact = code(_cut(missing.fact)) if missing.fact else "Something that the policy reads"
    named = ", ".join(code(policy) for policy in missing.policies[:_MOST])
    more = f" and {len(missing.policies) - _MOST} more" if len(missing.policies) > _MOST else ""
    why = prose(_cut(example.unknown.why if example.unknown else example.message))
    settle = f"; to settle it: {joined(map(code, missing.settle))}" if missing.settle else ""
    return f"- {fact} of {prose(missing.resources)} ({named}{more}), {_at(example.location)}: {why}{settle}\n"


def _mending(page: _Page, report: Report) -> Iterator[str]:
    remedies = {
        (finding.policy, finding.remedy): None
        for finding in report.findings
        if finding.status == "fail" and finding.remedy
    }
    return page.part("remedy", _folded("How to mend it"), remedies, _remedy, _END)


def _remedy(told: tuple[str, str | None]) -> str:
    policy, remedy = told
    return f"- {code(policy)}: {'<br>'.join(map(marked, (remedy or '').strip().splitlines()))}\n"


def _extras(page: _Page, report: Report, options: RenderOptions) -> Iterator[str]:
    """What nobody has to act on."""
    if options.all:
        yield from _listed(page, report, "waived", _waived)
        yield from _listed(page, report, "pass", _passed)
    if options.verbose:
        opening = _folded(f"{len(report.skipped)} skipped")
        yield from page.part("skipped input", opening, report.skipped, _skipped, _END)


def _listed(page: _Page, report: Report, status: Status, write: Callable[[Finding], str]) -> Iterator[str]:
    found = (finding for finding in report.findings if finding.status == status)
    opening = _folded(f"{report.total(status)} {status.replace('pass', 'passed')}")
    return page.part(f"{status} judgement", opening, found, write, _END)


def _waived(finding: Finding) -> str:
    return f"{_passed(finding)[:-1]}: {_said(finding)}{_exempt(finding, 'waived')}\n"


def _passed(finding: Finding) -> str:
    return f"- {_at(finding.location)}, {code(finding.policy)}, {code(_cut(resource_text(finding.resource)))}\n"


def _skipped(skipped: Skipped) -> str:
    return f"- {code(_cut(skipped.path))}: {prose(_cut(skipped.reason))}\n"
