from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from policyengine.model.location import Location
from policyengine.model.report import (
    SEVERITIES,
    STATUSES,
    Finding,
    Place,
    PolicyCounts,
    Problem,
    Report,
    ResourceRef,
    Run,
)

if TYPE_CHECKING:
    from policyengine.model.report import Status

FINDING = Finding(
    policy="privileged",
    status="fail",
    severity="medium",
    category="runtime",
    title="Containers do not run privileged",
    message="web runs privileged",
    resource=ResourceRef("container", "web", "compose", "compose:shop", "service/web"),
    places=(Place(Location("compose.yaml", 4, 17)), Place(Location("compose.yaml", 2, 3), "related")),
    fingerprint="0",
)
RUN = Run("1", "policyengine", "2025-01-01T00:00:00Z", 0.1, "0")


def report(*findings: Finding, counts: dict[Status, int] | None = None, **options: Any) -> Report:
    return Report(RUN, 1, 1, (PolicyCounts("privileged", counts or {}),), findings, **options)


def test_resources_are_named_with_what_they_belong_to() -> None:
    assert str(FINDING.resource) == "service/web/container/web"
    assert str(replace(FINDING.resource, parent=None)) == "container/web"


def test_the_first_place_is_the_primary_one() -> None:
    assert str(FINDING.location) == "compose.yaml:4:17"


@pytest.mark.parametrize(
    ("change", "options", "code"),
    [
        ({}, {}, 1),
        ({"enforcement": "warn"}, {}, 0),
        ({"enforcement": "off"}, {}, 0),
        ({}, {"fail_on": "medium"}, 1),
        ({}, {"fail_on": "low"}, 1),
        ({}, {"fail_on": "high"}, 0),
        ({"severity": "critical"}, {"fail_on": "critical"}, 1),
        ({"severity": "info"}, {}, 1),
        ({"severity": "info"}, {"fail_on": "low"}, 0),
        ({"status": "pass"}, {}, 0),
        ({"status": "waived"}, {}, 0),
        ({"status": "not_applicable"}, {}, 0),
        ({"status": "unknown"}, {}, 0),
        ({"status": "unknown"}, {"unknown": "ignore"}, 0),
        ({"status": "unknown"}, {"unknown": "fail"}, 1),
        ({"status": "unknown"}, {"unknown": "fail", "fail_on": "high"}, 0),
        ({"status": "unknown", "enforcement": "warn"}, {"unknown": "fail"}, 0),
        ({"status": "pass"}, {"unknown": "fail"}, 0),
        ({}, {"problems": (Problem("malformed"),)}, 2),
        ({"status": "pass"}, {"problems": (Problem("malformed"),)}, 2),
    ],
)
def test_exit_code_of_one_finding(change: dict[str, Any], options: dict[str, Any], code: int) -> None:
    judged = report(replace(FINDING, **change), **options)
    assert judged.exit_code == code


def test_one_that_blocks_among_many() -> None:
    judged = report(replace(FINDING, enforcement="warn"), FINDING, replace(FINDING, status="pass"))
    assert (judged.exit_code, list(judged.blocking)) == (1, [FINDING])


@pytest.mark.parametrize(
    ("counts", "require_match", "code"),
    [
        ({}, False, 0),
        ({}, True, 2),
        ({"not_applicable": 3}, True, 2),
        ({"not_applicable": 3, "pass": 1}, True, 0),
        ({"unknown": 1}, True, 0),
        ({"pass": 1, "error": 1}, False, 2),
    ],
)
def test_exit_code_of_counts(counts: dict[Status, int], require_match: bool, code: int) -> None:
    assert report(counts=counts, require_match=require_match).exit_code == code


def test_an_error_outweighs_a_violation() -> None:
    assert report(FINDING, counts={"fail": 1, "error": 1}).exit_code == 2


def test_totals_are_over_all_policies() -> None:
    counts = (PolicyCounts("a", {"pass": 2, "fail": 1}), PolicyCounts("b", {"pass": 3, "waived": 4}))
    judged = replace(report(), policies=counts)
    assert {status: judged.total(status) for status in STATUSES} == {
        "pass": 5, "fail": 1, "unknown": 0, "not_applicable": 0, "waived": 4, "error": 0
    }  # fmt: skip
    assert judged.evaluations == 10


def test_severities_go_from_the_worst_down() -> None:
    assert SEVERITIES == ("critical", "high", "medium", "low", "info")
