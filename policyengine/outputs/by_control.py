"""``--by control``: a report by the controls of benchmarks instead of by findings, in words, rows and data.

What it says is :mod:`policyengine.outputs.controls`'; a format calls what suits it. A format that can be turned round
has ``BY_CONTROL = True``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.outputs.controls import CONTROL_STATUSES, GAPS, sheets, shown
from policyengine.outputs.summary import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.model.report import Report
    from policyengine.outputs.controls import Control, Sheet
    from policyengine.outputs.options import RenderOptions

    Data = dict[str, object]

HEADERS = ("Control", "Status", "What it asks", "Violations", "Unknown", "Passes", "Policies")
FIELDS = (
    *("benchmark", "version", "control", "status", "reason", "title", "policies", "missing"),
    *("fail", "error", "unknown", "waived", "pass"),
)
"""The columns of :func:`records`."""

_POLICIES = 3
"""Policies of a control that are worth naming in a line."""

Row = tuple[str, ...]


def status_word(control: Control) -> str:
    """What people call a control's status: ``not checked``."""
    return control.status.replace("_", " ")


def headline(sheet: Sheet) -> str:
    """Return ``CIS Docker 1.7.0: 25 of 117 controls fail, 7 unknown, 12 pass, 73 not checked``."""
    known = "controls" if sheet.complete else "known controls"
    if not sheet.checked:
        return f"{sheet.title}: none of {len(sheet.controls)} {known} was checked"
    first, *others = ((sheet.total(status), status.replace("_", " ")) for status in CONTROL_STATUSES)
    told = ", ".join(f"{count} {word}" for count, word in others if count)
    return f"{sheet.title}: {first[0]} of {len(sheet.controls)} {known} fail, {told}".removesuffix(", ")


def asked(control: Control) -> str:
    """What a control asks: the title of the policy that speaks for it, or which policies do."""
    return control.title or policies_text(control)


def policies_text(control: Control) -> str:
    """The policies that speak for a control, the first few where they are many."""
    shown = control.policies if len(control.policies) <= _POLICIES + 1 else control.policies[:_POLICIES]
    more = len(control.policies) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def counted(control: Control) -> str:
    """Return ``2 violations, 1 unknown, 3 passes``: what is not there is left out."""
    counts = control.counts
    told = (
        plural(counts["fail"], "violation") if counts["fail"] else "",
        plural(counts["error"], "error") if counts["error"] else "",
        f"{counts['unknown']} unknown" if counts["unknown"] else "",
        f"{counts['waived']} waived" if counts["waived"] else "",
        f"{counts['pass']} {'pass' if counts['pass'] == 1 else 'passes'}" if counts["pass"] else "",
    )
    return ", ".join(filter(None, told))


def reason(control: Control) -> str:
    """Why a control was not checked, with the policies that were missing; empty for one that was."""
    if control.gap is None:
        return ""
    missing = ", ".join(control.missing[:_POLICIES])
    more = f" and {len(control.missing) - _POLICIES} more" if len(control.missing) > _POLICIES else ""
    return GAPS[control.gap] + (f": {missing}{more}" if control.gap == "not-in-run" else "")


def lines(report: Report, options: RenderOptions) -> Iterator[str]:
    """A line for each control; one for a benchmark of which nothing was checked, unless ``verbose``."""
    for sheet in shown(report, options):
        if sheet.checked or options.verbose:
            yield from map(line, sheet.controls)
        else:
            yield headline(sheet)


def line(control: Control) -> str:
    """A control in one line: ``CIS Docker 1.7.0 5.5: fail: Containers do not run privileged (2 violations)``."""
    told = f"{asked(control)} ({counted(control)})" if control.gap is None else reason(control)
    return f"{control.benchmark} {control.version} {control.id}: {status_word(control)}: {told}"


def rows(sheet: Sheet) -> Iterator[Row]:
    """The controls of a benchmark as rows for people below :data:`HEADERS`."""
    for control in sheet.controls:
        numbers = (str(control.counts[status] or "") for status in ("fail", "unknown", "pass"))
        yield (control.id, status_word(control), control.title or reason(control), *numbers, policies_text(control))


def records(report: Report, options: RenderOptions) -> Iterator[Row]:
    """The controls as rows for programs, with the columns :data:`FIELDS`; lists are joined by spaces."""
    for control in (control for sheet in shown(report, options) for control in sheet.controls):
        counts = (str(control.counts[status]) for status in ("fail", "error", "unknown", "waived", "pass"))
        yield (
            *(control.benchmark, control.version, control.id, control.status, control.gap or "", control.title),
            *(" ".join(control.policies), " ".join(control.missing)),
            *counts,
        )


def data(report: Report) -> Data:
    """The keys that JSON has for controls; ``findings`` are fingerprints."""
    made = sheets(report)
    return {
        "benchmarks": [_benchmark(sheet) for sheet in made],
        "controls": [_control(control) for sheet in made for control in sheet.controls],
    }


def _benchmark(sheet: Sheet) -> Data:
    totals: Data = {status: sheet.total(status) for status in CONTROL_STATUSES}
    return {"benchmark": sheet.benchmark, "version": sheet.version, "complete": sheet.complete, **totals}


def _control(control: Control) -> Data:
    counts = {status: control.counts[status] for status in ("pass", "fail", "unknown", "waived", "error")}
    return {
        "benchmark": control.benchmark,
        "version": control.version,
        "id": control.id,
        "title": control.title or None,
        "status": control.status,
        "reason": control.gap,
        "policies": list(control.policies),
        "missing": list(control.missing),
        "counts": counts,
        "findings": control.fingerprints,
    }


def unchecked(sheet: Sheet) -> Iterator[tuple[str, list[str]]]:
    """Why controls were not checked, each with the ids of those."""
    for gap, why in GAPS.items():
        ids = [control.id for control in sheet.controls if control.gap == gap]
        if ids:
            yield why, ids
