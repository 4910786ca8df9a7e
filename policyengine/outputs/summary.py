"""A report in one line."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from policyengine.model.report import SEVERITIES
from policyengine.outputs.options import is_warning

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.model.report import Report


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

    Policies that could not be evaluated and problems with the inputs are both errors here.
    """
    found = Counter(finding.status for finding in report.findings)
    errors = found["error"] + len(report.problems)
    size = [plural(report.resources, "resource"), plural(len(report.policies), "policy"), _duration(report.run.seconds)]
    waived = [f"{count} waived"] if (count := report.total("waived")) else []
    if not (found["fail"] or found["unknown"] or errors):
        return f"{_nothing(report)} {', '.join([_inputs(report), *waived, *size])}"
    counts = [_violations(report, found["fail"]), f"{found['unknown']} unknown", plural(errors, "error"), *waived]
    return f"{', '.join(counts)} in {_inputs(report)}; {', '.join(size)}"


def _nothing(report: Report) -> str:
    judged = report.evaluations > report.total("not_applicable")
    return "No violations." if judged else "Nothing was judged: no policy applies."


def _violations(report: Report, count: int) -> str:
    severities = Counter(finding.severity for finding in report.findings if finding.status == "fail")
    parts = [f"{severities[severity]} {severity}" for severity in SEVERITIES if severities[severity]]
    warnings = sum(map(is_warning, report.findings))
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
