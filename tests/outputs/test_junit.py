from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from lxml import etree
from msgspec.structs import replace

from policyengine.model.location import Location
from policyengine.model.report import Place, Problem
from policyengine.outputs.options import RenderOptions
from policyengine.outputs.style import visible

from .gate import EXPIRED, GATE, WAIVED_FOR_A_WHILE, many
from .reports import (
    BROKEN,
    CLEAN,
    EMPTY,
    EVERYTHING,
    LIVE,
    LOST,
    PASSED,
    PORT,
    PRIVILEGED,
    PROBLEM,
    SIDECAR,
    USER,
    WAIVED,
    report,
    whole,
)

if TYPE_CHECKING:
    from policyengine.model.report import Report

render = whole("junit")


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(Path(__file__).parent / "schemas" / "junit-10.xsd"))


def suites(found: Report, options: RenderOptions | None = None) -> list[TestSuite]:
    """The suites that junitparser reads."""
    return list(JUnitXml.fromstring(render(found, options or RenderOptions()).encode()))


def cases(found: Report, options: RenderOptions | None = None) -> list[TestCase]:
    return [case for suite in suites(found, options) for case in suite]


def verdict(case: TestCase) -> tuple[str, str | None]:
    """What a case came to and its message."""
    if case.is_passed:
        return "passed", None
    (result,) = case.result
    return {Failure: "failure", Error: "error", Skipped: "skipped"}[type(result)], result.message


def test_a_violation_a_warning_and_a_problem() -> None:
    assert render(report(PRIVILEGED, LIVE, problems=[PROBLEM])) == (
        """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="policyengine" time="0.412" tests="3" failures="1" errors="1">
  <testsuite name="compose.yaml" tests="1" failures="1" errors="0" skipped="0" timestamp="2026-01-02T03:04:05" \
file="compose.yaml">
    <testcase name="service/web container/web: privileged" classname="runtime.privileged">
      <failure message="web runs privileged" type="critical">compose.yaml:4:17: critical privileged web runs privileged
resource: service/web container/web (compose:shop)
actual: privileged = true
help: Remove privileged: true.</failure>
    </testcase>
  </testsuite>
  <testsuite name="docker://local/container/web" tests="1" failures="0" errors="0" skipped="1" \
timestamp="2026-01-02T03:04:05">
    <testcase name="container/web: read_only" classname="runtime.readonly-rootfs">
      <skipped message="warning(low): web can write to its root file system" type="warning(low)">\
docker://local/container/web: warning(low) readonly-rootfs web can write to its root file system
resource: container/web (docker:local)
actual: read_only = false
note: a warning only: it does not make the run fail
help: Run it with --read-only.
Give it a tmpfs where it has to write.</skipped>
    </testcase>
  </testsuite>
  <testsuite name="broken.yaml" tests="1" failures="0" errors="1" skipped="0" timestamp="2026-01-02T03:04:05" \
file="broken.yaml">
    <testcase name="can be judged" classname="policyengine.problem">
      <error message="mapping values are not allowed here" type="problem">\
broken.yaml:7:3: mapping values are not allowed here</error>
    </testcase>
  </testsuite>
</testsuites>
"""
    )


@pytest.mark.parametrize("options", [RenderOptions(), RenderOptions(verbose=True, all=True)])
@pytest.mark.parametrize("found", [EVERYTHING, CLEAN, EMPTY, GATE, report(LIVE), report(problems=[LOST])], ids=range(6))
def test_it_keeps_to_the_schema(schema: etree.XMLSchema, found: Report, options: RenderOptions) -> None:
    schema.assertValid(etree.fromstring(render(found, options).encode()))


def test_the_schema_would_notice(schema: etree.XMLSchema) -> None:
    text = render(EVERYTHING).replace(' classname="', ' file="')
    assert not schema.validate(etree.fromstring(text.encode()))


def test_what_junitparser_reads() -> None:
    read = suites(EVERYTHING)
    assert [(one.name, one.tests, one.failures, one.errors, one.skipped) for one in read] == [
        ("compose.yaml", 4, 2, 1, 1),
        ("deploy.yaml", 4, 0, 0, 4),
        ("docker://local/container/web", 1, 0, 0, 1),
        ("broken.yaml", 1, 0, 1, 0),
        ("policyengine", 1, 0, 1, 0),
    ]
    for suite in read:
        counted = [verdict(case)[0] for case in suite]
        assert suite.tests == len(counted)
        assert (suite.failures, suite.errors, suite.skipped) == tuple(
            counted.count(kind) for kind in ("failure", "error", "skipped")
        )
    total = JUnitXml.fromstring(render(EVERYTHING).encode())
    assert (total.tests, total.failures, total.errors) == (11, 2, 3)


