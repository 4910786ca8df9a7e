"""``policyengine test``: what is as expected passes, and everything else is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.commands.test import render
from policyengine.commands.test import test as run
from policyengine.errors import SourceError
from policyengine.settings import Settings
from tests.running import POD, POLICY, Ended, cli

if TYPE_CHECKING:
    from pathlib import Path

ALONE = Settings(built_in=False)
WRONG: dict[str, tuple[str, str, str]] = {
    "a passing example fails": (
        "services: {acme-web: {image: nginx}}",
        "services: {web: {image: nginx}}",
        "FAILED acme/named: pass example 1 (compose)\n  expected pass, found fail at line 1 (name)\n",
    ),
    "a failing example passes": (
        "services: {web: {image: nginx}}",
        "services: {acme-web: {image: nginx}}",
        "FAILED acme/named: fail example 1 (compose)\n"
        "  expected fail, found pass at line 1 (service/acme-web/container/acme-web)\n",
    ),
    "an example that the policy does not judge": (
        "services: {acme-web: {image: nginx}}",
        "services: {}",
        "FAILED acme/named: pass example 1 (compose)\n  expected pass, found nothing that the policy applies to\n",
    ),
    "another line": (
        '    - compose: "services: {web: {image: nginx}}"\n',
        '    - {compose: "services: {web: {image: nginx}}", line: 2}\n',
        "FAILED acme/named: fail example 1 (compose)\n  expected line 2, found 1\n",
    ),
    "another field": (
        '    - compose: "services: {web: {image: nginx}}"\n',
        '    - {name: by its name, compose: "services: {web: {image: nginx}}", field: image}\n',
        "FAILED acme/named: fail example 1 (by its name)\n  expected field image, found name\n",
    ),
    "an example that cannot be read": (
        "services: {web: {image: nginx}}",
        "services: {web: 5}",
        "FAILED acme/named: fail example 1 (compose)\n"
        '  cannot be read: line 1: service "web" should be a mapping, not an integer\n'
        "  expected fail, found nothing that the policy applies to\n",
    ),
    "a fix that mends nothing": (
        "message:",
        "remediate: {safety: safe, set: {privileged: false}}\nmessage:",
        "FAILED acme/named: fail example 1 (compose)\n"
        "  expected pass when it is mended, found fail at line 1 (name)\n"
        "FAILED acme/named: fail example 2 (kubernetes)\n"
        "  expected pass when it is mended, found fail at line 1 (name)\n",
    ),
    "a fix that cannot be made": (
        "message:",
        "remediate: {safety: safe, set: {name: acme-web}}\nmessage:",
        "FAILED acme/named: fail example 1 (compose)\n"
        "  cannot be mended: name is not changed in compose documents\n"
        "FAILED acme/named: fail example 2 (kubernetes)\n"
        "  cannot be mended: name is not changed in kubernetes documents\n",
    ),
    "no example for an input": (
        "    - docker: \"{docker_snapshot: 1, containers: [{Id: '1', Name: /web, Config: {}, HostConfig: {}}]}\"\n",
        "",
        "FAILED acme/named: no failing example for docker\n",
    ),
}


def outcome(path: Path, *, coverage: bool = False, verbose: bool = False) -> tuple[int, str]:
    report = run([str(path)], ALONE, coverage=coverage)
    return report.exit_code, render(report, verbose=verbose)


def test_examples_that_are_as_expected(tmp_path: Path) -> None:
    (tmp_path / "named.yaml").write_text(POLICY)
    assert outcome(tmp_path) == (0, "6 examples: 6 passed, 0 failed\n")
    assert outcome(tmp_path / "named.yaml", verbose=True) == (
        0,
        "ok acme/named: pass example 1 (compose)\n"
        "ok acme/named: pass example 2 (kubernetes)\n"
        "ok acme/named: pass example 3 (docker)\n"
        "ok acme/named: fail example 1 (compose)\n"
        "ok acme/named: fail example 2 (kubernetes)\n"
        "ok acme/named: fail example 3 (docker)\n"
        "6 examples: 6 passed, 0 failed\n",
    )


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_as_expected(name: str, tmp_path: Path) -> None:
    before, after, told = WRONG[name]
    assert before in POLICY
    (tmp_path / "named.yaml").write_text(POLICY.replace(before, after))
    code, text = outcome(tmp_path)
    assert code == 1
    assert text.startswith(told)


def test_a_policy_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "named.yaml").write_text(POLICY.replace("name: {regex:", "nmae: {regex:"))
    code, text = outcome(tmp_path)
    assert code == 2
    assert text.startswith(f"error: {tmp_path}/named.yaml:9:3: ")
    assert 'did you mean "name"?' in text


def test_coverage_names_what_no_failing_example_reaches(tmp_path: Path) -> None:
    (tmp_path / "named.yaml").write_text(POLICY.replace('{regex: "acme-.*"}', '{regex: "acme-.*", maxlength: 20}'))
    assert outcome(tmp_path) == (0, "6 examples: 6 passed, 0 failed\n")
    assert outcome(tmp_path, coverage=True) == (
        1,
        "not reached by a failing example: acme/named: name: maxlength\n6 examples: 6 passed, 0 failed\n",
    )
    (tmp_path / "named.yaml").write_text(POLICY)
    assert outcome(tmp_path, coverage=True) == (
        0,
        "every constraint is reached by a failing example\n6 examples: 6 passed, 0 failed\n",
    )


class TestCases:
    EXPECTED = "findings:\n  - {policy: acme/named, status: fail, path: pod.yaml, line: 6, field: name}\n"

    @pytest.fixture
    def case(self, tmp_path: Path) -> Path:
        (tmp_path / "named.yaml").write_text(POLICY)
        (tmp_path / "cases" / "pod").mkdir(parents=True)
        (tmp_path / "cases" / "pod" / "pod.yaml").write_text(POD)
        return tmp_path / "cases" / "pod"

    def test_as_expected(self, case: Path, tmp_path: Path) -> None:
        (case / "expected.yaml").write_text(self.EXPECTED)
        assert outcome(tmp_path) == (0, "6 examples and 1 test case: 7 passed, 0 failed\n")

    def test_compared_both_ways(self, case: Path, tmp_path: Path) -> None:
        (case / "expected.yaml").write_text(self.EXPECTED.replace("line: 6", "line: 7"))
        code, text = outcome(tmp_path)
        assert (code, text) == (
            1,
            f"FAILED {case}\n"
            "  missing finding: {field: name, line: 7, path: pod.yaml, policy: acme/named, status: fail}\n"
            "  unexpected finding: {field: name, line: 6, path: pod.yaml, policy: acme/named, status: fail}\n"
            "6 examples and 1 test case: 6 passed, 1 failed\n",
        )

    def test_problems_are_expected_too(self, case: Path, tmp_path: Path) -> None:
        (case / "broken.yaml").write_text("services: [\n")
        (case / "expected.yaml").write_text(self.EXPECTED)
        assert "  unexpected problem: {line: 2, path: broken.yaml}\n" in outcome(tmp_path)[1]
        (case / "expected.yaml").write_text(f"{self.EXPECTED}problems:\n  - {{path: broken.yaml, line: 2}}\n")
        assert outcome(tmp_path)[0] == 0

    def test_policies_from_elsewhere_and_the_built_in_ones_judge(self, case: Path, tmp_path: Path) -> None:
        finding = "{policy: privileged, status: fail, path: pod.yaml, line: 8, field: privileged}"
        expected = f"select: [privileged]\nfindings: [{finding}]\n"
        (case / "expected.yaml").write_text(expected)
        report = run([str(tmp_path / "cases")], Settings())
        assert (report.exit_code, render(report)) == (0, "1 test case: 1 passed, 0 failed\n")

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("finding: []\n", "a mapping with findings, parameters, problems, select, sources, zones is expected"),
            ("findings: [\n", "malformed YAML"),
            ("select: [nope]\n", 'no policy is called "nope"'),
        ],
    )
    def test_an_expectation_that_is_wrong(self, text: str, told: str, case: Path, tmp_path: Path) -> None:
        (case / "expected.yaml").write_text(text)
        code, shown = outcome(tmp_path)
        assert code == 1
        assert told in shown


def test_a_place_without_anything(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no policy files in it"):
        run([str(tmp_path)], ALONE)


def test_the_built_in_policies_are_tested_when_nothing_is_named(tmp_path: Path) -> None:
    ended = cli("test", cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.endswith(" passed, 0 failed\n")


def test_policies_beside_the_built_in_ones_are_tested_with_them(here: Path) -> None:
    assert cli("test", "--no-built-in", "-p", "policies", cwd=here) == Ended(0, "6 examples: 6 passed, 0 failed\n", "")
