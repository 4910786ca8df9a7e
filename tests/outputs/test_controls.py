from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from policyengine.model.coverage import Benchmark, Coverage
from policyengine.outputs.controls import EXAMPLES, Control, controls, sheets

from .reports import CIS, CONTROLLED, COVERAGE, PRIVILEGED, known, report, under

if TYPE_CHECKING:
    from policyengine.model.report import Report, Status


def test_each_way_in_which_a_control_can_come_out() -> None:
    assert [(one.id, one.status, one.gap, one.missing) for one in controls(CONTROLLED)] == [
        ("1.1.1", "not_checked", "no-policy", ()),
        ("1.1.2", "not_checked", "no-policy", ()),
        ("4.1", "unknown", None, ()),
        ("5.4", "pass", None, ()),
        ("5.5", "fail", None, ()),
        ("5.11", "error", None, ()),
        ("5.12", "not_checked", "switched-off", ()),
        ("5.14", "waived", None, ()),
        ("5.28", "not_checked", "not-in-run", ("pids-limit",)),
        ("6.1", "not_checked", "nothing-to-judge", ()),
        ("5.2.2", "pass", None, ()),
    ]


def test_what_a_control_tells() -> None:
    found = next(one for one in controls(CONTROLLED) if one.id == "5.5")
    assert (found.benchmark, found.version, found.title) == ("CIS Docker", "1.7.0", "Containers do not run privileged")
    assert found.policies == ("privileged",)
    assert found.counts == {"pass": 3, "fail": 1}
    assert found.fingerprints == ["f1"]
    assert [str(one.location) for one in found.examples] == ["compose.yaml:4:17"]


def only(*policies: str, coverage: Coverage, found: Report | None = None) -> Control:
    """The one control 5.5, for which these policies speak in Compose files and Kubernetes manifests."""
    spoken = known("5.5", dict.fromkeys(policies, ("compose", "kubernetes")))
    told = replace(coverage, benchmarks=(Benchmark("CIS Docker", "1.7.0", (spoken,)),))
    (control,) = controls(replace(found or report(), coverage=told))
    return control


BOTH = Coverage(
    resources={"compose": 1}, passes={"a": {"compose": 1}, "b": {"compose": 1}}, acts={"a": None, "b": None}
)


def test_a_pass_takes_every_policy_that_speaks_for_it() -> None:
    assert only("a", "b", coverage=BOTH).status == "pass"
    without = only("a", "b", coverage=replace(BOTH, acts={"a": None}))
    assert (without.status, without.gap, without.missing) == ("not_checked", "not-in-run", ("b",))


def test_a_policy_that_could_judge_nothing_in_the_run_is_not_missed() -> None:
    elsewhere = known("5.5", {"a": ("compose",), "b": ("dockerfile",)})
    told = replace(BOTH, acts={"a": None}, benchmarks=(Benchmark("CIS Docker", "1.7.0", (elsewhere,)),))
    assert [one.status for one in controls(replace(report(), coverage=told))] == ["pass"]


def test_a_policy_that_acts_on_some_inputs_only_is_missed_on_the_others() -> None:
    limited = replace(BOTH, resources={"compose": 1, "kubernetes": 1}, acts={"a": None, "b": frozenset({"compose"})})
    assert (only("a", "b", coverage=limited).status, only("a", "b", coverage=limited).missing) == (
        "not_checked",
        ("b",),
    )
    assert only("a", coverage=replace(limited, acts={"a": frozenset({"compose", "kubernetes"})})).status == "pass"


def test_passes_of_inputs_that_the_control_does_not_speak_of_are_none() -> None:
    elsewhere = replace(BOTH, resources={"docker": 1}, passes={"a": {"docker": 7}})
    assert (only("a", coverage=elsewhere).status, only("a", coverage=elsewhere).gap) == (
        "not_checked",
        "nothing-to-judge",
    )


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["fail", "error", "unknown", "waived"], "fail"),
        (["error", "unknown", "waived"], "error"),
        (["unknown", "waived"], "unknown"),
        (["waived"], "waived"),
        (["pass"], "pass"),
        (["not_applicable"], "pass"),
        ([], "pass"),
    ],
)
def test_the_worst_counts(statuses: list[Status], expected: str) -> None:
    found = report(*(under(replace(PRIVILEGED, status=status), "5.5") for status in statuses))
    assert only("a", "b", coverage=BOTH, found=found).status == expected


def test_what_is_found_counts_however_little_was_judged() -> None:
    found = report(under(PRIVILEGED, "5.5"))
    assert only("a", "b", coverage=replace(BOTH, acts={"a": None}), found=found).status == "fail"


def test_a_finding_counts_for_the_controls_that_it_names_and_no_others() -> None:
    tool = {"tool": "checkov", "id": "5.5"}
    older = {**CIS, "version": "1.6.0", "id": "5.5"}
    found = report(replace(PRIVILEGED, controls=(tool, older)))
    assert only("a", "b", coverage=BOTH, found=found).status == "pass"


def test_the_same_policy_names_other_controls_for_other_inputs() -> None:
    pod = replace(PRIVILEGED, controls=(), resource=replace(PRIVILEGED.resource, origin="kubernetes"))
    found = report(pod, under(PRIVILEGED, "5.5"), under(PRIVILEGED, "5.5"), pod)
    assert only("privileged", coverage=COVERAGE, found=found).counts["fail"] == 2


def test_all_findings_are_counted_and_some_are_kept() -> None:
    many = [under(replace(PRIVILEGED, fingerprint=f"f{number}"), "5.5") for number in range(EXAMPLES + 5)]
    control = only("a", coverage=BOTH, found=report(*many))
    assert (control.counts["fail"], len(control.fingerprints)) == (EXAMPLES + 5, EXAMPLES + 5)
    assert [one.fingerprint for one in control.examples] == [f"f{number}" for number in range(EXAMPLES)]


def test_a_report_without_coverage_tells_of_no_control() -> None:
    assert sheets(report(PRIVILEGED)) == ()
