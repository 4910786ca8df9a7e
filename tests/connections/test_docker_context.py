"""Which engine a name means, by the environment and the stored contexts."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from policyengine.connections.docker_context import DEFAULT_HOST, Endpoint, endpoint
from policyengine.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration as ``docker context create`` leaves it: two contexts, one with certificates."""
    store(tmp_path, "prod", {"Host": "tcp://prod.example:2376", "SkipTLSVerify": False})
    (tmp_path / "contexts" / "tls" / identifier("prod") / "docker").mkdir(parents=True)
    store(tmp_path, "rootless", {"Host": "unix:///run/user/1000/docker.sock"})
    return tmp_path


def identifier(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def store(config: Path, name: str, docker: object) -> None:
    directory = config / "contexts" / "meta" / identifier(name)
    directory.mkdir(parents=True)
    (directory / "meta.json").write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": {"docker": docker}}))


ROOTLESS = Endpoint("rootless", "unix:///run/user/1000/docker.sock")


@pytest.mark.parametrize(
    ("name", "environ", "expected"),
    [
        ("", {}, Endpoint("local", DEFAULT_HOST, None, verify=False)),
        ("local", {}, Endpoint("local", DEFAULT_HOST, None, verify=False)),
        ("default", {}, Endpoint("local", DEFAULT_HOST, None, verify=False)),
        ("rootless", {}, ROOTLESS),
        ("", {"DOCKER_CONTEXT": "rootless"}, ROOTLESS),
        ("local", {"DOCKER_CONTEXT": "rootless"}, Endpoint("local", DEFAULT_HOST, None, verify=False)),
        ("", {"DOCKER_CONTEXT": "default"}, Endpoint("local", DEFAULT_HOST, None, verify=False)),
        ("", {"DOCKER_HOST": "unix:///x"}, Endpoint("local", "unix:///x", None, verify=False)),
        # The docker command prefers DOCKER_HOST too.
        (
            "",
            {"DOCKER_HOST": "unix:///x", "DOCKER_CONTEXT": "prod"},
            Endpoint("local", "unix:///x", None, verify=False),
        ),
        ("rootless", {"DOCKER_HOST": "unix:///x"}, ROOTLESS),
        ("", {"DOCKER_HOST": "tcp://h:1"}, Endpoint("h:1", "tcp://h:1", None, verify=False)),
        ("", {"DOCKER_HOST": "h:1"}, Endpoint("h:1", "h:1", None, verify=False)),
        ("h:1", {"DOCKER_HOST": "tcp://h:1"}, Endpoint("h:1", "tcp://h:1", None, verify=False)),
        ("", {"DOCKER_HOST": "ssh://me@h"}, Endpoint("h", "ssh://me@h", None, verify=False)),
    ],
)
def test_endpoint(name: str, environ: dict[str, str], expected: Endpoint, config: Path) -> None:
    assert endpoint(name, {"DOCKER_CONFIG": str(config), **environ}) == expected


def test_the_current_context_is_the_one_of_config_json(config: Path) -> None:
    (config / "config.json").write_text('{"currentContext": "rootless", "auths": {}}')
    environ = {"DOCKER_CONFIG": str(config)}
    assert endpoint("", environ) == ROOTLESS
    assert endpoint("local", environ).host == DEFAULT_HOST
    assert endpoint("", {**environ, "DOCKER_HOST": "unix:///x"}).host == "unix:///x"


def test_certificates(config: Path) -> None:
    environ = {"DOCKER_CONFIG": str(config)}
    stored = config / "contexts" / "tls" / identifier("prod") / "docker"
    assert endpoint("prod", environ) == Endpoint("prod", "tcp://prod.example:2376", stored, verify=True)
    tls = {**environ, "DOCKER_HOST": "tcp://h:1", "DOCKER_TLS_VERIFY": "1"}
    assert endpoint("", tls) == Endpoint("h:1", "tcp://h:1", config, verify=True)
    elsewhere = config / "certificates"
    assert endpoint("", {**tls, "DOCKER_CERT_PATH": str(elsewhere)}).certificates == elsewhere


def test_tls_without_verification(config: Path) -> None:
    environ = {"DOCKER_CONFIG": str(config), "DOCKER_HOST": "tcp://h:1"}
    unverified = Endpoint("h:1", "tcp://h:1", config, verify=False)
    assert endpoint("", {**environ, "DOCKER_TLS": "1"}) == unverified
    assert endpoint("", {**environ, "DOCKER_CERT_PATH": str(config)}) == unverified
    assert endpoint("", {**environ, "DOCKER_TLS_VERIFY": ""}).certificates is None


def test_a_context_that_skips_verification(config: Path) -> None:
    store(config, "lax", {"Host": "tcp://lax.example:2376", "SkipTLSVerify": True})
    assert endpoint("lax", {"DOCKER_CONFIG": str(config)}).verify is False


@pytest.mark.parametrize("name", ["", "local", "rootless"])
def test_the_version_of_the_api_is_the_environments(name: str, config: Path) -> None:
    environ = {"DOCKER_CONFIG": str(config)}
    assert endpoint(name, environ).api_version is None
    assert endpoint(name, {**environ, "DOCKER_API_VERSION": ""}).api_version is None
    assert endpoint(name, {**environ, "DOCKER_API_VERSION": "1.40"}).api_version == "1.40"
    assert endpoint(name, {**environ, "DOCKER_API_VERSION": "v1.40"}).api_version == "1.40"
    with pytest.raises(SourceError) as caught:
        endpoint(name, {**environ, "DOCKER_API_VERSION": "1.40/../info"})
    assert str(caught.value) == "docker://: DOCKER_API_VERSION is no version of the API (such as 1.41)"


def test_the_working_directory_holds_no_contexts(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(config)
    with pytest.raises(SourceError, match='there is no Docker context "prod"'):
        endpoint("prod", {"DOCKER_CONFIG": str(config / "none")})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("prd", 'docker://prd: there is no Docker context "prd" (did you mean "prod"?)'),
        ("xyz", 'docker://xyz: there is no Docker context "xyz" (contexts are local, prod, rootless)'),
    ],
)
def test_unknown_context(name: str, message: str, config: Path) -> None:
    with pytest.raises(SourceError) as caught:
        endpoint(name, {"DOCKER_CONFIG": str(config)})
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["{", "[]", '{"Name": "odd", "Endpoints": {"kubernetes": {}}}'])
def test_malformed_context(text: str, config: Path) -> None:
    store(config, "odd", {})
    path = config / "contexts" / "meta" / identifier("odd") / "meta.json"
    path.write_text(text)
    with pytest.raises(SourceError):
        endpoint("odd", {"DOCKER_CONFIG": str(config)})
