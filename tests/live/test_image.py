"""policyengine's own image: it judges as the installed command does, confined, and it passes its own policies."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from policyengine import __version__
from tests.installation import ROOT, installed, run
from tests.integrations.page import shown
from tests.integrations.repository import committed
from tests.live.debian import closure, owners
from tests.live.image import CONFINED, Ended, Image, built, docker
from tests.once import ONCE
from tests.running import COMPOSE, POD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

pytestmark = [pytest.mark.live, ONCE]

DEMO = ROOT / "fixtures" / "demo"


@pytest.fixture(scope="module")
def image(engine: DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    yield from built(tmp_path_factory.mktemp("image"))


CHECKS: dict[str, tuple[int, list[str]]] = {
    "violations": (1, ["check", "."]),
    "another pack": (1, ["check", "--pack", "strict", "deploy", "Dockerfile"]),
    "compliant": (0, ["check", "Dockerfile", "--select", "add-instead-of-copy"]),
    "a file that is not there": (2, ["check", "nowhere.yaml"]),
    "wrong usage": (2, ["check", "--fail-on", "hgih"]),
}


@pytest.mark.parametrize("case", CHECKS)
def test_it_tells_what_the_installed_command_tells(case: str, image: Image) -> None:
    code, arguments = CHECKS[case]
    ended = image.run(*arguments, work=DEMO)
    there = run(["policyengine", *arguments], DEMO, installed())
    assert ended == Ended(there.returncode, there.stdout, there.stderr)
    assert ended.code == code


def test_without_arguments_it_checks_what_is_mounted(image: Image) -> None:
    assert image.run(work=DEMO) == image.run("check", ".", work=DEMO)


def test_a_report_can_be_piped_through_it(image: Image) -> None:
    ended = image.run("check", "--format", "json", "-", stdin=POD)
    assert (ended.code, ended.err) == (1, "")
    assert "privileged" in {finding["policy"] for finding in json.loads(ended.out)["findings"]}


def test_any_user_may_run_it(image: Image, tmp_path: Path) -> None:
    """Who owns what is mounted, and lets nobody else read it."""
    (tmp_path / "good.yaml").write_text(COMPOSE)
    (tmp_path / "good.yaml").chmod(0o600)
    assert image.run(work=tmp_path).code == 2
    ended = image.run("check", "good.yaml", work=tmp_path, options=("--user", f"{tmp_path.stat().st_uid}:0"))
    assert ended == Ended(0, "", "")


@pytest.mark.parametrize("pack", ["default", "strict"])
def test_what_is_kept_of_policies_is_in_the_image(pack: str, image: Image) -> None:
    name = image.reference.replace(":", "-")
    try:
        docker("run", "--name", name, "--volume", f"{DEMO}:/work:ro", image.reference, "check", "--pack", pack)
        changed = docker("diff", name).out.splitlines()
    finally:
        docker("rm", "--force", name)
    assert [line for line in changed if line.startswith("A")] == ["A /var/cache/policyengine/results.db"]


COMMANDS = [line for block in shown("Container image", "sh") for line in block.text.splitlines()]


@pytest.mark.parametrize("command", [command for command in COMMANDS if " run " in command])
def test_what_the_page_shows(command: str, image: Image, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    committed(tmp_path, {"pod.yaml": POD})
    there = command.replace(" policyengine", f" {image.reference}")
    ended = subprocess.run(["bash", "-c", there], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0 if "--new-since" in command else 1, "")
    assert ("privileged" in ended.stdout) == (ended.returncode == 1)


def test_the_page_builds_it_as_it_is_built_here() -> None:
    assert COMMANDS[0] == "docker build --tag policyengine ."


class TestGit:
    def test_it_reads_a_repository_that_others_own(self, image: Image, tmp_path: Path) -> None:
        tmp_path.chmod(0o755)
        commit = committed(tmp_path, {"good.yaml": COMPOSE})
        git = ("--entrypoint", "/usr/bin/git")
        ended = image.run("-C", "/work", "rev-parse", "HEAD", work=tmp_path, options=git)
        assert ended == Ended(0, f"{commit}\n", "")

    def test_what_is_new_since_a_revision(self, image: Image, tmp_path: Path) -> None:
        """On a repository of which a file was renamed: git has to compare trees."""
        tmp_path.chmod(0o755)
        before = committed(tmp_path, {"pod.yaml": POD})
        committed(tmp_path, {"pod.yaml": None, "deploy/web.yaml": POD, "deploy/api.yaml": POD.replace("web", "api")})
        arguments = ["check", "--select", "privileged", "--new-since", before, "--format", "text"]
        ended = image.run(*arguments, work=tmp_path, options=("--tmpfs", "/tmp"))
        assert ended == Ended(1, "deploy/api.yaml:8:37: critical privileged api runs privileged\n", "")

    def test_its_libraries_are_in_every_debian(self) -> None:
        told = subprocess.run(["ldd", "/usr/bin/git"], capture_output=True, text=True, check=True).stdout
        libraries = [str(Path(path).resolve()) for path in re.findall(r"(?:=> )?(/\S+) \(0x", told)]
        assert owners(libraries) <= closure()


class TestItself:
    def test_the_image_passes_strict(self, image: Image) -> None:
        assert self._checked(f"docker:///image/{image.reference}") == []

    def test_a_container_of_it_passes_strict(self, image: Image) -> None:
        """But for the digest: an image that was never in a registry has none."""
        name = image.reference.replace(":", "-")
        limits = ("--memory", "512m", "--pids-limit", "100", "--security-opt", "no-new-privileges")
        options = (*CONFINED, *limits, "--volume", f"{DEMO}:/work:ro")
        try:
            assert docker("create", "--name", name, *options, image.reference).code == 0
            assert self._checked(f"docker:///container/{name}") == ["image-digest"]
        finally:
            docker("rm", "--force", name)

    @staticmethod
    def _checked(source: str) -> list[str]:
        arguments = ["check", source, "--pack", "strict", "--require-match", "--format", "json"]
        ended = run(["policyengine", *arguments], ROOT, installed())
        assert ended.returncode in (0, 1), ended.stdout + ended.stderr
        return [finding["policy"] for finding in json.loads(ended.stdout)["findings"]]

    def test_nothing_in_it_needs_a_shell(self, image: Image) -> None:
        (told,) = json.loads(docker("image", "inspect", image.reference).out)
        config = told["Config"]
        assert config["Entrypoint"] == ["/opt/policyengine/bin/policyengine"]
        assert config["Healthcheck"]["Test"] == ["CMD", "/opt/policyengine/bin/policyengine", "--version"]
        assert config["User"] == "10001:10001"
        assert config["Labels"]["org.opencontainers.image.version"] == __version__
        assert image.run("--version") == Ended(0, f"policyengine {__version__}\n", "")
