"""Engines that do not answer as they should, and what is said about each."""

from __future__ import annotations

import os
import re
import socket
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from policyengine.connections import docker
from policyengine.connections.docker_context import Endpoint
from policyengine.errors import SourceError
from tests.connections.engines import Closed, answering, dead, silent

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path


def failure(host: str) -> str:
    with pytest.raises(SourceError) as caught, docker.connected(Endpoint("local", host)) as engine:
        engine.info()
    return str(caught.value)


def test_an_engine_answers(tmp_path: Path) -> None:
    answers = {"/info": {"Name": "h"}, "/containers/json": [{"Id": "c"}], "/images/a/b:1/json": {"Id": "i"}}
    with answering(tmp_path / "s", answers) as host, docker.connected(Endpoint("local", host)) as engine:
        assert engine.version["Version"] == "20.10.0"
        assert engine.info() == {"Name": "h"}
        assert engine.containers() == [{"Id": "c"}]
        assert engine.image("a/b:1") == {"Id": "i"}
        with pytest.raises(docker.NotThereError):
            engine.container("gone")


@pytest.mark.parametrize(
    ("listening", "message"),
    [
        (
            nullcontext,
            "docker://local: no engine runs at {host}: there is no such socket "
            "(start it, or set DOCKER_HOST or name a context: docker://CONTEXT)",
        ),
        (
            dead,
            "docker://local: no engine runs at {host}: connection refused "
            "(start it, or set DOCKER_HOST or name a context: docker://CONTEXT)",
        ),
        (
            silent,
            "docker://local: the engine at {host} does not answer within 0.2 s "
            "(is it overloaded or stuck? look at its log)",
        ),
        (
            lambda path: answering(path, {"/version": Closed()}),
            "docker://local: the connection to the engine at {host} broke off (is it still running? try again)",
        ),
        (
            lambda path: answering(path, {"/info": Closed()}),
            "docker://local: the connection to the engine at {host} broke off (is it still running? try again)",
        ),
        (
            lambda path: answering(path, {"/info": 500}),
            "docker://local: the engine at {host} answers: status 500",
        ),
        (
            lambda path: answering(path, {"/version": b"<html>"}),
            "docker://local: what answers at {host} is no Docker Engine (check DOCKER_HOST, or the context)",
        ),
        (
            lambda path: answering(path, {"/version": {"hello": "world"}}),
            "docker://local: what answers at {host} is no Docker Engine (check DOCKER_HOST, or the context)",
        ),
        (
            lambda path: answering(path, {"/info": ["no", "mapping"]}),
            "docker://local: what answers at {host} is no Docker Engine (check DOCKER_HOST, or the context)",
        ),
    ],
)
def test_failure(listening: object, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "READ_SECONDS", 0.2)
    path = tmp_path / "s"
    assert callable(listening)
    listener: AbstractContextManager[object] = listening(path)
    with listener:
        assert failure(f"unix://{path}") == message.replace("{host}", f"unix://{path}")


def test_permission_denied(tmp_path: Path) -> None:
    path = tmp_path / "s"
    root = os.geteuid() == 0
    with answering(path, {}) as host:
        path.chmod(0)
        failure("unix:///nowhere")  # import what is needed before giving up root
        if root:
            os.seteuid(65534)
        try:
            message = failure(host)
        finally:
            if root:
                os.seteuid(0)
    assert "permission denied (use sudo, or add yourself to the group docker" in message


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("tcp://127.0.0.1:{free}", "no engine runs at tcp://127.0.0.1:[0-9]+: connection refused"),
        ("tcp://nowhere.invalid:2375", "the host of tcp://nowhere.invalid:2375 is not known"),
        ("gopher://x", "cannot connect to the engine at gopher://x: Invalid bind address protocol: gopher://x"),
        ("tcp://127.0.0.1:port", "cannot connect to the engine at tcp://127.0.0.1:port: "),
    ],
)
def test_tcp_failure(host: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = host.replace("{free}", str(unused.getsockname()[1]))
        assert re.match(f"docker://local: {message}", failure(host))


def test_an_engine_without_tls_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        from threading import Thread

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1)
                connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")

        thread = Thread(target=answer)
        thread.start()
        with pytest.raises(SourceError) as caught, docker.connected(Endpoint("prod", host, tmp_path)):
            pass
        thread.join()
    assert (
        str(caught.value)
        == f"docker://prod: TLS with the engine at {host} fails (check the certificates of the context)"
    )