def test_a_clean_run_has_a_case_that_passes() -> None:
    for found in (CLEAN, EMPTY):
        (case,) = cases(found)
        assert (case.classname, case.name, verdict(case)) == (
            "policyengine.check",
            "no violations",
            ("passed", None),
        )


def test_passes_are_cases_only_with_all() -> None:
    assert [case.name for case in cases(report(PASSED, PRIVILEGED))] == ["service/web container/web: privileged"]
    passed, _ = cases(report(PASSED, PRIVILEGED), RenderOptions(all=True))
    assert (passed.name, passed.is_passed) == ("service/db container/db: privileged", True)


def test_an_unknown_is_skipped_or_fails_or_is_left_out() -> None:
    message = "app may run as root (image.user; --resolve engine)"
    found = report(USER)
    assert [verdict(case) for case in cases(found)] == [("skipped", f"unknown: {message}")]
    assert [verdict(case) for case in cases(replace(found, unknown="fail"))] == [("failure", message)]
    ignored = replace(found, unknown="ignore")
    assert [case.classname for case in cases(ignored)] == ["policyengine.check"]
    assert [verdict(case)[0] for case in cases(ignored, RenderOptions(all=True))] == ["skipped"]


def test_what_does_not_make_the_run_fail_is_no_failure() -> None:
    assert [verdict(case) for case in cases(report(LIVE))] == [
        ("skipped", "warning(low): web can write to its root file system")
    ]
    lenient = replace(report(PRIVILEGED, PORT), fail_on="critical")
    assert [verdict(case) for case in cases(lenient)] == [
        ("failure", "web runs privileged"),
        ("skipped", "high: web publishes 8080 on every interface"),
    ]


def test_a_waived_violation_is_skipped_with_the_reason() -> None:
    bare, reasoned = cases(report(WAIVED, WAIVED_FOR_A_WHILE))
    assert verdict(bare) == ("skipped", "waived: web runs privileged")
    assert verdict(reasoned) == (
        "skipped",
        "waived (waiver at waivers.yaml:4:3, until 2027-01-31, owner platform: we migrate in May): web runs privileged",
    )


def test_an_exemption_that_expired_is_told_with_the_violation() -> None:
    (case,) = cases(report(EXPIRED))
    assert verdict(case)[0] == "failure"
    assert "\nexpired: comment at compose.yaml:11:5, until 2026-01-01: behind a firewall" in case.result[0].text


def test_errors_of_policies_and_notices() -> None:
    assert [verdict(case) for case in cases(report(BROKEN))] == [("error", "memory is a list, not a number")]
    told = {case.name: verdict(case) for case in cases(GATE) if case.classname == "policyengine.notice"}
    assert told == {
        "exception is unused": ("skipped", "the waiver of privileged for db lets nothing pass"),
        "exception is ignored": ("skipped", "annotations of live objects do not count"),
    }


def test_names_have_no_line_and_are_no_two_cases_names() -> None:
    moved = replace(PRIVILEGED, places=(Place(Location("compose.yaml", 40)),))
    assert [case.name for case in cases(report(PRIVILEGED, PORT, moved))] == [
        "service/web container/web: privileged",
        "service/web container/web: ports[0].host_ip",
        "service/web container/web: privileged (2)",
    ]
    found = cases(many())
    assert len({(case.classname, case.name) for case in found}) == len(found)


def test_several_places_are_told() -> None:
    (case,) = cases(report(PORT))
    assert "\nrelated: other.yaml:3:1" in case.result[0].text


def test_a_file_is_told_from_the_top_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "deploy").mkdir()
    monkeypatch.chdir(tmp_path / "deploy")
    text = render(report(PRIVILEGED, SIDECAR, LIVE))
    assert ' file="deploy/compose.yaml"' in text
    assert ' name="docker://local/container/web"' in text


@settings(deadline=None)
@given(st.text(), st.text(min_size=1))
def test_any_text_can_be_read_back(message: str, path: str) -> None:
    place = (Place(Location(path, 1)),)
    (case,) = cases(report(replace(PRIVILEGED, message=message, places=place)))
    assert verdict(case) == ("failure", visible(message))
    (problem,) = cases(report(problems=[Problem(message)]))
    assert verdict(problem) == ("error", visible(message))
