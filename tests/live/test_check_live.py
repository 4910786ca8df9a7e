"""The command on a real engine: what it finds, what it prints, and what it never prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.once import ONCE

if TYPE_CHECKING:
    from tests.live.conftest import Workbench

pytestmark = [ONCE, pytest.mark.live]

ROOT = Path(__file__).parents[2]
MARKER = "correct-horse-battery"
POLICIES = {
    "privileged",
    "readonly-rootfs",
    "docker-socket",
    "run-as-uid-0",
    "caps-added",
    "memory-limit",
    "bind-all-interfaces",
    "secret-literal-env",
}


def check(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "policyengine", "check", "--pack", "all", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment)


def failed(output: str) -> set[str]:
    return {finding["policy"] for finding in json.loads(output)["findings"] if finding["status"] == "fail"}


def test_a_violating_and_a_compliant_container(bench: Workbench, tmp_path: Path) -> None:
    image = bench.image("USER 1000")
    bad = bench.create(
        image,
        "bad",
        privileged=True,
        user="0",
        cap_add=["SYS_ADMIN"],
        volumes=["/var/run/docker.sock:/var/run/docker.sock"],
        environment={"DB_PASSWORD": MARKER},
        ports={"80/tcp": 0},
    )
    good = bench.create(image, "good", read_only=True, mem_limit="64m", cap_drop=["ALL"])
    found = check(f"docker:///container/{bad}", "--format", "json", cwd=tmp_path)
    assert found.returncode == 1, found.stderr
    assert failed(found.stdout) >= POLICIES
    findings = [one for one in json.loads(found.stdout)["findings"] if one["policy"] in POLICIES]
    locations = [finding["locations"][0] for finding in findings]
    assert {location["path"] for location in locations} == {f"docker://local/container/{bad}"}
    options = [option for policy in sorted(POLICIES) for option in ("--select", policy)]
    found = check(f"docker:///container/{good}", "--format", "json", *options, cwd=tmp_path)
    assert (found.returncode, failed(found.stdout)) == (0, set()), found.stdout


@pytest.mark.parametrize("format_", ["full", "table", "text", "json", "sarif"])
def test_a_secret_is_never_printed(format_: str, bench: Workbench, tmp_path: Path) -> None:
    image = bench.image(f"ENV API_TOKEN={MARKER}")
    name = bench.create(image, environment={"DB_PASSWORD": MARKER})
    for url in ("docker://", f"docker:///container/{name}"):
        found = check(url, "--format", format_, "--all", "--verbose", cwd=tmp_path)
        assert found.returncode == 1, found.stderr
        assert name in found.stdout
        assert MARKER not in found.stdout + found.stderr


def test_the_image_settles_the_user_of_a_pod(bench: Workbench, tmp_path: Path) -> None:
    unprivileged, root = bench.image("USER 1000", "unprivileged"), bench.image("", "root")
    statuses = {}
    for image in (unprivileged, root):
        (tmp_path / "pod.yaml").write_text(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\nspec:\n"
            f"  containers:\n    - {{name: web, image: '{image}'}}\n"
        )
        for resolve in ([], ["--resolve", "engine"]):
            options = ["--select", "run-as-uid-0", "--all", "--format", "json", *resolve]
            found = check("pod.yaml", *options, cwd=tmp_path)
            statuses[image, bool(resolve)] = [finding["status"] for finding in json.loads(found.stdout)["findings"]]
    assert statuses == {
        (unprivileged, False): ["unknown"],
        (unprivileged, True): ["pass"],
        (root, False): ["unknown"],
        (root, True): ["fail"],
    }


def test_an_engine_that_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    found = check("docker://", cwd=tmp_path)
    assert found.returncode == 2
    assert f"no engine runs at unix://{tmp_path}/docker.sock: there is no such socket" in found.stdout + found.stderr
    assert "Traceback" not in found.stdout + found.stderr
