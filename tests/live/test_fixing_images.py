"""``check --fix --resolve registry``: references in files are pinned to what a real registry serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.live.conftest import missing
from tests.live.distribution import Distribution, distribution, installed
from tests.once import ONCE
from tests.running import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.live, ONCE]

COMPOSE = """\
services:
  web:
    image: {host}/acme/web:latest  # the front
  db: {{image: "{host}/acme/db"}}
  twice:
    image: {host}/acme/web:latest
"""
FIXED_COMPOSE = """\
services:
  web:
    image: {host}/acme/web:latest@{web}  # the front
  db: {{image: "{host}/acme/db@{db}"}}
  twice:
    image: {host}/acme/web:latest@{web}
"""
MANIFEST = """\
apiVersion: v1
kind: Pod
metadata: {{name: web}}
spec:
  containers:
    - name: web
      image: '{host}/acme/web:latest'
"""
DOCKERFILE = """\
ARG BASE={host}/acme/db:latest
FROM {host}/acme/web:latest AS build
RUN make
FROM ${{BASE}}
COPY --from=build /app /app
"""
ARGUMENTS = ("check", ".", "--no-config", "--select", "base-latest,base-untagged,image-digest")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Distribution]:
    program = installed()
    if program is None:
        missing("there is no docker-registry (Debian: docker-registry)")
    with distribution(program, tmp_path_factory.mktemp("fixing") / "registry") as running:
        yield running


@pytest.fixture(scope="module")
def digests(registry: Distribution) -> dict[str, str]:
    platforms = {"linux/amd64": {"User": "1"}, "linux/arm64/v8": {"User": "1"}}
    web = registry.push_index("acme/web", "latest", platforms, docker=False)
    return {
        "host": registry.host.replace("127.0.0.1", "localhost"),
        "web": web,
        "db": registry.push("acme/db", "latest", {}),
    }


def test_references_are_pinned(digests: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE.format(**digests))
    (tmp_path / "pod.yaml").write_text(MANIFEST.format(**digests))
    ended = cli(*ARGUMENTS, "--fix", "--resolve", "registry", cwd=tmp_path)
    assert ended == (0, "", "8 findings fixed in 2 files\n")
    assert (tmp_path / "compose.yaml").read_text() == FIXED_COMPOSE.format(**digests)
    wanted = MANIFEST.replace("latest'", "latest@{web}'").format(**digests)
    assert (tmp_path / "pod.yaml").read_text() == wanted
    assert cli(*ARGUMENTS, "--fix", "--resolve", "registry", cwd=tmp_path) == (0, "", "0 findings fixed in 0 files\n")


def test_dockerfiles(digests: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.format(**digests))
    ended = cli(*ARGUMENTS, "--fix", "--resolve", "registry", cwd=tmp_path)
    host = digests["host"]
    assert ended == (
        1,
        f"Dockerfile:4:6: medium base-latest {host}/acme/db:latest refers to the tag latest\n"
        f"Dockerfile:4:6: low image-digest {host}/acme/db:latest is not pinned by a digest\n",
        "not fixed: Dockerfile:4:6: base-latest: a variable decides what stands there\n"
        "not fixed: Dockerfile:4:6: image-digest: a variable decides what stands there\n"
        "2 findings fixed in 1 file\n",
    )
    text = DOCKERFILE.format(**digests)
    pinned = f"FROM {host}/acme/web:latest@{digests['web']} AS build"
    assert (tmp_path / "Dockerfile").read_text() == text.replace(f"FROM {host}/acme/web:latest AS build", pinned)


def test_no_registry_is_asked_unless_it_is_to_be(digests: dict[str, str], tmp_path: Path) -> None:
    text = COMPOSE.format(**{**digests, "host": "127.0.0.1:1"})
    (tmp_path / "compose.yaml").write_text(text)
    ended = cli(*ARGUMENTS, "--fix", cwd=tmp_path)
    assert ended.err == (
        "0 findings fixed in 0 files\n6 more findings with a fix that asks a registry: --resolve registry\n"
    )
    assert (tmp_path / "compose.yaml").read_text() == text


def test_a_registry_that_is_down(tmp_path: Path) -> None:
    text = COMPOSE.format(host="127.0.0.1:1")
    (tmp_path / "compose.yaml").write_text(text)
    ended = cli(*ARGUMENTS, "--fix", "--resolve", "registry", cwd=tmp_path)
    assert ended.code == 2  # a registry that was to be asked and does not answer is a problem
    assert (
        ended.err
        == "".join(
            f"not fixed: compose.yaml:{place}: {policy}: {what}the registry 127.0.0.1:1 cannot be reached: connection "
            "refused (is it running?)\n"
            for place, policy, what in (
                ("3:12", "base-latest", "127.0.0.1:1/acme/web:latest cannot be looked up: "),
                ("3:12", "image-digest", "127.0.0.1:1/acme/web:latest cannot be looked up: "),
                ("4:15", "image-digest", ""),
                ("4:15", "base-untagged", ""),
                ("6:12", "base-latest", "127.0.0.1:1/acme/web:latest cannot be looked up: "),
                ("6:12", "image-digest", "127.0.0.1:1/acme/web:latest cannot be looked up: "),
            )
        )
        + "0 findings fixed in 0 files\n"
    )
    assert (tmp_path / "compose.yaml").read_text() == text


def test_moved_to_the_registry_that_the_settings_name(digests: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services:\n  web: {image: evil.example/acme/web:latest}\n")
    host = digests["host"]
    (tmp_path / "policyengine.yaml").write_text(
        f"version: 1\nparameters: {{registry-allowlist: {{allowed: ['{host}/*']}}}}\n"
        f"remediate: {{registries: {{evil.example: '{host}'}}}}\n"
    )
    arguments = ("check", "compose.yaml", "--select", "registry-allowlist,image-digest", "--resolve", "registry")
    ended = cli(*arguments, "--fix", "--unsafe-fixes", cwd=tmp_path)
    assert ended == (0, "", "2 findings fixed in 1 file\n")
    assert (tmp_path / "compose.yaml").read_text() == (
        f"services:\n  web: {{image: {host}/acme/web:latest@{digests['web']}}}\n"
    )
