"""Whether an engine works on this host is told by who listens at its socket."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from policyengine.connections.docker_context import Endpoint
from policyengine.connections.docker_here import is_here

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LISTENS = """
import socket, sys
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1])
listening.listen()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A short path for a socket: 108 bytes is all that there is room for."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "sock"


def listening(path: Path, *before: str) -> Iterator[None]:
    """Another process that listens."""
    command = [*before, sys.executable, "-I", "-S", "-c", LISTENS, path.name]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=path.parent) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield
        process.communicate()


def at(path: Path) -> Endpoint:
    return Endpoint("local", f"unix://{path.name}")


def test_who_listens_is_here(path: Path) -> None:
    for _ in listening(path):
        assert is_here(at(path)) is True


def test_who_listens_has_a_network_of_its_own(path: Path) -> None:
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode:
        pytest.skip("network namespaces are root's to make")
    for _ in listening(path, "unshare", "--net"):
        assert is_here(at(path)) is False


def test_nobody_listens(path: Path) -> None:
    assert is_here(at(path)) is False
    left = socket.socket(socket.AF_UNIX)
    left.bind(path.name)
    left.close()
    assert is_here(at(path)) is False


@pytest.mark.parametrize("host", ["tcp://127.0.0.1:2375", "ssh://root@127.0.0.1", "npipe:////./pipe/docker_engine"])
def test_what_is_no_unix_socket_may_be_anywhere(host: str) -> None:
    assert is_here(Endpoint("far", host)) is False


def test_who_may_not_look_does_not_know(path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("takes root, who gives it up")
    for _ in listening(path):
        path.chmod(0o777)
        path.parent.chmod(0o755)
        os.seteuid(65534)
        try:
            found = is_here(at(path))
        finally:
            os.seteuid(0)
        assert found is None
