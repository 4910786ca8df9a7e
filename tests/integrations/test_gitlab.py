"""The GitLab component: valid, and its script run as a GitLab runner runs it."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
import yaml

from tests.installation import ROOT, installed
from tests.integrations.page import INTEGRATIONS, section
from tests.integrations.repository import committed
from tests.integrations.shell import Ended, Python, complaints, run, schema_errors
from tests.once import ONCE
from tests.running import COMPOSE, POD

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = ONCE

COMPONENT = ROOT / "templates" / "policyengine.yml"
PROJECT = INTEGRATIONS / "gitlab" / ".gitlab-ci.yml"
SPEC: dict[str, Any]
JOBS: dict[str, Any]
SPEC, JOBS = yaml.safe_load_all(COMPONENT.read_text())
INPUTS = SPEC["spec"]["inputs"]

SHELLS = ["bash", "dash", "busybox sh"]
"""GitLab takes bash where the image has it, else sh."""


def job(**inputs: str) -> dict[str, Any]:
    """The job that the component makes of inputs."""
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    assert given.keys() <= INPUTS.keys()
    values = {name: given.get(name, described.get("default")) for name, described in INPUTS.items()}
    (found,) = _filled(JOBS, values).values()
    return dict(found)


def _filled(value: Any, inputs: dict[str, Any]) -> Any:
    """A value with inputs put in: https://docs.gitlab.com/ci/inputs/."""
    if isinstance(value, dict):
        return {_filled(key, inputs): _filled(inner, inputs) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, inputs) for inner in value]
    if not isinstance(value, str):
        return value
    return re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda match: _text(inputs[match[1]]), value)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def ran(shop: Path, shell: str = "bash", base: str = "", path: str = "", **inputs: str) -> Ended:
    """How the job's script ends in a checkout."""
    made = job(**{"requirement": "", **inputs})
    variables = {
        name: str(value["value"] if isinstance(value, dict) else value) for name, value in made["variables"].items()
    }
    (script,) = made["script"]
    more = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base} if base else {}
    return run(script, shop, {**variables, **more}, [*shell.split(), "-e", "-c"], path or str(installed() / "bin"))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A checkout."""
    place = tmp_path / "shop"
    committed(place, {"compose.yaml": COMPOSE, "deploy/pod.yaml": POD})
    return place


@pytest.mark.parametrize("shell", SHELLS)
def test_violations_fail_the_job_and_are_in_both_reports(shell: str, shop: Path) -> None:
    if shutil.which(shell.split()[0]) is None:
        pytest.skip(f"there is no {shell}")
    ended = ran(shop, shell, args="--select\nprivileged")
    assert ended == Ended(1, "deploy/pod.yaml:8:37: critical privileged web runs privileged\n")
    (issue,) = json.loads((shop / "policyengine-gitlab.json").read_text())
    assert (issue["check_name"], issue["location"]["path"]) == ("privileged", "deploy/pod.yaml")
    cases = ElementTree.parse(shop / "policyengine-junit.xml").getroot().iter("testcase")
    assert [case.get("name") for case in cases if case.find("failure") is not None]


def test_a_compliant_checkout_passes(shop: Path) -> None:
    assert ran(shop, sources="compose.yaml\n") == Ended(0, "")
    assert json.loads((shop / "policyengine-gitlab.json").read_text()) == []


def test_what_cannot_be_done_is_told_from_violations(shop: Path) -> None:
    ended = ran(shop, args="--fail-on\nhgih")
    assert ended.code == 2
    assert ended.told.endswith("The check could not be done (exit code 2), so nothing is known to be right.\n")


def test_sources_packs_and_arguments_are_one_a_line(shop: Path) -> None:
    (shop / "-odd name.yaml").write_text(POD)
    ended = ran(shop, sources="compose.yaml\n-odd name.yaml", packs="default\npod-security-baseline", args="-q")
    assert ended.code == 1
    assert "-odd name.yaml:8:37: critical pss-privileged web runs privileged\n" in ended.told
    assert "deploy/" not in ended.told


def test_the_requirement_is_installed(shop: Path, tmp_path: Path) -> None:
    """Into an environment outside of what is judged."""
    python = Python(tmp_path / "bin")
    ended = ran(shop, path=str(python.place), requirement="a wheel", args="--select\nprivileged")
    assert python.asked() == ["-m", "pip", "install", "--quiet", "a wheel"]
    assert ended == Ended(1, "deploy/pod.yaml:8:37: critical privileged web runs privileged\n")


def test_of_a_merge_request_only_what_is_new_fails(shop: Path) -> None:
    base = committed(shop, {"policyengine.yaml": "version: 1\nselect: [privileged]\n"})
    changes = {"policyengine.yaml": "version: 1\nselect: [docker-socket]\n", "new.yaml": POD.replace("web", "api")}
    committed(shop, dict(changes))
    assert ran(shop).code == 0
    ended = ran(shop, base=base)
    assert (ended.code, "new.yaml:8:37: critical privileged api runs privileged\n" in ended.told) == (1, True)
    assert "deploy/pod.yaml" not in ended.told
    committed(shop, {"new.yaml": None})
    assert ran(shop, base=base).code == 0
    assert ran(shop, base=base, new_only="false").code == 0


@pytest.mark.parametrize("name", ["requirement", "sources", "packs", "args", "new-only"])
def test_no_input_is_run(name: str, shop: Path, tmp_path: Path) -> None:
    evil = '"; touch pwned; echo "$(touch pwned)`touch pwned`\' ; touch pwned\nEND\ntouch pwned\n'
    inputs = {name.replace("-", "_"): evil}
    ran(shop, "bash", "", str(Python(tmp_path / "bin").place), **{"requirement": "a wheel", **inputs})
    assert not list(shop.rglob("pwned"))


def test_inputs_reach_the_script_as_variables_only() -> None:
    (made,) = JOBS.values()
    assert "$[[" not in "".join(made["script"])
    given = [value for value in made["variables"].values() if "$[[" in str(value)]
    assert given
    assert all(value["expand"] is False for value in given)
    assert complaints(made["script"][0], "sh") == ""


def test_it_is_valid(tmp_path: Path) -> None:
    for name, document in {"spec": SPEC, "jobs": {"policyengine": job(requirement="x")}}.items():
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump(document))
        assert schema_errors("gitlab-ci", tmp_path / f"{name}.yml") == ""
    assert schema_errors("gitlab-ci", PROJECT) == ""


def test_the_project_gives_inputs_that_there_are() -> None:
    (included,) = yaml.safe_load(PROJECT.read_text())["include"]
    assert included["inputs"].keys() <= INPUTS.keys()
    required = {name for name, described in INPUTS.items() if "default" not in described}
    assert required <= included["inputs"].keys()


def test_the_page_tells_of_all_inputs() -> None:
    table = section("GitLab CI/CD").partition("| input |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `([\w-]+)`", table, re.MULTILINE) == list(INPUTS)
