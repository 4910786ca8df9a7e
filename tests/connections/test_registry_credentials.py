"""What ``docker login`` stored, in all its forms, and what a registry asks for."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from policyengine.connections.registry_auth import parsed
from policyengine.connections.registry_credentials import Credentials, Login
from policyengine.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

ANN = Login("ann", "s3cret:word")
AUTH = {"auth": b64encode(b"ann:s3cret:word").decode()}


def login(place: Path, host: str, config: object) -> Login | None:
    (place / "config.json").write_text(json.dumps(config))
    return Credentials(place).of(host)


@pytest.mark.parametrize(
    ("host", "auths", "expected"),
    [
        ("ghcr.io", {"ghcr.io": AUTH}, ANN),
        ("ghcr.io", {"https://ghcr.io/v1/": AUTH}, ANN),
        ("ghcr.io", {"https://GHCR.io": AUTH}, ANN),
        ("localhost:5000", {"localhost:5000": AUTH}, ANN),
        ("localhost:5001", {"localhost:5000": AUTH}, None),
        ("ghcr.io.evil.example", {"ghcr.io": AUTH}, None),
        ("evil.example", {"https://evil.example@ghcr.io/": AUTH}, None),
        ("docker.io", {"https://index.docker.io/v1/": AUTH}, ANN),
        ("docker.io", {"docker.io": AUTH}, ANN),
        ("docker.io", {"registry-1.docker.io": AUTH}, ANN),
        ("ghcr.io", {"https://index.docker.io/v1/": AUTH}, None),
        ("ghcr.io", {"ghcr.io": {"username": "ann", "password": "s3cret:word"}}, ANN),
        ("ghcr.io", {"ghcr.io": {**AUTH, "identitytoken": "t"}}, Login("ann", "s3cret:word", "t")),
        ("ghcr.io", {"ghcr.io": {"registrytoken": "t"}}, Login(registry_token="t")),
        ("ghcr.io", {"ghcr.io": {}}, None),
        ("ghcr.io", {"ghcr.io": {"auth": "no base64"}}, None),
        ("ghcr.io", {"ghcr.io": {"auth": b64encode(b"\xff\xfe").decode()}}, None),
        ("ghcr.io", {"ghcr.io": "odd"}, None),
        ("ghcr.io", "odd", None),
    ],
)
def test_logins_in_the_file(tmp_path: Path, host: str, auths: object, expected: Login | None) -> None:
    assert login(tmp_path, host, {"auths": auths}) == expected


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"Auths": {"ghcr.io": AUTH}}, ANN),
        ({"auths": {"ghcr.io": {"AUTH": AUTH["auth"]}}}, ANN),
        ({"auths": {"ghcr.io": {"UserName": "ann", "Password": "s3cret:word"}}}, ANN),
        ({"auths": {"ghcr.io": {"IdentityToken": "t"}}}, Login(identity_token="t")),
        ({"auths": {"ghcr.io": AUTH}, "AUTHS": {"quay.io": {}}}, ANN),
        ({"auths": {"GHCR.IO": {}}, "Auths": {"ghcr.io": AUTH}}, ANN),
    ],
)
def test_keys_in_any_case_of_letters(tmp_path: Path, config: object, expected: Login) -> None:
    assert login(tmp_path, "ghcr.io", config) == expected


@pytest.mark.parametrize("config", [{"credsstore": "none-such"}, {"CredHelpers": {"ghcr.io": "none-such"}}])
def test_a_helper_whose_key_is_in_other_letters_is_asked(tmp_path: Path, config: object) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    credentials = Credentials(tmp_path)
    assert credentials.of("ghcr.io") is None
    assert credentials.failure("ghcr.io") == "there is no docker-credential-none-such, which config.json names"


def test_a_key_that_stands_there_twice_adds_up(tmp_path: Path) -> None:
    twice = f'{{"auths": {json.dumps({"ghcr.io": AUTH})}, "auths": {{"quay.io": {{}}}}}}'
    (tmp_path / "config.json").write_text(twice)
    assert Credentials(tmp_path).of("ghcr.io") == ANN


def test_a_login_does_not_show_what_it_is() -> None:
    assert f"{ANN} {ANN!r}" == "Login() Login()"


@pytest.mark.parametrize("helper", ["../evil", "none-such-helper", "a b"])
def test_a_helper_that_is_none_is_told_to_who_is_refused(tmp_path: Path, helper: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"credsStore": helper}))
    credentials = Credentials(tmp_path)
    assert credentials.of("ghcr.io") is None
    assert (credentials.failure("ghcr.io") or "").startswith(("the name of the", "there is no docker-credential-"))


def test_the_directory_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"auths": {"ghcr.io": AUTH}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert Credentials().of("ghcr.io") == ANN
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "none"))
    assert Credentials().of("ghcr.io") is None


@pytest.mark.parametrize("text", ["{", "[" * 100_000])
def test_a_file_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(SourceError) as caught:
        Credentials(tmp_path).of("ghcr.io")
    assert str(caught.value) == f"{tmp_path / 'config.json'}: cannot be read: malformed JSON"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", {}),
        ("Negotiate", {}),
        ('Basic realm="x"', {"basic": {"realm": "x"}}),
        (
            'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
            {
                "bearer": {
                    "realm": "https://auth.example/token",
                    "service": "registry.example",
                    "scope": "repository:a/b:pull,push",
                }
            },
        ),
        (
            'bearer realm = "https://a/t" , service=x, error="invalid_token", BASIC realm="a \\"b\\""',
            {
                "bearer": {"realm": "https://a/t", "service": "x", "error": "invalid_token"},
                "basic": {"realm": 'a "b"'},
            },
        ),
    ],
)
def test_challenges(header: str, expected: dict[str, dict[str, str]]) -> None:
    assert parsed(header) == expected


@pytest.mark.parametrize("header", ['a="' * 50_000, "a b=" * 50_000, 'A b="' + '\\"' * 50_000, "x" * 100_000])
def test_challenges_that_never_end(header: str) -> None:
    parsed(header)  # in no time
