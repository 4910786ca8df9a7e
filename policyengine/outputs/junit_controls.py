"""JUnit XML by control: a suite a benchmark, a case a control. What ``junit`` is where a report goes by control."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.outputs.by_control import asked, counted, line, reason
from policyengine.outputs.controls import shown
from policyengine.outputs.xml import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.model.report import Report
    from policyengine.outputs.controls import Control, Sheet
    from policyengine.outputs.options import RenderOptions

_FAILURES, _ERRORS, _SKIPPED = ("fail",), ("error",), ("unknown", "waived", "not_checked")


def junit(report: Report, options: RenderOptions) -> Iterator[str]:
    """Yield a document in ASCII.

    A control that is violated is a failure, one that could not be judged an error; one that is unknown, waived or not
    checked is skipped, with the reason.
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    seconds = f"{report.run.seconds:.3f}"
    made = shown(report, options)
    total = [sum(numbers) for numbers in zip(*map(_counts, made), strict=True)] or [0, 0, 0, 0]
    yield f'<testsuites name="policyengine" time="{seconds}"{_totals(total[:3])}>\n'
    for sheet in made:
        yield f'  <testsuite name="{escaped(sheet.title)}"{_totals(_counts(sheet))}>\n'
        yield from map(_case, sheet.controls)
        yield "  </testsuite>\n"
    yield "</testsuites>\n"


def _counts(sheet: Sheet) -> list[int]:
    """Tests, failures, errors, skipped."""
    of = [sum(one.status in statuses for one in sheet.controls) for statuses in (_FAILURES, _ERRORS, _SKIPPED)]
    return [len(sheet.controls), *of]


def _totals(counts: list[int]) -> str:
    names = ("tests", "failures", "errors", "skipped")
    return "".join(f' {name}="{count}"' for name, count in zip(names, counts, strict=False))


def _case(control: Control) -> str:
    name = f"{control.id} {asked(control)}" if control.policies else control.id
    opening = f'    <testcase classname="{escaped(f"{control.benchmark} {control.version}")}" name="{escaped(name)}"'
    if control.status == "pass":
        return f"{opening}/>\n"
    return f"{opening}>\n      {_verdict(control)}\n    </testcase>\n"


def _verdict(control: Control) -> str:
    message = escaped(reason(control) or f"{control.status}: {counted(control)}")
    if control.status in _SKIPPED:
        return f'<skipped message="{message}"/>'
    tag = "failure" if control.status in _FAILURES else "error"
    lines = [line(control), *(f"{finding.location}: {finding.message}" for finding in control.examples)]
    more = control.counts["fail" if tag == "failure" else "error"] - len(control.examples)
    lines += [f"and {more} more"] if more > 0 else []
    return f'<{tag} message="{message}" type="{control.status}">{"&#10;".join(map(escaped, lines))}</{tag}>'
