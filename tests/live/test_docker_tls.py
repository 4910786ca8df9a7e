"""Engines behind TLS: the real one on loopback, with certificates that are right, and wrong in every way."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from hashlib import sha256
from threading import Timer
from typing import TYPE_CHECKING

import pytest

from policyengine.connections.docker import NoEngineError, StuckError, connected
from policyengine.connections.docker_context import DEFAULT_HOST, Endpoint, endpoint
from policyengine.connections.docker_events import events
from policyengine.errors import SourceError
from policyengine.inputs import docker
from policyengine.inputs.context import Context
from tests.connections.engines import PATIENT, saying
from tests.live.certificates import Authority, plain_before, tls_before
from tests.live.conftest import missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from docker import DockerClient

    from tests.live.conftest import Workbench

pytestmark = pytest.mark.live

SOCKET = DEFAULT_HOST.removeprefix("unix://")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory, engine: DockerClient) -> Authority:
    if shutil.which("openssl") is None:
        missing("there is no openssl")
    if os.environ.get("DOCKER_HOST"):
        missing(f"the engine is not at {SOCKET}")
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def host(authority: Authority) -> Iterator[str]:
    """The engine on a port of loopback, where it wants certificates."""
    with tls_before(SOCKET, authority.issue("engine"), authority.certificate) as address:
        yield address


@pytest.fixture(scope="module")
def certificates(authority: Authority) -> Path:
    return authority.directory_of("client", authority.directory / "client")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


def failure(host: str, certificates: Path | None, *, verify: bool = True) -> str:
    """What is said instead of an answer, without where."""
    with (
        pytest.raises(SourceError) as caught,
        connected(Endpoint("there", host, certificates, verify), PATIENT),
    ):
        pass
    assert caught.value.path == "docker://there"
    return str(caught.value).removeprefix("docker://there: ").replace(host, "HOST")


def test_the_environments_engine(host: str, certificates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(certificates))
    context = Context()
    found = list(docker.read_live("docker://", context))
    assert context.problems == []
    assert {resource.scope.name for resource in found} == {host.removeprefix("tcp://")}
    assert [resource.facts["product"] for resource in found if resource.kind == "engine"] == ["docker"]


def test_the_engine_of_a_stored_context(
    host: str, certificates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ``docker context create`` stores it."""
    if shutil.which("docker") is None:
        missing("there is no docker command")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    described = ",".join(
        f"{key}={certificates}/{file}.pem" for key, file in (("ca", "ca"), ("cert", "cert"), ("key", "key"))
    )
    made = ["docker", "context", "create", "there", "--docker", f"host={host},{described}"]
    subprocess.run(made, check=True, capture_output=True)
    assert (tmp_path / "contexts" / "tls" / sha256(b"there").hexdigest() / "docker" / "key.pem").is_file()
    with connected(endpoint("there")) as engine:
        assert engine.info()["Name"]
    found = list(docker.read_live("docker://there/network/bridge", Context()))
    assert str(found[0].where()) == "docker://there/network/bridge"


def test_without_verification_any_engine_is_believed(
    host: str, certificates: Path, authority: Authority, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path / "stranger")
    with (
        tls_before(SOCKET, stranger.issue("engine"), authority.certificate) as address,
        connected(Endpoint("there", address, certificates, verify=False)) as engine,
    ):
        assert engine.containers() is not None
    assert failure(address, certificates).startswith("no engine runs at HOST")  # it is closed now


CHECK = "(check the certificates of the context, or in DOCKER_CERT_PATH)"


def test_the_engines_certificate_is_of_another_authority(host: str, authority: Authority, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "stranger")
    path = authority.directory_of("trusting", tmp_path / "trusting", trusting=stranger.certificate)
    said = "TLS with the engine at HOST fails: its certificate is not signed by the CA that is trusted"
    assert failure(host, path) == f"{said} {CHECK}"


def test_the_engines_certificate_has_expired(authority: Authority, certificates: Path) -> None:
    with tls_before(SOCKET, authority.issue("expired", days=-1), authority.certificate) as host:
        assert failure(host, certificates) == f"TLS with the engine at HOST fails: its certificate has expired {CHECK}"


