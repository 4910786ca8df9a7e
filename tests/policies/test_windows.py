"""What Windows has no notion of is not asked of its containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.api import evaluate
from policyengine.settings.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

LINUX = [
    *("allow-priv-esc", "cap-net-raw", "caps-not-dropped-all", "caps-not-dropped-any", "linux-hardening"),
    *("pids-limit", "readonly-rootfs", "run-as-low-gid", "run-as-low-uid", "seccomp-unset"),
]
OF_KUBERNETES = ["linux-hardening", "run-as-low-gid", "run-as-low-uid", "seccomp-unset"]
OF_ENGINES = ["pids-limit"]
COMPOSE = "services: {web: {image: web, platform: %s}}\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {%s, containers: [{name: web, image: web}]}\n"
DOCKER = """
docker_snapshot: 1
containers:
  - {Id: "1", Name: /web, Platform: %s, Config: {Image: web}, HostConfig: {}}
"""
PLACES = [
    (COMPOSE, "windows/amd64", "linux/arm64", OF_KUBERNETES),
    (COMPOSE, "windows(10.0.17763)/amd64", "windowsish/amd64", OF_KUBERNETES),
    (POD, "os: {name: windows}", "os: {name: linux}", OF_ENGINES),
    (POD, "nodeSelector: {kubernetes.io/os: windows}", "nodeSelector: {kubernetes.io/os: linux}", OF_ENGINES),
    (DOCKER, "windows", "linux", OF_KUBERNETES),
]


def _found(path: Path, text: str) -> list[str]:
    path.write_text(text)
    report = evaluate(str(path), Settings(select=tuple(LINUX), cache=False))
    return sorted(finding.policy for finding in report.findings)


@pytest.mark.parametrize(("text", "windows", "linux", "of_others"), PLACES)
def test_of_windows_nothing_is_asked_that_only_linux_has(
    tmp_path: Path, text: str, windows: str, linux: str, of_others: list[str]
) -> None:
    assert _found(tmp_path / "a.yaml", text % windows) == []
    assert _found(tmp_path / "a.yaml", text % linux) == [policy for policy in LINUX if policy not in of_others]


def test_a_part_of_a_service_is_not_taken_for_one_on_windows(tmp_path: Path) -> None:
    part = "services: {web: {read_only: false}}\n"
    found = _found(tmp_path / "compose.yaml", part)
    assert "readonly-rootfs" in found


def test_a_platform_from_elsewhere_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE % '"${PLATFORM}"')
    report = evaluate(str(tmp_path / "compose.yaml"), Settings(select=("readonly-rootfs",), cache=False))
    assert [(finding.policy, finding.status) for finding in report.findings] == [("readonly-rootfs", "unknown")]
