"""The hooks, with pre-commit itself on a real repository: a bad commit is blocked, a good one is not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from policyengine.documents.load import format_of
from tests.installation import ROOT, cache_directory
from tests.integrations.page import shown
from tests.integrations.repository import IDENTITY, committed, head, released, staged
from tests.once import ONCE
from tests.running import COMPOSE, POD, POLICY

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = ONCE

HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
(CONFIG,) = [block.text for block in shown("pre-commit", "yaml") if "hooks:" in block.text]

NETWORK_POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: all}
spec: {podSelector: {}, policyTypes: [Ingress]}
"""
SETTINGS = "version: 1\nselect: [privileged, networkpolicy-missing]\n"
FINE = POD.replace("privileged: true", "privileged: false")
WORKFLOW = "on: push\njobs: {}\n"


class Hooked:
    """A repository with hooks of this one, of its files of now. Their environment is built once for all tests."""

    def __init__(self, place: Path) -> None:
        self.source = place / "policyengine"
        self.revision = released(self.source)
        self.variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "POLICYENGINE_"))},
            **IDENTITY,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PRE_COMMIT_HOME": str(place / "pre-commit"),
            "POLICYENGINE_CACHE_DIR": str(cache_directory()),
        }

    def repository(self, place: Path, hooks: list[dict[str, Any]], files: Mapping[str, str]) -> Path:
        """A repository with some files and the configuration that the page shows, with other hooks."""
        config = yaml.safe_load(CONFIG)
        config["repos"] = [{"repo": f"file://{self.source}", "rev": self.revision, "hooks": hooks}]
        committed(place, {**files, ".pre-commit-config.yaml": yaml.safe_dump(config)})
        self.run(place, "pre-commit", "install", "--install-hooks")
        return place

    def run(self, place: Path, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=place, env=self.variables, capture_output=True, text=True, timeout=300, check=False
        )

    def commit(self, place: Path, files: dict[str, str | None]) -> tuple[bool, str]:
        """Whether a commit of these files was let through, and what was told."""
        staged(place, files)
        before = head(place)
        ended = self.run(place, "git", "commit", "--message", "A change")
        assert (ended.returncode == 0) == (head(place) != before)
        return ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def hooked(tmp_path_factory: pytest.TempPathFactory) -> Hooked:
    return Hooked(tmp_path_factory.mktemp("pre-commit"))


def test_what_the_page_shows_blocks_a_bad_commit(hooked: Hooked, tmp_path: Path) -> None:
    (repository,) = yaml.safe_load(CONFIG)["repos"]
    place = hooked.repository(tmp_path / "shop", repository["hooks"], {"good.yaml": COMPOSE})
    done, told = hooked.commit(place, {"pod.yaml": POD})
    assert not done
    assert "pod.yaml:8:37: critical privileged web runs privileged\n" in told
    assert "- exit code: 1\n" in told
    assert hooked.commit(place, {"pod.yaml": None, "notes.txt": "hello"})[0]


class TestTheWholeRepository:
    HOOK = ({"id": "policyengine"},)

    @pytest.fixture
    def place(self, hooked: Hooked, tmp_path: Path) -> Path:
        files = {"pod.yaml": FINE, "network.yaml": NETWORK_POLICY, "policyengine.yaml": SETTINGS}
        return hooked.repository(tmp_path / "shop", [*self.HOOK], files)

    def test_a_commit_is_judged_with_what_does_not_change(self, hooked: Hooked, place: Path) -> None:
        done, told = hooked.commit(place, {"pod.yaml": FINE.replace("nginx", "nginx:1.27"), "ci.yaml": WORKFLOW})
        assert done, told

    def test_what_others_need_cannot_be_deleted(self, hooked: Hooked, place: Path) -> None:
        done, told = hooked.commit(place, {"network.yaml": None})
        assert not done
        assert "pod.yaml:3:18: high networkpolicy-missing no NetworkPolicy selects the Pods of web\n" in told

    def test_what_is_not_staged_is_not_judged(self, hooked: Hooked, place: Path) -> None:
        staged(place, {"notes.txt": "hello"})
        (place / "pod.yaml").write_text(POD)
        assert hooked.run(place, "git", "commit", "--message", "A change").returncode == 0
        assert (place / "pod.yaml").read_text() == POD

    def test_a_file_that_cannot_be_read_is_no_violation(self, hooked: Hooked, place: Path) -> None:
        done, told = hooked.commit(place, {"compose.yaml": "services:\n  web: [\n"})
        assert not done
        assert "- exit code: 2\n" in told
        assert "compose.yaml:3:1: error malformed YAML" in told


class TestChangedFiles:
    HOOK = ({"id": "policyengine-files"},)

    @pytest.fixture
    def place(self, hooked: Hooked, tmp_path: Path) -> Path:
        files = {"network.yaml": NETWORK_POLICY, "policyengine.yaml": SETTINGS + "exclude: [vendor/]\n"}
        return hooked.repository(tmp_path / "shop", [*self.HOOK], files)

    def test_what_hangs_on_other_files_is_unknown_and_no_violation(self, hooked: Hooked, place: Path) -> None:
        done, told = hooked.commit(place, {"pod.yaml": FINE})
        assert done, told

    def test_a_violation_in_a_changed_file_blocks(self, hooked: Hooked, place: Path) -> None:
        done, told = hooked.commit(place, {"pod.yaml": POD})
        assert not done
        assert "pod.yaml:8:37: critical privileged web runs privileged\n" in told

    def test_other_files_and_excluded_ones_pass(self, hooked: Hooked, place: Path) -> None:
        done, told = hooked.commit(place, {"ci.yaml": WORKFLOW, "data.json": "{}", "vendor/pod.yaml": POD})
        assert done, told

    @pytest.mark.parametrize(
        "name",
        [
            *("pod.yaml", "pod.yml", "pod.json", "POD.YAML"),
            *("Dockerfile", "dockerfile", "Dockerfile.dev", "dev.Dockerfile", "Dockerfile-dev", "Dockerfile_dev"),
            *("Containerfile", "app.containerfile"),
        ],
    )
    def test_the_hook_is_run_for_every_file_that_policyengine_reads(self, name: str) -> None:
        assert format_of(name)
        for hook in ("policyengine", "policyengine-files"):
            assert re.search(HOOKS[hook]["files"], f"deploy/{name}")


class TestExamplesOfPolicies:
    HOOK = ({"id": "policyengine-test"},)

    def test_an_example_that_is_not_true_blocks(self, hooked: Hooked, tmp_path: Path) -> None:
        place = hooked.repository(tmp_path / "shop", [*self.HOOK], {"notes.txt": "hello"})
        done, told = hooked.commit(place, {"policies/named.yaml": POLICY})
        assert done, told
        done, told = hooked.commit(place, {"policies/named.yaml": POLICY.replace('"acme-.*"', '"acme.*|web"')})
        assert not done
        assert "3 failed" in told
