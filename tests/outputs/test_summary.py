from __future__ import annotations

import pytest
from msgspec.structs import replace

from policyengine.model.report import PolicyCounts, Report
from policyengine.outputs.summary import joined, plural, summary

from .reports import (
    BROKEN,
    LIVE,
    LOST,
    PASSED,
    PORT,
    PRIVILEGED,
    PROBLEM,
    RUN,
    TEMPLATE,
    USER,
    WAIVED,
    report,
)

ONE = replace(report(PRIVILEGED), inputs=1, resources=1, run=replace(RUN, seconds=0.0312))
NOT_APPLICABLE = replace(report(), policies=(PolicyCounts("privileged", {"not_applicable": 7}),))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (ONE, "1 violation (1 critical), 0 unknown, 0 errors in 1 input; 1 resource, 1 policy, 0.03 s"),
        (
            replace(report(LIVE, PORT, PRIVILEGED, LIVE), inputs=1),
            "4 violations (1 critical, 1 high, 2 low; 2 warnings), 0 unknown, 0 errors in 1 input; "
            "12 resources, 3 policies, 0.4 s",
        ),
        (
            report(PRIVILEGED, replace(USER, enforcement="warn")),
            "1 violation (1 critical), 1 unknown, 0 errors in 3 inputs; 12 resources, 2 policies, 0.4 s",
        ),
        (report(USER), "0 violations, 1 unknown, 0 errors in 3 inputs; 12 resources, 1 policy, 0.4 s"),
        (
            replace(report(USER), unknown="ignore"),
            "No violations. 3 inputs, 1 unknown ignored, 12 resources, 1 policy, 0.4 s",
        ),
        (
            replace(report(PRIVILEGED, USER, WAIVED), unknown="ignore"),
            "1 violation (1 critical), 1 unknown ignored, 0 errors, 1 waived in 3 inputs; "
            "12 resources, 2 policies, 0.4 s",
        ),
        (
            replace(report(PASSED), unknown="ignore"),
            "No violations. 3 inputs, 12 resources, 1 policy, 0.4 s",
        ),
        (
            report(BROKEN, problems=[LOST, PROBLEM]),
            "0 violations, 0 unknown, 3 errors in 3 inputs; 12 resources, 1 policy, 0.4 s",
        ),
        (
            report(WAIVED, PASSED, skipped=[TEMPLATE]),
            "No violations. 3 inputs (1 skipped), 1 waived, 12 resources, 1 policy, 0.4 s",
        ),
        (NOT_APPLICABLE, "Nothing was judged: no policy applies. 3 inputs, 12 resources, 1 policy, 0.4 s"),
        (
            replace(report(PASSED), run=replace(RUN, seconds=83.26)),
            "No violations. 3 inputs, 12 resources, 1 policy, 83.3 s",
        ),
    ],
)
def test_summary(found: Report, expected: str) -> None:
    assert summary(found) == expected


@pytest.mark.parametrize(
    ("count", "noun", "expected"),
    [(0, "input", "0 inputs"), (1, "policy", "1 policy"), (2, "policy", "2 policies"), (2, "key", "2 keys")],
)
def test_plural(count: int, noun: str, expected: str) -> None:
    assert plural(count, noun) == expected


def test_joined() -> None:
    assert [joined("a"), joined("ab"), joined("abc")] == ["a", "a or b", "a, b or c"]
