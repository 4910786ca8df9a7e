"""The Jenkinsfile: its shell commands, run as Jenkins runs them. Groovy itself is not run."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.integrations.page import INTEGRATIONS
from tests.integrations.repository import committed, git
from tests.integrations.shell import Ended, Python, complaints, run
from tests.once import ONCE
from tests.running import COMPOSE, POD

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = ONCE

TEXT = (INTEGRATIONS / "jenkins" / "Jenkinsfile").read_text()
SCRIPTS = [textwrap.dedent(text) for text in re.findall(r"'''\n(.*?)'''", TEXT, re.DOTALL)]
INSTALL, CHECK = SCRIPTS
SH = ("sh", "-xe", "-c")
"""How the step ``sh`` runs a script: https://www.jenkins.io/doc/pipeline/steps/workflow-durable-task-step/."""


class Node:
    """Runs the scripts, after it installed what is to be run."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.python = Python(place / "bin")
        assert self.sh(INSTALL, place, POLICYENGINE_REQUIREMENT="a wheel") == Ended(0, "")
        assert self.python.asked() == ["-m", "pip", "install", "--quiet", "a wheel"]

    def sh(self, script: str, cwd: Path, **more: str) -> Ended:
        """Without the commands, which ``-x`` shows as well."""
        ended = run(script, cwd, {"WORKSPACE_TMP": str(self.place), **more}, SH, str(self.python.place))
        return Ended(ended.code, re.sub(r"^\+ .*\n", "", ended.told, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    return Node(tmp_path_factory.mktemp("node"))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A checkout."""
    place = tmp_path / "shop"
    committed(place, {"compose.yaml": COMPOSE, "policyengine.yaml": "version: 1\nselect: [privileged]\n"})
    return place


def test_the_exit_code_tells_violations_from_what_could_not_be_done(node: Node, shop: Path) -> None:
    assert node.sh(CHECK, shop) == Ended(0, "")
    (shop / "pod.yaml").write_text(POD)
    assert node.sh(CHECK, shop) == Ended(1, "pod.yaml:8:37: critical privileged web runs privileged\n")
    assert "<testsuite" in (shop / "policyengine-junit.xml").read_text()
    assert '"2.1.0"' in (shop / "policyengine.sarif").read_text()
    (shop / "policyengine.yaml").write_text("version: 2\n")
    assert node.sh(CHECK, shop).code == 2
    assert re.findall(r"if \((code .*?)\)", TEXT) == ["code == 1", "code != 0"]


def test_of_a_pull_request_only_what_is_new_fails(node: Node, shop: Path) -> None:
    committed(shop, {"pod.yaml": POD})
    assert git(shop, "update-ref", "refs/remotes/origin/main", "HEAD").returncode == 0
    assert node.sh(CHECK, shop, CHANGE_TARGET="main").code == 0
    committed(shop, {"new.yaml": POD.replace("web", "api")})
    ended = node.sh(CHECK, shop, CHANGE_TARGET="main")
    assert (ended.code, "new.yaml:8:37: critical privileged api runs privileged\n" in ended.told) == (1, True)


def test_its_scripts_are_right() -> None:
    """Groovy would take a backslash for its own."""
    assert [complaints(script, "sh") for script in SCRIPTS] == ["", ""]
    assert not [script for script in SCRIPTS if "\\" in script]
    assert TEXT.count("{") == TEXT.count("}")


def test_what_is_published_is_what_is_written() -> None:
    written = dict(re.findall(r"--format (\w+)=(\S+)", CHECK))
    assert f"junit testResults: '{written['junit']}'" in TEXT
    assert f"pattern: '{written['sarif']}'" in TEXT
