"""``full``: for people at a terminal: each finding with its source line and what to do, and a summary."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from policyengine.model.location import Location
from policyengine.outputs.excerpt import excerpt
from policyengine.outputs.notes import notes, resource_text
from policyengine.outputs.options import DEFAULT, RenderOptions, word
from policyengine.outputs.style import Style, visible
from policyengine.outputs.summary import joined, summary
from policyengine.outputs.unknowns import missing_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.model.report import Finding, Problem, Report
    from policyengine.outputs.unknowns import Missing

SHOWS_LINES = True
_NARROWEST = 24
"""Cells that a note is given even where the terminal has no room for them."""


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield violations file by file, then what is unknown by missing fact, then errors, then the summary.

    ``verbose`` adds waived violations, skipped inputs, and the controls that a finding touches; ``all`` adds passes;
    ``quiet`` leaves out the summary.
    """
    sheet = _Sheet(options)
    separator = ""
    for block in sheet.blocks(report):
        yield f"{separator}{block}\n"
        separator = "\n"


class _Sheet:
    """Lays out the parts of a report."""

    def __init__(self, options: RenderOptions) -> None:
        self._options = options
        self._paint = Style(options.colour).paint

    def blocks(self, report: Report) -> Iterator[str]:
        """All of the report, in blocks with a blank line between them."""
        yield from self.findings(report, "fail")
        yield from self.unknown(report)
        yield from self.findings(report, "error")
        yield from self.lists(report)
        if not self._options.quiet:
            yield self.summary(report)

    def findings(self, report: Report, status: str) -> Iterator[str]:
        """One block a finding."""
        for finding in report.findings:
            if finding.status == status:
                yield "\n".join(self._finding(finding))

    def unknown(self, report: Report) -> Iterator[str]:
        """One block a missing fact."""
        for missing in missing_facts(finding for finding in report.findings if finding.status == "unknown"):
            yield "\n".join(self._missing(missing))

    def lists(self, report: Report) -> Iterator[str]:
        """What takes one line each: problems, and when asked for what is waived, passed and skipped."""
        options = self._options
        yield from self._list(self._problem(problem) for problem in report.problems)
        if options.verbose or options.all:
            yield from self._list(self._line(finding) for finding in report.findings if finding.status == "waived")
        if options.all:
            yield from self._list(self._line(finding) for finding in report.findings if finding.status == "pass")
        if options.verbose:
            yield from self._list(f"skipped: {visible(f'{item.path}: {item.reason}')}" for item in report.skipped)

    def summary(self, report: Report) -> str:
        """The last line."""
        text = summary(report)
        return self._paint(text, "good" if text.startswith("No violations") else "strong")

    def _list(self, lines: Iterable[str]) -> Iterator[str]:
        text = "\n".join(lines)
        if text:
            yield text

    def _finding(self, finding: Finding) -> Iterator[str]:
        look = finding.severity if finding.status == "fail" else finding.status
        yield self._head(f"{word(finding)}[{finding.policy}]", finding.message, look)
        at, line = finding.location, finding.excerpt if finding.location.line is not None else None
        gutter = len(str(at.line)) if line is not None else 1
        yield self._frame(gutter, "-->", visible(str(at)), space="")
        if line is not None:
            yield from self._source(line, at, gutter, look)
        for label, text in notes(finding, verbose=self._options.verbose):
            yield self._note(gutter, label, text)

    def _missing(self, missing: Missing) -> Iterator[str]:
        fact = missing.fact or "something that the policy reads"
        policies = ", ".join(missing.policies)
        yield self._head("unknown", f"{fact} of {missing.resources} ({policies})", "unknown")
        example = missing.example
        place = f"{resource_text(example.resource)}, {example.location}"
        why = example.unknown.why if example.unknown else example.message
        yield self._note(1, "why", f"{why} ({'for example ' if missing.count > 1 else ''}{place})")
        if missing.settle:
            yield self._note(1, "help", f"to settle it: {joined(missing.settle)}")

    def _problem(self, problem: Problem) -> str:
        at = Location(problem.path, problem.line, problem.column) if problem.path else None
        return self._head("error", f"{at}: {problem.message}" if at else problem.message, "error")

    def _line(self, finding: Finding) -> str:
        text = f"[{finding.policy}]: {finding.location}: {resource_text(finding.resource)}: {finding.title}"
        return self._paint(finding.status, finding.status) + visible(text)

    def _head(self, label: str, message: str, look: str) -> str:
        return f"{self._paint(visible(label), look)}: {self._paint(visible(message), 'strong')}"

    def _frame(self, gutter: int, mark: str, text: str, space: str = " ") -> str:
        return f"{self._paint(' ' * gutter + space + mark, 'frame')} {text}".rstrip()

    def _source(self, line: str, location: Location, gutter: int, look: str) -> Iterator[str]:
        fitted = excerpt(line, location, self._options.width - gutter - len(" | "))
        yield self._frame(gutter, "|", "")
        yield f"{self._paint(f'{location.line} |', 'frame')} {fitted.text}".rstrip()
        if location.column is not None:
            carets = " " * fitted.offset + self._paint("^" * fitted.carets, look)
            yield self._frame(gutter, "|", carets)

    def _note(self, gutter: int, label: str, text: str) -> str:
        indent = " " * (gutter + len(f" = {label}: "))
        room = max(self._options.width - len(indent), _NARROWEST)
        paragraphs = text.strip().split("\n") if label == "help" else [text]
        lines = [line for paragraph in paragraphs for line in _wrapped(visible(paragraph), room)]
        head = self._frame(gutter, "=", f"{self._paint(label, 'strong')}: {lines[0]}")
        return "\n".join([head, *(f"{indent}{line}".rstrip() for line in lines[1:])])


def _wrapped(text: str, room: int) -> list[str]:
    if len(text) <= room:
        return [text]
    return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
