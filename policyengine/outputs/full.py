"""``full``: for people at a terminal: each finding with its source line and what to do, and a summary."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from policyengine.outputs.by_control import asked, counted, headline, status_word, unchecked
from policyengine.outputs.controls import shown
from policyengine.outputs.excerpt import excerpt
from policyengine.outputs.notes import exemption_text, notes, placed, resource_text
from policyengine.outputs.options import DEFAULT, RenderOptions, word
from policyengine.outputs.style import Style, visible
from policyengine.outputs.summary import joined, summary
from policyengine.outputs.unknowns import heeded, missing_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policyengine.model.report import Finding, Notice, Problem, Report
    from policyengine.model.source_line import SourceLine
    from policyengine.outputs.controls import Control, Sheet
    from policyengine.outputs.unknowns import Missing

BY_CONTROL = True
SHOWS_LINES = True
_STATUS = len("not checked")
_HANGING = _STATUS + 4
_SHOWN = 2
"""Violations of a control that are shown where the report goes by control."""
_NARROWEST = 24
"""Cells that a note is given even where the terminal has no room for them."""


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield violations file by file, what is unknown by missing fact, errors, warnings about exceptions, the summary.

    ``verbose`` adds waived violations, skipped inputs, and the controls that a finding touches; ``all`` adds passes;
    ``quiet`` leaves out the warnings and the summary. By control there is a block for each benchmark in place of the
    findings.
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
        self._style = Style(options.colour, options.links)
        self._paint = self._style.paint
        self._rules: Mapping[str, Mapping[str, object]] = {}

    def blocks(self, report: Report) -> Iterator[str]:
        """All of the report, in blocks with a blank line between them."""
        self._rules = report.rules
        if self._options.by:
            yield from ("\n".join(self._benchmark(benchmark)) for benchmark in shown(report, self._options))
        else:
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
        """One block a missing fact; none when the run ignores what is unknown, but with ``all``."""
        found = heeded(report, self._options)
        for missing in missing_facts(finding for finding in found if finding.status == "unknown"):
            yield "\n".join(self._missing(missing))

    def lists(self, report: Report) -> Iterator[str]:
        """What takes one line each: problems, and when asked for what is waived, passed and skipped."""
        options = self._options
        yield from self._list(self._problem(problem) for problem in report.problems)
        if not options.quiet:
            yield from self._list(self._notice(notice) for notice in report.notices)
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

    def _benchmark(self, sheet: Sheet) -> Iterator[str]:
        """A line for each control that was checked, and where it was violated; then the others, by the reason."""
        yield self._paint(visible(headline(sheet)), "strong")
        width = max((len(control.id) for control in sheet.controls if not control.gap), default=0)
        for control in sheet.controls:
            if not control.gap:
                yield from self._control(control, width)
        if not sheet.checked and not self._options.verbose:
            return
        for why, ids in unchecked(sheet):
            label = f"  not checked  {why}: "
            room = max(self._options.width - _HANGING, _NARROWEST)
            text = "\n".join(_wrapped(visible(label.strip() + " " + ", ".join(ids)), room))
            yield textwrap.indent(text, " " * _HANGING)[_HANGING - 2 :]

    def _control(self, control: Control, width: int) -> Iterator[str]:
        word_ = self._paint(f"{status_word(control):<{_STATUS}}", control.status)
        yield f"  {word_}  {visible(control.id):<{width}}  {visible(asked(control))} ({counted(control)})".rstrip()
        violations = control.examples if control.status == "fail" else []
        indent = " " * (_STATUS + width + 6)
        for finding in violations[:_SHOWN]:
            yield f"{indent}{self._paint('-->', 'frame')} {visible(f'{finding.location}: {finding.message}')}"
        more = control.counts["fail"] - len(violations[:_SHOWN])
        if more:
            yield f"{indent}    and {more} more"

    def _list(self, lines: Iterable[str]) -> Iterator[str]:
        text = "\n".join(lines)
        if text:
            yield text

    def _finding(self, finding: Finding) -> Iterator[str]:
        look = finding.severity if finding.status == "fail" else finding.status
        yield self._head(f"{word(finding)}[{finding.policy}]", finding.message, look, self._policy_file(finding))
        at, line = finding.location, finding.excerpt if finding.location.line is not None else None
        gutter = len(str(at.line)) if line is not None else 1
        yield self._frame(gutter, "-->", self._style.link(visible(str(at)), at.path), space="")
        if line is not None:
            yield from self._source(line, at.line, gutter, look)
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
        return self._head("error", placed(problem), "error")

    def _notice(self, notice: Notice) -> str:
        return f"{self._paint('warning', 'medium')}: {visible(placed(notice))}"

    def _line(self, finding: Finding) -> str:
        text = f"[{finding.policy}]: {finding.location}: {resource_text(finding.resource)}: {finding.title}"
        if finding.exemption is not None:
            text += f" ({exemption_text(finding.exemption)})"
        return self._paint(finding.status, finding.status) + visible(text)

    def _policy_file(self, finding: Finding) -> str:
        """Where the policy is, which says why it is one and how it is kept."""
        return str(self._rules.get(finding.policy, {}).get("path", ""))

    def _head(self, label: str, message: str, look: str, path: str = "") -> str:
        told = self._style.link(self._paint(visible(label), look), path)
        return f"{told}: {self._paint(visible(message), 'strong')}"

    def _frame(self, gutter: int, mark: str, text: str, space: str = " ") -> str:
        return f"{self._paint(' ' * gutter + space + mark, 'frame')} {text}".rstrip()

    def _source(self, line: SourceLine, number: int | None, gutter: int, look: str) -> Iterator[str]:
        fitted = excerpt(line, self._options.width - gutter - len(" | "))
        yield self._frame(gutter, "|", "")
        yield f"{self._paint(f'{number} |', 'frame')} {fitted.text}".rstrip()
        if line.column is not None:
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
