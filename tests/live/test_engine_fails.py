"""The real engine behind a proxy that cuts, stalls, garbles: what was told is read, the rest is a clear problem."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from policyengine.connections.docker import Limits
from policyengine.connections.docker_context import DEFAULT_HOST
from policyengine.errors import SourceError
from policyengine.inputs import docker
from policyengine.inputs.context import Context
from policyengine.model.unknown import Unknown
from tests.connections.engines import PATIENT, Spoiler, answering, through
from tests.live.conftest import Workbench, missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

pytestmark = pytest.mark.live

SOCKET = DEFAULT_HOST.removeprefix("unix://")
SHORT = Limits(connect=0.5, read=0.5)
"""For those who are not answered, or not in whole."""
CONTAINERS, SOME = 6, 3

MESSAGES = re.compile(
    r"the connection to the engine at HOST broke off"
    r"|the engine at HOST does not answer within 0\.5 s"
    r"|what answers at HOST is no Docker Engine"
    r"|the engine at HOST answers: it broke"
)
Action = Literal["cut", "stall", "garble", "drip", "error", "nonsense"]


@pytest.fixture(scope="module")
def containers(engine: DockerClient, base: str) -> Iterator[list[str]]:
    if os.environ.get("DOCKER_HOST"):
        missing(f"the engine is not at {SOCKET}")
    bench = Workbench(engine, base)
    try:
        yield [bench.create(base, f"c{index}") for index in range(CONTAINERS)]
    finally:
        bench.clear()


def read(host: str, monkeypatch: pytest.MonkeyPatch, limits: Limits = SHORT) -> tuple[set[str], list[str], float]:
    """The containers that are read, what is said, and how long it takes."""
    monkeypatch.setenv("DOCKER_HOST", host)
    context, found, started = Context(), [], time.monotonic()
    try:
        found = list(docker.read_live("docker://", context, limits))
    except SourceError as error:
        context.failed(error)
    took = time.monotonic() - started
    assert context.skipped == []
    assert all(re.match("docker://local(/|$)", str(problem.path)) for problem in context.problems)
    names = {resource.name for resource in found if resource.kind == "container"}
    return names, [problem.message.replace(host, "HOST") for problem in context.problems], took


@pytest.mark.parametrize("requests", [0, 1, 4, 8, 10])
@pytest.mark.parametrize(
    ("action", "after"),
    [
        ("cut", 0),
        ("cut", 10),
        ("cut", 400),
        ("stall", 0),
        ("stall", 300),
        ("garble", 0),
        ("garble", 300),
        ("drip", 20),
        ("error", 0),
        ("nonsense", 0),
    ],
)
def test_what_was_told_is_read(
    action: Action, after: int, requests: int, containers: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiler = Spoiler(action, requests, after)
    with through(tmp_path / "p", SOCKET, spoiler) as host:
        names, messages, took = read(host, monkeypatch)
    assert messages
    assert [message for message in messages if not MESSAGES.match(message)] == []
    assert took < 60  # what drips would take two minutes
    if requests < 2:  # the version, and then nothing that lists containers
        assert not names & set(containers)


def dies_in_the_middle(engine: DockerClient, containers: list[str]) -> Spoiler:
    """The engine dies when it has told of some of the containers; those of other tests may be among the first."""
    told = {f"/containers/{engine.containers.get(name).id}/json".encode() for name in containers}
    return Spoiler("cut", SOME, counted=lambda request: any(path in request for path in told))


def test_an_engine_that_dies_is_one_problem(
    engine: DockerClient, containers: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with through(tmp_path / "p", SOCKET, dies_in_the_middle(engine, containers)) as host:
        names, messages, _ = read(host, monkeypatch, PATIENT)
    assert len(names & set(containers)) == SOME
    assert len(messages) == 1


def test_one_object_that_fails_is_one_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inspected = {"Id": "b" * 12, "Name": "/good", "Image": "sha256:1", "Config": {"Image": "app"}, "HostConfig": {}}
    answers: dict[str, object] = {
        "/containers/json": [{"Id": "a" * 12}, {"Id": "b" * 12}],
        f"/containers/{'a' * 12}/json": 500,
        f"/containers/{'b' * 12}/json": inspected,
        "/images/json": [{"Id": "sha256:2"}, {"Id": "sha256:1"}],
        "/images/sha256:1/json": {"Id": "sha256:1", "RepoTags": ["app:1"]},
        "/images/sha256:2/json": {"Id": "sha256:2", "RepoTags": ["other:1"]},
        "/networks": [],
        "/volumes": {"Volumes": None},
        "/info": 500,
    }
    monkeypatch.setenv("NO_PROXY", "*")
    with answering(tmp_path / "s", answers) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        context = Context(wanted=frozenset())
        found = list(docker.read_live("docker://", context))
    assert [(str(problem.path), problem.message) for problem in context.problems] == [
        ("docker://local", f"the engine at {host} answers: status 500"),
        (f"docker://local/container/{'a' * 12}", f"the engine at {host} answers: status 500"),
    ]
    assert [(resource.kind, resource.name) for resource in found] == [
        ("container", "good"),
        ("image_ref", "good"),
        ("image", "other:1"),
        ("image", "app:1"),
        ("engine", "engine"),
    ]
    # What uses the other image may be the container that is not known.
    assert isinstance(found[2].facts["in_use"], Unknown)
    assert found[3].facts["in_use"] is True
    assert found[0].scope.closed == {"image", "network", "volume"}


def test_the_command_ends_with_2_and_judges_the_rest(
    engine: DockerClient, containers: list[str], tmp_path: Path
) -> None:
    (tmp_path / "compose.yaml").write_text("services: {web: {image: nginx, privileged: true}}\n")
    with through(tmp_path / "p", SOCKET, dies_in_the_middle(engine, containers)) as host:
        done = subprocess.run(
            [sys.executable, "-m", "policyengine", "check", "docker://", "compose.yaml", "--format", "text"],
            cwd=tmp_path,
            env={**os.environ, "DOCKER_HOST": host, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=False,
        )
    said = done.stdout + done.stderr
    assert done.returncode == 2
    assert "broke off" in said
    assert "compose.yaml:1:" in said
    assert "Traceback" not in said
    assert sum(f"docker://local/container/{name}" in said for name in containers) == SOME
