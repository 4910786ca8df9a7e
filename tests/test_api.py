"""The interface for Python users."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

import policyengine.api
from policyengine.api import Settings, SourceError, UsageError, evaluate
from tests.installation import ROOT

DEMO = ROOT / "fixtures" / "demo"


def test_the_examples_in_its_documentation_are_true(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DEMO)
    assert doctest.testmod(policyengine.api) == (0, 4)


def test_findings_are_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DEMO)
    report = evaluate("deploy", Settings(select=("privileged",)))
    (finding,) = report.findings
    assert (finding.policy, finding.status, finding.field, finding.actual) == ("privileged", "fail", "privileged", True)
    assert str(finding.location).startswith("deploy/web.yaml:")
    assert str(finding.resource) == "deployment/web/container/web"
    assert report.exit_code == 1


def test_one_source_or_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DEMO)
    assert evaluate(["compose.yaml", "Dockerfile"]).inputs == 2
    assert evaluate("compose.yaml").inputs == evaluate(Path("compose.yaml")).inputs == 1


def test_what_cannot_be_read_is_a_problem_of_the_report(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("services: [\n")
    report = evaluate(str(tmp_path / "broken.yaml"))
    assert [problem.line for problem in report.problems] == [2]
    assert report.exit_code == 2


@pytest.mark.parametrize("sources", [[], [""], ["dokcer://"], ["a\0b"]])
def test_sources_that_make_no_sense(sources: list[str]) -> None:
    with pytest.raises(UsageError):
        evaluate(sources)


def test_policies_that_are_not_there() -> None:
    with pytest.raises(SourceError, match="nowhere: no such file"):
        evaluate("nowhere.yaml", Settings(policies=("nowhere",)))


def test_it_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    evaluate(str(DEMO))
    evaluate("nowhere.yaml")
    assert capfd.readouterr() == ("", "")


def test_everything_it_exports_is_there() -> None:
    assert all(hasattr(policyengine.api, name) for name in policyengine.api.__all__)
