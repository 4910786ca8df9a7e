"""The pipeline for Azure DevOps: valid, and its scripts run as an agent runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.integrations.page import INTEGRATIONS
from tests.integrations.repository import committed, git
from tests.integrations.shell import Ended, Python, complaints, run, schema_errors
from tests.once import ONCE
from tests.running import COMPOSE, POD

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = ONCE

PIPELINE = INTEGRATIONS / "azure-devops" / "azure-pipelines.yml"
SAID: dict[str, Any] = yaml.safe_load(PIPELINE.read_text())
SCRIPTS = {step["displayName"]: step for step in SAID["steps"] if "bash" in step}
BASH = ("bash", "--noprofile", "--norc", "-c")
"""How an agent runs a step: what fails in the middle ends nothing."""


class Agent:
    """Runs the steps, after it installed what is to be run."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.python = Python(place / "bin")
        assert SCRIPTS["Install policyengine"]["env"] == {"REQUIREMENT": "$(policyengineRequirement)"}
        assert self.step("Install policyengine", place, REQUIREMENT="a wheel") == Ended(0, "")
        assert self.python.asked() == ["-m", "pip", "install", "--quiet", "a wheel"]

    def step(self, name: str, cwd: Path, **more: str) -> Ended:
        variables = {"AGENT_TEMPDIRECTORY": str(self.place), "BUILD_ARTIFACTSTAGINGDIRECTORY": str(self.place), **more}
        return run(SCRIPTS[name]["bash"], cwd, variables, BASH, str(self.python.place))


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Agent:
    return Agent(tmp_path_factory.mktemp("agent"))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A checkout."""
    place = tmp_path / "shop"
    committed(place, {"compose.yaml": COMPOSE, "policyengine.yaml": "version: 1\nselect: [privileged]\n"})
    return place


def test_it_tells_violations_from_what_could_not_be_done(agent: Agent, shop: Path) -> None:
    assert agent.step("policyengine check", shop) == Ended(0, "")
    (shop / "pod.yaml").write_text(POD)
    found = "pod.yaml:8:37: critical privileged web runs privileged\n"
    told = "##vso[task.logissue type=error]There are violations of policies.\n"
    assert agent.step("policyengine check", shop) == Ended(1, found + told)
    assert "<testsuite" in (agent.place / "junit.xml").read_text()
    assert '"2.1.0"' in (agent.place / "policyengine.sarif").read_text()
    (shop / "policyengine.yaml").write_text("version: 2\n")
    ended = agent.step("policyengine check", shop)
    assert (ended.code, ended.told.splitlines()[-1]) == (
        2,
        "##vso[task.logissue type=error]The check could not be done (exit code 2): nothing is known to be right.",
    )


@pytest.mark.parametrize("branch", ["main", "refs/heads/main"])
def test_of_a_pull_request_only_what_is_new_fails(branch: str, agent: Agent, shop: Path) -> None:
    committed(shop, {"pod.yaml": POD})
    assert git(shop, "update-ref", "refs/remotes/origin/main", "HEAD").returncode == 0
    committed(shop, {"policyengine.yaml": "version: 1\nselect: [docker-socket]\n"})
    assert agent.step("policyengine check", shop, SYSTEM_PULLREQUEST_TARGETBRANCH=branch).code == 0
    committed(shop, {"new.yaml": POD.replace("web", "api")})
    ended = agent.step("policyengine check", shop, SYSTEM_PULLREQUEST_TARGETBRANCH=branch)
    assert (ended.code, "new.yaml:8:37: critical privileged api runs privileged\n" in ended.told) == (1, True)


def test_it_is_valid() -> None:
    assert schema_errors("azure-pipelines", PIPELINE) == ""
    assert [complaints(step["bash"]) for step in SCRIPTS.values()] == ["", ""]


def test_shell_text_has_no_macro() -> None:
    """``$(name)`` is put into the text before the shell sees it."""
    assert not [step for step in SCRIPTS.values() if "$(" in step["bash"]]


def test_what_is_published_is_what_is_written() -> None:
    text = PIPELINE.read_text()
    assert text.count("$(Build.ArtifactStagingDirectory)/junit.xml") == text.count("junit=$reports/junit.xml") == 1
    assert text.count("$(Build.ArtifactStagingDirectory)/policyengine.sarif") == 1
