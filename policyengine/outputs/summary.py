"""A report in one line."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from policyengine.model.report import SEVERITIES
from policyengine.outputs.options import is_warning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.model.report import Finding, Report, Severity, Status


def plural(count: int, noun: str) -> str:
    """Return ``1 policy``, ``2 policies``, ``0 inputs``."""
    if count == 1:
        return f"1 {noun}"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{count} {noun[:-1]}ies"
    return f"{count} {noun}s"


def summary(report: Report) -> str:
    """Return what the run came to: ``4 violations (1 critical, 3 high), 2 unknown, 0 errors in 3 inputs; ...``.

    Violations that only warn are counted once more: ``4 violations (1 critical, 3 high; 2 warnings)``.

    What is unknown is no part of what was found where the run ignores it, and counted all the same: ``3 unknown
    ignored``.

    Policies that could not be evaluated and problems with the inputs are both errors here.
    """
    kinds = Counter((one.status, one.severity, is_warning(one)) for one in report.findings)
    found: Counter[Status] = Counter()
    for (status, _, _), count in kinds.items():
        found[status] += count
    errors = found["error"] + len(report.problems)
    size = [plural(report.resources, "resource"), plural(len(report.policies), "policy"), _duration(report.run.seconds)]
    waived = [f"{count} waived"] if (count := report.total("waived")) else []
    if report.run.since:
        size.append(f"new since {report.run.since[:12]}")
    ignored = [f"{found['unknown']} unknown ignored"] if report.unknown == "ignore" and found["unknown"] else []
    if not (found["fail"] or errors or (found["unknown"] and not ignored)):
        return f"{_nothing(report)} {', '.join([_inputs(report), *ignored, *waived, *size])}"
    unknown = ignored or [f"{found['unknown']} unknown"]
    counts = [_violations(kinds, found["fail"]), *unknown, plural(errors, "error"), *waived]
    return f"{', '.join(counts)} in {_inputs(report)}; {', '.join(size)}"


def found(findings: Iterable[Finding]) -> str:
    """Return what findings come to: ``2 violations (1 critical, 1 high), 1 unknown``."""
    kinds = Counter((one.status, one.severity, is_warning(one)) for one in findings)
    totals: Counter[Status] = Counter()
    for (status, _, _), count in kinds.items():
        totals[status] += count
    parts = [_violations(kinds, totals["fail"])] if totals["fail"] else []
    parts += [f"{totals['unknown']} unknown"] if totals["unknown"] else []
    parts += [plural(totals["error"], "error")] if totals["error"] else []
    return ", ".join(parts) or "no violations"


def _nothing(report: Report) -> str:
    return "No violations." if report.matched else "Nothing was judged: no policy applies."


def _violations(kinds: Mapping[tuple[Status, Severity, bool], int], count: int) -> str:
    severities: Counter[Severity] = Counter()
    warnings = 0
    for (status, severity, warning), number in kinds.items():
        severities[severity] += number * (status == "fail")
        warnings += number * warning
    parts = [f"{severities[severity]} {severity}" for severity in SEVERITIES if severities[severity]]
    only = f"; {plural(warnings, 'warning')}" if warnings else ""
    return plural(count, "violation") + (f" ({', '.join(parts)}{only})" if parts else "")


def _inputs(report: Report) -> str:
    skipped = f" ({len(report.skipped)} skipped)" if report.skipped else ""
    return plural(report.inputs, "input") + skipped


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 0.1 else f"{seconds:.2f} s"


def joined(words: Iterable[str], last: str = "or") -> str:
    """Return ``a``, ``a or b``, ``a, b or c``."""
    *head, tail = words
    return f"{', '.join(head)} {last} {tail}" if head else tail
