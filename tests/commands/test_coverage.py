"""What a run covered of the benchmarks, by the real policies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.commands.check import check
from policyengine.commands.policies import loaded
from policyengine.model.enforcement import EnforcementRule
from policyengine.model.natural import natural
from policyengine.outputs.controls import controls, sheets
from policyengine.policy.benchmarks import COMPLETE, all_controls
from policyengine.settings import Settings
from tests.running import cli

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.outputs.controls import Control

COMPOSE = "services: {a: {image: nginx, privileged: true}, b: {image: nginx, privileged: false}}\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: nginx}]}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def judged(*, source: str = "compose.yaml", **settings: Any) -> dict[str, Control]:
    """The controls by benchmark and id, without versions."""
    report = check([source], Settings(cache=False, **settings), controls=True)
    return {f"{one.benchmark} {one.id}": one for one in controls(report)}


def versions(**settings: Any) -> list[str]:
    return [sheet.title for sheet in sheets(check(["compose.yaml"], Settings(cache=False, **settings), controls=True))]


def test_by_all_policies_that_speak_for_it_a_control_passes_or_fails(project: Path) -> None:
    found = judged(packs=("cis-docker",))
    assert found["CIS Docker 5.5"].status == "fail"
    assert found["CIS Docker 5.5"].counts == {"pass": 1, "fail": 1}
    assert (found["CIS Docker 5.10"].status, found["CIS Docker 5.10"].policies) == ("pass", ("host-network",))
    assert found["CIS Docker 2.1"].gap == "nothing-to-judge"
    assert found["CIS Docker 1.1.1"].gap == "no-policy"


def test_a_part_of_the_policies_makes_no_pass(project: Path) -> None:
    found = judged(select=("caps-added",))["CIS Docker 5.4"]
    assert (found.status, found.gap, found.missing) == ("not_checked", "not-in-run", ("caps-not-dropped-all",))
    assert found.counts["pass"] == 2


def test_what_only_other_inputs_need_is_not_missed(project: Path) -> None:
    """user-missing and user-root speak for 4.1 in Dockerfiles, of which there is none."""
    found = judged(select=("run-as-uid-0",))["CIS Docker 4.1"]
    assert (found.status, found.missing) == ("unknown", ())


def test_a_pod_is_no_matter_of_cis_docker(project: Path) -> None:
    (project / "compose.yaml").unlink()
    (project / "pod.yaml").write_text(POD)
    found = judged(source="pod.yaml", select=("privileged",))
    assert found["CIS Docker 5.5"].gap == "nothing-to-judge"
    assert found["CIS Kubernetes 5.2.2"].status == "pass"


def test_violations_that_nobody_is_told_of_make_no_pass(project: Path) -> None:
    path = EnforcementRule("off", policies=("privileged",), paths=("compose.yaml",))
    (project / "other.yaml").write_text(COMPOSE.replace("true", "false"))
    found = judged(source=".", select=("privileged", "host-network"), enforcement=(path,))
    assert (found["CIS Docker 5.5"].status, found["CIS Docker 5.5"].gap) == ("not_checked", "switched-off")
    assert found["CIS Docker 5.10"].status == "pass"


def test_a_policy_that_is_off_everywhere_was_not_in_the_run(project: Path) -> None:
    off = EnforcementRule("off", policies=("privileged",))
    found = judged(select=("privileged", "host-network"), enforcement=(off,))
    assert (found["CIS Docker 5.5"].gap, found["CIS Docker 5.5"].missing) == ("not-in-run", ("privileged",))


def test_of_a_benchmark_the_newest_version_is_told_unless_another_is_named(project: Path) -> None:
    assert "CIS Docker 1.7.0" in versions()
    assert "CIS Docker 1.6.0" not in versions()
    assert [one for one in versions(packs=("cis-docker@1.6",)) if "Docker" in one] == ["CIS Docker 1.6.0"]
    assert [one for one in versions(select=("CIS Docker 1.6.0 5.5",)) if "Docker" in one] == ["CIS Docker 1.6.0"]


def test_a_benchmark_that_no_policy_of_the_run_speaks_for_is_not_told_of(project: Path) -> None:
    assert versions(select=("apk-no-cache",)) == []


def test_policies_speak_for_controls_that_are_there() -> None:
    spoken: dict[tuple[str, str], set[str]] = {}
    for policy in loaded(Settings())[0]:
        for control in policy.controls:
            if "benchmark" in control:
                version = (str(control["benchmark"]), str(control["version"]))
                spoken.setdefault(version, set()).add(str(control["id"]))
    assert set(spoken) >= COMPLETE
    listed = {version: set(all_controls(*version)) for version in spoken}
    assert {version: spoken[version] - ids for version, ids in listed.items() if ids and spoken[version] - ids} == {}


def test_the_controls_of_a_benchmark_in_its_order() -> None:
    ids = list(all_controls("CIS Docker", "1.7.0"))
    assert (len(ids), ids[0], ids[17], ids[18], ids[-1]) == (117, "1.1.1", "1.1.18", "1.2.1", "7.9")
    assert sorted(set(ids), key=natural) == ids
    assert list(all_controls("CIS Kubernetes", "1.12")) == []


def test_one_process_and_several_tell_the_same(project: Path) -> None:
    for number in range(40):
        (project / f"pod-{number}.yaml").write_text(POD + "---\n" + POD.replace("Pod", "ConfigMap"))
    (project / "both.yaml").write_text(f"{COMPOSE}---\n{POD}")
    outputs = [
        json.loads(
            cli("check", ".", "--by", "control", "-f", "json", *more, cwd=project, XDG_CACHE_HOME=str(project)).out
        )
        for more in (("--no-cache", "--jobs", "1"), ("--no-cache", "--jobs", "2"), ("--jobs", "1"), ("--jobs", "2"))
    ]
    for output in outputs:
        del output["run"]
        assert output == outputs[0]
    (privileged,) = (
        one for one in outputs[0]["controls"] if (one["benchmark"], one["id"]) == ("CIS Kubernetes", "5.2.2")
    )
    assert privileged["counts"]["pass"] == 41
    assert len(outputs) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--by", "contrl"], 'error: --by: unknown way "contrl" (did you mean "control"?)\n'),
        (["--by", "policy"], 'error: --by: unknown way "policy" (a report can go by control)\n'),
    ],
)
def test_ways_that_are_none(project: Path, arguments: list[str], message: str) -> None:
    ended = cli("check", *arguments, cwd=project)
    assert (ended.code, ended.out, ended.err) == (2, "", message)
