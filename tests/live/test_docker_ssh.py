"""Engines over ssh: the real one through a real OpenSSH server on loopback, and every way not to get there."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from threading import Timer
from typing import TYPE_CHECKING

import pytest

from policyengine.connections.docker import Limits, connected
from policyengine.connections.docker_context import Endpoint
from policyengine.connections.docker_events import events
from policyengine.errors import SourceError
from policyengine.inputs import docker
from policyengine.inputs.context import Context
from tests.connections.engines import PATIENT
from tests.live.ssh import Ssh
from tests.once import ONCE
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from docker import DockerClient

    from tests.live.conftest import Workbench

pytestmark = [ONCE, pytest.mark.live]

SHORT = Limits(connect=3, read=3)
"""For those who never are answered."""


@pytest.fixture
def server(tmp_path: Path, engine: DockerClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ssh]:
    directory = tmp_path / "ssh"
    directory.mkdir()
    made = Ssh(directory)
    monkeypatch.setenv("PATH", f"{directory}:{os.environ['PATH']}")
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with made.serving():
        yield made


def failure(url: str, limits: Limits = PATIENT) -> str:
    with (
        pytest.raises(SourceError) as caught,
        connected(Endpoint("there", url), limits) as engine,
    ):
        engine.info()
    assert caught.value.path == "docker://there"
    return str(caught.value).removeprefix(f"docker://there: cannot reach the engine at {url}: ")


def test_an_engine_over_ssh(server: Ssh, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    name = bench.create(bench.image("USER 7"))
    monkeypatch.setenv("DOCKER_HOST", server.url)
    context = Context()
    found = list(docker.read_live("docker://", context))
    assert context.problems == []
    (container,) = (resource for resource in found if (resource.kind, resource.name) == ("container", name))
    assert container.facts["user"] == "7"
    assert str(container.where()) == f"docker://127.0.0.1:{server.port}/container/{name}"
    # Nothing is left of it.
    listed = ["ps", "-o", "args=", "--ppid", str(os.getpid())]
    assert "dial-stdio" not in subprocess.run(listed, capture_output=True, text=True, check=True).stdout


def test_a_socket_of_its_own(server: Ssh) -> None:
    with connected(Endpoint("there", f"{server.url}/var/run/docker.sock")) as engine:
        assert engine.info()["Name"]
    assert failure(f"{server.url}/nowhere.sock").startswith("no engine runs on 127.0.0.1")


def test_a_host_key_that_is_not_known(server: Ssh) -> None:
    (server.directory / "known").write_text("")
    assert failure(server.url) == "the host key of 127.0.0.1 is not known (check it once: ssh 127.0.0.1)"


def test_a_host_key_that_is_another(server: Ssh) -> None:
    server.know("client")
    assert failure(server.url) == (
        "the host key of 127.0.0.1 is not the one that is known (somebody may be in between; "
        "if the host was set up anew: ssh-keygen -R 127.0.0.1)"
    )


def test_a_key_that_does_not_open(server: Ssh) -> None:
    server.key("client")
    assert failure(server.url) == (
        "127.0.0.1 does not let you in (nothing is ever asked for: ssh needs a key without a passphrase, "
        "or one that ssh-agent holds)"
    )


def test_a_passphrase_is_not_asked_for(server: Ssh) -> None:
    """In a process with a terminal of its own, where ``ssh`` would ask."""
    server.key("client", passphrase="correct-horse")
    shutil.copy(server.directory / "client.pub", server.directory / "authorized")
    command = f"{sys.executable} -m policyengine check docker://"
    done = subprocess.run(
        ["script", "-qec", command, "/dev/null"],
        env={**os.environ, "DOCKER_HOST": server.url, "SSH_ASKPASS": "/bin/false"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,  # who was asked would wait for ever
    )
    assert done.returncode == 2
    assert "does not let you in" in " ".join(done.stdout.split())
    assert "passphrase for" not in done.stdout


def test_no_docker_at_the_other_end(tmp_path: Path, engine: DockerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    bare, directory = tmp_path / "bin", tmp_path / "ssh"
    bare.mkdir()
    directory.mkdir()
    server = Ssh(directory, path=str(bare))
    monkeypatch.setenv("PATH", f"{directory}:{os.environ['PATH']}")
    with server.serving():
        assert failure(server.url) == (
            "there is no docker command on 127.0.0.1 (policyengine runs `docker system dial-stdio` there, "
            "as the docker command does: install it)"
        )
        (bare / "docker").write_text("#!/bin/sh\necho oh no >&2\nexit 3\n")
        (bare / "docker").chmod(0o755)
        assert failure(server.url) == "oh no"
        (bare / "docker").write_text("#!/bin/sh\necho Welcome\n")
        assert failure(server.url).endswith(
            f"what answers at {server.url} is no Docker Engine (check DOCKER_HOST, or the context)"
        )
        (bare / "docker").write_text("#!/bin/sh\nexec /bin/sleep 60\n")
        assert "does not answer within" in failure(server.url, SHORT)


def test_no_server(server: Ssh) -> None:
    assert failure(f"ssh://127.0.0.1:{free_port()}") == "no ssh server runs at 127.0.0.1: connection refused"
    assert failure("ssh://nowhere.invalid") == (
        "the host nowhere.invalid is not known (check DOCKER_HOST, or the context)"
    )


def test_a_server_that_says_nothing(server: Ssh) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        started = time.monotonic()
        failure(f"ssh://127.0.0.1:{mute.getsockname()[1]}", SHORT)
        assert time.monotonic() - started < 60  # ssh itself would wait for two minutes


def test_no_ssh_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert failure("ssh://host") == "there is no ssh command (install OpenSSH's client)"


@pytest.mark.parametrize("host", ["ssh://user:hunter2@host", "ssh://", "ssh://host:port", "ssh://host?x"])
def test_an_address_that_is_none(host: str) -> None:
    with pytest.raises(SourceError) as caught, connected(Endpoint("there", host)):
        pass
    assert "hunter2" not in str(caught.value)
    assert "cannot connect to the engine at" in str(caught.value)


def test_its_events(server: Ssh, bench: Workbench, base: str) -> None:
    """They come as they happen, until the session ends."""
    with connected(Endpoint("there", server.url)) as engine, events(engine) as stream:
        found = iter(stream)
        name = bench.create(base, network_mode="none")
        made = next(event for event in found if event and event.name == name)
        assert made.action == "create"
        Timer(0.2, stream.end).start()
        with pytest.raises(SourceError):
            list(found)
