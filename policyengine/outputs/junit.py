"""``junit``: JUnit XML, for the test reports of Jenkins, GitLab, Azure DevOps and others.

There is no standard. This keeps to ``junit-10.xsd`` of Jenkins' xUnit plugin, the narrowest of the schemas in use:
https://github.com/jenkinsci/xunit-plugin. It allows ``file`` for a suite only, so there is one suite a file; the line
is in the text of each case.

A case is told from run to run by its suite, class and name, in GitLab also within a report: a name has no line, and a
number where it would be another's. Jenkins reads a class as ``package.class``: the category and the policy.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from policyengine.model.location import is_file
from policyengine.outputs.junit_controls import junit as by_control
from policyengine.outputs.notes import exemption_text, notes, placed, resource_text
from policyengine.outputs.options import DEFAULT, RenderOptions, word
from policyengine.outputs.order import grouped
from policyengine.outputs.places import from_repository
from policyengine.outputs.summary import summary
from policyengine.outputs.unknowns import missing_text
from policyengine.outputs.xml import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policyengine.model.report import Finding, Notice, Problem, Report

Verdict = Literal["passed", "failure", "error", "skipped"]

BY_CONTROL = True
_TOOL = "policyengine"
_ALWAYS = ("fail", "unknown", "error", "waived")


class _Case(Struct, frozen=True):
    """One test case. ``message`` says in a line why it did not pass, ``lines`` all that there is to say."""

    classname: str
    name: str
    verdict: Verdict
    type: str = ""
    message: str = ""
    lines: tuple[str, ...] = ()


class _Suite(Struct):
    """The cases of a file: findings by their place in the report, and what is no finding."""

    findings: list[int] = field(default_factory=list)
    others: list[_Case] = field(default_factory=list)
    counts: Counter[Verdict] = field(default_factory=Counter)


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield the judgements as test cases, in ASCII: passes only with ``all``.

    What makes the run fail is a failure, also an unknown where the settings say so; a policy that could not be
    evaluated and a problem with an input are errors. Skipped with the reason are violations that only warn, what is
    unknown, unless the run ignores it, what is waived, and notices. Where there is nothing to tell one case passes:
    Jenkins and Azure DevOps take a report without cases for a mistake. By control a suite is a benchmark, and a case
    a control.
    """
    if options.by:
        yield from by_control(report, options)
        return
    sheet = _Sheet(report, options)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    total: Counter[Verdict] = sum((suite.counts for suite in sheet.suites.values()), Counter())
    seconds = f"{report.run.seconds:.3f}"
    yield f"<testsuites{_attributes(name=_TOOL, time=seconds, **_totals(total))}>\n"
    for path, suite in sheet.suites.items():
        yield from sheet.suite(path, suite)
    yield "</testsuites>\n"


class _Sheet:
    """Lays out a report, its suites in the order of the report."""

    def __init__(self, report: Report, options: RenderOptions) -> None:
        self._report = report
        self._options = options
        self._moved: Callable[[str], str] = from_repository()
        self.suites = self._suites()

    def suite(self, path: str, suite: _Suite) -> Iterator[str]:
        """A suite with its cases."""
        where = self._moved(path)
        about = {"file": where} if is_file(path) and path != _TOOL else {}
        started = self._report.run.started.removesuffix("Z")
        attributes = _attributes(name=where, **_totals(suite.counts, skipped=True), timestamp=started, **about)
        yield f"  <testsuite{attributes}>\n"
        used: Counter[tuple[str, str]] = Counter()
        for case in self._cases(suite):
            used[case.classname, case.name] += 1
            yield _case(case, used[case.classname, case.name])
        yield "  </testsuite>\n"

    def _suites(self) -> dict[str, _Suite]:
        suites: dict[str, _Suite] = {}
        findings = self._report.findings
        for path, numbers in grouped(findings, self._suite_of).items():
            verdicts = Counter(self._verdict(findings[number]) for number in numbers)
            suites[path] = _Suite(numbers, [], verdicts)
        others = [*map(_problem, self._report.problems), *map(_notice, self._report.notices)]
        for path, case in others or ([] if suites else [(_TOOL, _nothing(self._report))]):
            suite = suites.setdefault(path, _Suite())
            suite.others.append(case)
            suite.counts[case.verdict] += 1
        return suites

    def _suite_of(self, finding: Finding) -> str | None:
        return finding.location.path if self._lists(finding) else None

    def _lists(self, finding: Finding) -> bool:
        if finding.status == "unknown" and self._report.unknown == "ignore":
            return self._options.all
        return finding.status in _ALWAYS or (self._options.all and finding.status == "pass")

    def _verdict(self, finding: Finding) -> Verdict:
        if finding.status == "pass":
            return "passed"
        if finding.status == "error":
            return "error"
        return "failure" if self._report.blocks(finding) else "skipped"

    def _cases(self, suite: _Suite) -> Iterator[_Case]:
        for number in suite.findings:
            yield self._finding(self._report.findings[number])
        yield from suite.others

    def _finding(self, finding: Finding) -> _Case:
        verdict = self._verdict(finding)
        name = resource_text(finding.resource) + (f": {finding.field}" if finding.field else "")
        classname = f"{finding.category}.{finding.policy}"
        if verdict == "passed":
            return _Case(classname, name, verdict)
        said = word(finding)
        reason = f"{said} ({exemption_text(finding.exemption)})" if finding.exemption else said
        message = f"{finding.message}{missing_text(finding)}"
        return _Case(
            classname,
            name,
            verdict,
            type=said,
            message=message if verdict != "skipped" else f"{reason}: {message}",
            lines=tuple(self._lines(finding, f"{finding.location}: {said} {finding.policy} {message}")),
        )

    def _lines(self, finding: Finding, first: str) -> Iterator[str]:
        yield first
        for label, text in notes(finding, verbose=self._options.verbose):
            yield from f"{label}: {text.strip()}".split("\n")


def _problem(problem: Problem) -> tuple[str, _Case]:
    case = _Case(f"{_TOOL}.problem", "can be judged", "error", "problem", problem.message, (placed(problem),))
    return problem.path or _TOOL, case


def _notice(notice: Notice) -> tuple[str, _Case]:
    case = _Case(
        f"{_TOOL}.notice", f"exception is {notice.kind}", "skipped", "notice", notice.message, (placed(notice),)
    )
    return notice.path or _TOOL, case


def _nothing(report: Report) -> _Case:
    return _Case(f"{_TOOL}.check", "no violations", "passed", lines=(summary(report),))


def _totals(counts: Counter[Verdict], *, skipped: bool = False) -> dict[str, str]:
    totals = {"tests": counts.total(), "failures": counts["failure"], "errors": counts["error"]}
    return {
        name: str(count) for name, count in {**totals, **({"skipped": counts["skipped"]} if skipped else {})}.items()
    }


def _case(case: _Case, number: int) -> str:
    name = case.name if number == 1 else f"{case.name} ({number})"
    head = f"    <testcase{_attributes(name=name, classname=case.classname)}"
    text = "\n".join(escaped(line) for line in case.lines)
    if case.verdict != "passed":
        about = _attributes(message=case.message, type=case.type)
        return f"{head}>\n      <{case.verdict}{about}>{text}</{case.verdict}>\n    </testcase>\n"
    return f"{head}>\n      <system-out>{text}</system-out>\n    </testcase>\n" if text else f"{head}/>\n"


def _attributes(**values: str) -> str:
    return "".join(f' {name}="{escaped(value)}"' for name, value in values.items())