@pytest.mark.parametrize(
    ("alternative", "host_name", "said"),
    [
        ("IP:192.0.2.1", "127.0.0.1", "its certificate is for another address"),
        ("DNS:engine.example", "localhost", "its certificate is for another host"),
    ],
)
def test_the_engines_certificate_is_for_another(
    alternative: str, host_name: str, said: str, authority: Authority, certificates: Path
) -> None:
    issued = authority.issue(f"other-{host_name}", alternative=alternative)
    with tls_before(SOCKET, issued, authority.certificate) as host:
        named = host.replace("127.0.0.1", host_name)
        assert failure(named, certificates) == f"TLS with the engine at HOST fails: {said} {CHECK}"


def test_the_engine_wants_a_certificate_that_is_not_ours(host: str, authority: Authority, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "stranger")
    wrong = stranger.directory_of("client", tmp_path / "wrong", trusting=authority.certificate)
    none = tmp_path / "none"
    none.mkdir()
    shutil.copy(authority.certificate, none / "ca.pem")
    said = [failure(host, path) for path in (wrong, none) for _ in range(5)]
    # This server may end the connection before its reason is read.
    reasons = ("it does not accept our certificate", "the engine ended the connection")
    told = {f"TLS with the engine at HOST fails: {reason} {CHECK}" for reason in reasons}
    assert all(text in told or text.startswith("the connection to the engine at HOST broke off") for text in said)


def test_plain_http_to_a_port_with_tls(host: str) -> None:
    said = failure(host, None)
    assert said.startswith(("the engine at HOST speaks TLS", "the connection to the engine at HOST broke off"))


def test_tls_to_a_port_with_plain_http(certificates: Path) -> None:
    with plain_before(SOCKET) as host:
        hint = "(unset DOCKER_TLS_VERIFY, DOCKER_CERT_PATH, or name a context without certificates)"
        assert failure(host, certificates) == f"the engine at HOST speaks no TLS {hint}"
        with connected(Endpoint("there", host)) as engine:
            assert engine.info()["Name"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("rm key.pem", "PATH has cert.pem and no key.pem"),
        ("rm cert.pem", "PATH has key.pem and no cert.pem"),
        ("echo hello > ca.pem", "PATH/ca.pem is no PEM file"),
        ("rm ca.pem && mkdir ca.pem", "PATH/ca.pem cannot be read: Is a directory"),
        (
            "openssl rsa -in key.pem -aes128 -passout pass:x -out locked.pem && mv locked.pem key.pem",
            "PATH/key.pem is encrypted, and no passphrase is ever asked for",
        ),
        ("sed -i 5d ca.pem", "TLS with the engine at HOST fails"),
        ("sed -i 5d cert.pem", "TLS with the engine at HOST fails"),
    ],
)
def test_files_that_cannot_be_used(change: str, said: str, host: str, certificates: Path, tmp_path: Path) -> None:
    path = shutil.copytree(certificates, tmp_path / "c")
    subprocess.run(change, shell=True, check=True, cwd=path, capture_output=True)
    assert failure(host, path).replace(str(path), "PATH") == f"{said} {CHECK}"


def test_an_engine_that_says_that_it_speaks_tls(tmp_path: Path) -> None:
    """What ``dockerd --tlsverify`` answers to plain HTTP."""
    body = b"Client sent an HTTP request to an HTTPS server.\n"
    with saying(tmp_path / "s", b"HTTP/1.0 400 Bad Request\r\nContent-Length: 48\r\n\r\n" + body) as host:
        hint = "(set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or name a context with certificates)"
        assert failure(host, None) == f"the engine at HOST speaks TLS, and no certificates are set {hint}"


def test_what_is_said_is_json(host: str, certificates: Path) -> None:
    with connected(Endpoint("there", host, certificates)) as engine:
        assert json.loads(json.dumps(engine.version)) == engine.version


def test_its_events(host: str, certificates: Path, bench: Workbench, base: str) -> None:
    """They come as they happen; waiting for them ends when somebody says so, and when nothing came for long."""
    there = Endpoint("there", host, certificates)
    with connected(there) as engine, events(engine) as stream:
        found = iter(stream)
        name = bench.create(base, start=True, network_mode="none")
        assert next(event.action for event in found if event and event.name == name) == "create"
        Timer(0.2, stream.end).start()
        with pytest.raises(NoEngineError):
            list(found)
    with connected(there) as engine, events(engine, quiet=0.1) as stream, pytest.raises(StuckError):
        list(stream)
