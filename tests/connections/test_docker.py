"""Engines that do not answer as they should, and what is said about each."""

from __future__ import annotations

import os
import re
import socket
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from policyengine.connections import docker, docker_context, docker_errors
from policyengine.connections.docker_context import Endpoint
from policyengine.errors import SourceError
from tests.connections.engines import PATIENT, Closed, Spoiler, answering, dead, saying, silent, through

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path


SHORT = docker.Limits(connect=0.2, read=0.2)
"""For those who never are answered, or never in whole."""


def failure(host: str, limits: docker.Limits = PATIENT) -> str:
    with pytest.raises(SourceError) as caught, docker.connected(Endpoint("local", host), limits) as engine:
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
def test_failure(listening: object, message: str, tmp_path: Path) -> None:
    path = tmp_path / "s"
    assert callable(listening)
    listener: AbstractContextManager[object] = listening(path)
    with listener:
        limits = SHORT if listening is silent else PATIENT
        assert failure(f"unix://{path}", limits) == message.replace("{host}", f"unix://{path}")


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


def test_the_version_of_the_api_that_is_spoken(tmp_path: Path) -> None:
    def asked(oldest: str, newest: str, wanted: str | None = None) -> str:
        version = {"ApiVersion": newest, "MinAPIVersion": oldest}
        seen: list[str] = []
        with answering(tmp_path / f"s{oldest}{newest}{wanted}", {"/version": version}, seen) as host:
            endpoint = Endpoint("local", host, api_version=wanted)
            with docker.connected(endpoint) as engine, pytest.raises(docker.NotThereError):
                engine.info()
        return seen[-1]

    assert asked("1.12", "1.41") == "/v1.41/info"
    assert asked("1.44", "1.99") == "/v1.51/info"
    assert asked("1.60", "1.99") == "/v1.60/info"
    assert asked("odd", "1.41") == "/v1.41/info"
    assert asked("1.12", "1.41", "1.30") == "/v1.30/info"


class Once(Spoiler):
    """Spoils one answer, and none after it."""

    def spoils(self, request: bytes) -> bool:
        spoilt = super().spoils(request)
        self.requests += spoilt * 1000
        return spoilt


def test_a_connection_that_was_given_up_is_replaced(tmp_path: Path) -> None:
    """Engines end connections that idle."""
    answers = {"/info": {"Name": "h"}}
    with answering(tmp_path / "s", answers) as host:
        spoiler = Once("cut", requests=1)  # the second, on the connection of the first
        with (
            through(tmp_path / "p", host.removeprefix("unix://"), spoiler) as between,
            docker.connected(Endpoint("local", between)) as engine,
        ):
            assert engine.info() == {"Name": "h"}


def test_names_are_no_paths(tmp_path: Path) -> None:
    seen: list[str] = []
    with answering(tmp_path / "s", {}, seen) as host, docker.connected(Endpoint("local", host)) as engine:
        for name in ("a b", "../info?x=1", "a#b", "a\nb"):
            with pytest.raises(docker.NotThereError):
                engine.container(name)
    assert seen[1:] == [
        "/v1.41/containers/a%20b/json",
        "/v1.41/containers/../info%3Fx%3D1/json",
        "/v1.41/containers/a%23b/json",
        "/v1.41/containers/a%0Ab/json",
    ]


@pytest.mark.parametrize(
    "body",
    [b"", b"nope", b"\xff\xfe", b"[" * 100_000, b'{"a": ' + b"9" * 10_000 + b"}", b"null"],
)
def test_answers_that_are_none(body: bytes, tmp_path: Path) -> None:
    with answering(tmp_path / "s", {"/info": body}) as host:
        said = failure(host)
    assert said.startswith(f"docker://local: what answers at {host} is no Docker Engine")


def test_an_engine_that_does_not_speak_http(tmp_path: Path) -> None:
    for index, said in enumerate([b"SSH-2.0-OpenSSH_9\r\n", b"\0" * 100, b"HTTP/1.1 banana\r\n\r\n", b"x" * 100_000]):
        with saying(tmp_path / str(index), said) as host:
            assert failure(host).startswith(f"docker://local: what answers at {host} is no Docker Engine"), said
    with saying(tmp_path / "tls", b"\x15\x03\x01\x00\x02\x02\x46\r\n") as host:
        assert failure(host).startswith(f"docker://local: the engine at {host} speaks TLS, and no certificates are set")


def test_an_answer_that_drips_ends_in_time(tmp_path: Path) -> None:
    with answering(tmp_path / "s", {"/info": {"Name": "h" * 3000}}) as host:  # drips for a minute
        spoiler = Spoiler("drip", requests=1)
        with through(tmp_path / "p", host.removeprefix("unix://"), spoiler) as between:
            started = time.monotonic()
            assert "does not answer within 0.2 s" in failure(between, SHORT)
            assert time.monotonic() - started < 30


def test_a_file_that_is_no_socket(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("")
    assert "no engine runs at" in failure(f"unix://{tmp_path}/s")


def test_a_socket_elsewhere_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    endpoint = Endpoint("local", docker_context.DEFAULT_HOST)
    assert docker_errors._elsewhere(endpoint).startswith("start it") or "/run/podman" in docker_errors._elsewhere(
        endpoint
    )
    with answering(tmp_path / "docker.sock", {}) as host:
        assert docker_errors._elsewhere(endpoint) == f"one listens at {tmp_path}/docker.sock: set DOCKER_HOST={host}"
        assert docker_errors._elsewhere(Endpoint("local", "unix:///x")).startswith("start it")
