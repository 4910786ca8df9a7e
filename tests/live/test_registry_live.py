"""Asking a real registry: Debian's docker-registry, open, with passwords, with tokens, with TLS."""

from __future__ import annotations

import json
import os
import shutil
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.connections.registry import (
    Name,
    NonsenseError,
    NoRegistryError,
    NotThereError,
    Options,
    Platform,
    RefusedError,
    Registries,
)
from policyengine.connections.registry_manifest import platform
from policyengine.errors import SourceError
from tests.live.certificates import Authority
from tests.live.conftest import missing
from tests.live.distribution import (
    Distribution,
    TokenServer,
    digest_of,
    distribution,
    htpasswd,
    token_server,
)
from tests.running import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.live

USER, PASSWORD, IDENTITY = "ann", "s3cret:word", "identity-s3cret"
AUTH = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
BASIC = {"Authorization": f"Basic {AUTH}"}
PLATFORMS = {
    "linux/arm64/v8": {"User": "arm"},
    "linux/amd64": {"User": "amd"},
    "linux/arm/v6": {"User": "six"},
    "linux/arm/v7": {"User": "seven"},
}


@pytest.fixture(scope="module")
def open_registry(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Distribution]:
    with distribution(program, tmp_path_factory.mktemp("open") / "registry") as running:
        yield running


@pytest.fixture(scope="module")
def closed_registry(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Distribution]:
    """With passwords."""
    if shutil.which("htpasswd") is None:
        missing("there is no htpasswd (Debian: apache2-utils)")
    place = tmp_path_factory.mktemp("basic")
    with distribution(program, place / "registry", auth=htpasswd(place / "htpasswd", USER, PASSWORD)) as running:
        running.headers = BASIC
        running.push("acme/app", "1", {"User": "1000"})
        yield running


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TokenServer]:
    key = Authority(tmp_path_factory.mktemp("tokens")).issue("tokens")
    with token_server(key, {USER: PASSWORD}, IDENTITY) as server:
        yield server


@pytest.fixture(scope="module")
def token_registry(
    program: str, tokens: TokenServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Distribution]:
    """With tokens, and an image that anybody, and one that only who is known may see."""
    with distribution(program, tmp_path_factory.mktemp("token") / "registry", auth=tokens.auth()) as running:
        for repository in ("public/app", "acme/app"):
            token = tokens.token(f"repository:{repository}:push", ["push", "pull"])
            running.headers = {"Authorization": f"Bearer {token}"}
            running.push(repository, "1", {"User": "1000"})
        yield running


@pytest.fixture
def login(tmp_path: Path) -> Path:
    """A directory of ``config.json`` that tests write."""
    return tmp_path


def configured(place: Path, **config: Any) -> Options:
    (place / "config.json").write_text(json.dumps(config))
    return Options(config=place)


def user(registry: Distribution, repository: str, options: Options, on: str = "linux/amd64") -> str:
    """The user of an image, as the registry serves it."""
    wanted = platform(on)
    assert wanted is not None
    with Registries(options) as registries:
        config = registries.image(Name(registry.host, repository, "1"), wanted).config["config"]
    assert isinstance(config, dict)
    return str(config["User"])


@pytest.mark.parametrize("docker", [True, False], ids=["docker", "oci"])
def test_an_image(open_registry: Distribution, login: Path, docker: bool) -> None:
    digest = open_registry.push("acme/app", "1", {"User": "1000", "Labels": {"a": "b"}}, docker=docker)
    with Registries(Options(config=login)) as registries:
        for version in ("1", digest):
            name = Name(open_registry.host, "acme/app", version)
            image = registries.image(name)
            assert (image.digest, image.manifest, image.is_index) == (digest, digest, False)
            assert image.config["config"] == {"User": "1000", "Labels": {"a": "b"}}
            assert registries.digest(name) == digest


@pytest.mark.parametrize("docker", [True, False], ids=["docker", "oci"])
def test_an_index(open_registry: Distribution, login: Path, docker: bool) -> None:
    index = open_registry.push_index("acme/many", "1", PLATFORMS, docker=docker)
    name = Name(open_registry.host, "acme/many", "1")
    with Registries(Options(config=login)) as registries:
        image = registries.image(name)
        assert (image.digest, image.is_index, image.config["config"]) == (index, True, {"User": "amd"})
        assert registries.digest(name) == index != image.manifest
        assert registries.image(Name(name.host, name.repository, image.manifest)).digest == image.manifest
        with pytest.raises(NotThereError) as caught:
            registries.image(name, Platform("linux", "s390x"))
    assert str(caught.value) == (
        f"registry://{name.host}: {name} has no image for linux/s390x, only for "
        "linux/amd64, linux/arm/v6, linux/arm/v7, linux/arm64/v8"
    )


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("linux/amd64", "amd"),
        ("amd64", "amd"),
        ("linux", "amd"),
        ("linux/arm64", "arm"),
        ("linux/aarch64", "arm"),
        ("linux/arm64/v8", "arm"),
        ("linux/arm", "seven"),
        ("linux/arm/v7", "seven"),
        ("linux/arm/v6", "six"),
    ],
)
def test_the_platform_that_is_wanted(open_registry: Distribution, login: Path, wanted: str, expected: str) -> None:
    open_registry.push_index("acme/wanted", "1", PLATFORMS, docker=False)
    assert user(open_registry, "acme/wanted", Options(config=login), wanted) == expected


def test_tags_page_by_page(open_registry: Distribution, login: Path) -> None:
    for tag in ("1.0", "1.1", "2.0"):
        open_registry.push("acme/tags", tag, {})
    with Registries(Options(config=login)) as registries:
        assert sorted(registries.tags(open_registry.host, "acme/tags")) == ["1.0", "1.1", "2.0"]
        with pytest.raises(NotThereError):
            registries.tags(open_registry.host, "acme/none")


def test_what_is_not_there(open_registry: Distribution, login: Path) -> None:
    open_registry.push("acme/app", "1", {})
    with Registries(Options(config=login)) as registries:
        for name in (
            Name(open_registry.host, "acme/none", "1"),
            Name(open_registry.host, "acme/app", "2"),
            Name(open_registry.host, "acme/app", digest_of(b"none")),
        ):
            with pytest.raises(NotThereError) as caught:
                registries.image(name)
            assert str(caught.value) == f"registry://{open_registry.host}: manifest unknown"


@pytest.mark.parametrize("what", ["manifest", "configuration"])
def test_what_was_tampered_with_is_not_believed(open_registry: Distribution, login: Path, what: str) -> None:
    digest = open_registry.push(f"acme/{what}", "1", {"User": what})
    name = Name(open_registry.host, f"acme/{what}", "1")
    with Registries(Options(config=login)) as registries:
        config = registries.manifest(name).config
        assert config is not None
        tampered = digest if what == "manifest" else config
        file = open_registry.blob(tampered)
        file.write_bytes(file.read_bytes().replace(b'"schemaVersion"', b'"SchemaVersion"').replace(b"linux", b"Linux"))
        with pytest.raises(NonsenseError) as caught:
            registries.image(name)
    assert str(caught.value).endswith(
        f"serves for {name} is not what {tampered[:19]}... stands for (tell who runs it: it is broken, or somebody "
        "tampers)"
    )


def test_a_password(closed_registry: Distribution, login: Path) -> None:
    options = configured(login, auths={closed_registry.host: {"auth": AUTH}})
    assert user(closed_registry, "acme/app", options) == "1000"
    options = configured(login, auths={f"http://{closed_registry.host}/v1/": {"username": USER, "password": PASSWORD}})
    assert user(closed_registry, "acme/app", options) == "1000"


def test_without_a_login(closed_registry: Distribution, login: Path) -> None:
    with pytest.raises(RefusedError) as caught:
        user(closed_registry, "acme/app", configured(login, auths={"other.example": {"auth": AUTH}}))
    host = closed_registry.host
    assert str(caught.value) == (
        f"registry://{host}: the registry {host} does not let us see acme/app "
        f"(is there such a repository? docker login {host})"
    )


def test_with_a_wrong_password(closed_registry: Distribution, login: Path) -> None:
    wrong = b64encode(b"ann:wr0ng-s3cret").decode()
    with pytest.raises(RefusedError) as caught:
        user(closed_registry, "acme/app", configured(login, auths={closed_registry.host: {"auth": wrong}}))
    assert str(caught.value).endswith(
        f"(the login that docker has does not do: docker login {closed_registry.host} again)"
    )
    assert "s3cret" not in str(caught.value)


HELPER = """\
#!/bin/sh
read -r server
echo "$1 $server" >> "$0.asked"
cat "$0.answer"
exit $(cat "$0.code")
"""


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``docker-credential-test``; tests write what it answers."""
    program = tmp_path / "bin" / "docker-credential-test"
    program.parent.mkdir()
    program.write_text(HELPER)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return program


def answers(helper: Path, text: str, code: int = 0) -> None:
    helper.with_name(f"{helper.name}.answer").write_text(text)
    helper.with_name(f"{helper.name}.code").write_text(str(code))


@pytest.mark.parametrize("key", ["credHelpers", "credsStore"])
def test_a_credential_helper(closed_registry: Distribution, login: Path, helper: Path, key: str) -> None:
    answers(helper, json.dumps({"ServerURL": closed_registry.host, "Username": USER, "Secret": PASSWORD}))
    named = {closed_registry.host: "test"} if key == "credHelpers" else "test"
    assert user(closed_registry, "acme/app", configured(login, **{key: named})) == "1000"
    assert helper.with_name(f"{helper.name}.asked").read_text() == f"get {closed_registry.host}\n"


@pytest.mark.parametrize(
    ("said", "code", "hint"),
    [
        ("credentials not found in native keychain\n", 1, "is there such a repository? docker login {host}"),
        ("s3cret\n", 1, "docker-credential-test, which config.json names, fails: mend it, or docker login {host}"),
        (
            "s3cret\n",
            0,
            "docker-credential-test, which config.json names, gives no JSON: mend it, or docker login {host}",
        ),
    ],
)
def test_a_credential_helper_that_gives_nothing(
    closed_registry: Distribution,
    open_registry: Distribution,
    login: Path,
    helper: Path,
    said: str,
    code: int,
    hint: str,
) -> None:
    answers(helper, said, code)
    options = configured(login, credsStore="test")
    with pytest.raises(RefusedError) as caught:
        user(closed_registry, "acme/app", options)
    assert caught.value.hint == hint.format(host=closed_registry.host)
    open_registry.push("acme/helped", "1", {"User": "7"})
    assert user(open_registry, "acme/helped", options) == "7"  # who needs no login is not bothered


def test_tokens(token_registry: Distribution, tokens: TokenServer, login: Path) -> None:
    options = configured(login, auths={token_registry.host: {"auth": AUTH}})
    tokens.asked.clear()
    assert user(token_registry, "acme/app", options) == "1000"
    assert tokens.asked == [  # one for the manifest and the configuration
        {
            "method": "GET",
            "authorization": f"Basic {AUTH}",
            "service": "tests",
            "scope": "repository:acme/app:pull",
            "account": USER,
        }
    ]


def test_a_token_for_anybody(token_registry: Distribution, tokens: TokenServer, login: Path) -> None:
    tokens.asked.clear()
    assert user(token_registry, "public/app", Options(config=login)) == "1000"
    assert tokens.asked[0]["authorization"] == ""
    with pytest.raises(RefusedError):
        user(token_registry, "acme/app", Options(config=login))


def test_an_identity_token(token_registry: Distribution, tokens: TokenServer, login: Path) -> None:
    options = configured(login, auths={token_registry.host: {"identitytoken": IDENTITY}})
    tokens.asked.clear()
    assert user(token_registry, "acme/app", options) == "1000"
    assert tokens.asked[0] == {
        "method": "POST",
        "authorization": "identity",
        "service": "tests",
        "scope": "repository:acme/app:pull",
        "grant_type": "refresh_token",
        "client_id": "policyengine",
        "refresh_token": IDENTITY,
    }


def test_an_identity_token_of_a_helper(token_registry: Distribution, login: Path, helper: Path) -> None:
    answers(helper, json.dumps({"Username": "<token>", "Secret": IDENTITY}))
    assert user(token_registry, "acme/app", configured(login, credsStore="test")) == "1000"


def test_a_registry_token(token_registry: Distribution, tokens: TokenServer, login: Path) -> None:
    token = tokens.token("repository:acme/app:pull")
    options = configured(login, auths={token_registry.host: {"registrytoken": token}})
    tokens.asked.clear()
    assert user(token_registry, "acme/app", options) == "1000"
    assert tokens.asked == []


@pytest.mark.parametrize("entry", [{"auth": b64encode(b"ann:wr0ng").decode()}, {"identitytoken": "wr0ng"}])
def test_the_server_of_tokens_does_not_know_us(
    token_registry: Distribution, login: Path, entry: dict[str, str]
) -> None:
    with pytest.raises(RefusedError) as caught:
        user(token_registry, "acme/app", configured(login, auths={token_registry.host: entry}))
    assert "the login that docker has does not do" in str(caught.value)
    assert "wr0ng" not in str(caught.value)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def tls_registry(
    program: str, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Distribution]:
    certificate = authority.issue("registry")
    with distribution(program, tmp_path_factory.mktemp("tls") / "registry", tls=certificate) as running:
        running.ca = authority.certificate
        running.push("acme/app", "1", {"User": "1000"})
        yield running


def trusting(place: Path, host: str, *certificates: tuple[str, Path]) -> Options:
    """A directory as ``/etc/docker/certs.d``."""
    directory = place / "certs.d" / host
    directory.mkdir(parents=True)
    for name, file in certificates:
        (directory / name).write_bytes(file.read_bytes())
    return Options(certificates=place / "certs.d", config=place)


def test_a_ca_of_its_own(tls_registry: Distribution, authority: Authority, login: Path) -> None:
    options = trusting(login, tls_registry.host, ("ca.crt", authority.certificate))
    assert user(tls_registry, "acme/app", options) == "1000"


def test_a_ca_that_is_not_trusted(tls_registry: Distribution, login: Path) -> None:
    host = tls_registry.host
    with pytest.raises(NoRegistryError) as caught:  # a loopback address does not mean that plain HTTP is tried
        user(tls_registry, "acme/app", Options(certificates=login, config=login))
    assert str(caught.value) == (
        f"registry://{host}: the registry {host} cannot be trusted: its certificate is not signed by the CA that is "
        "trusted (put the CA that signed it into /etc/docker/certs.d/HOST/ca.crt)"
    )


def test_a_ca_that_is_none(tls_registry: Distribution, login: Path) -> None:
    broken = login / "broken"
    broken.write_text("no certificate")
    options = trusting(login, tls_registry.host, ("ca.crt", broken))
    with pytest.raises(SourceError) as caught:
        user(tls_registry, "acme/app", options)
    path = login / "certs.d" / tls_registry.host / "ca.crt"
    assert str(caught.value) == f"{path}: cannot be used: it is no certificate, or has no key"


def test_a_certificate_of_ours(program: str, authority: Authority, tmp_path: Path) -> None:
    certificate, (ours, key) = authority.issue("mutual"), authority.issue("client")
    with distribution(program, tmp_path / "r", tls=certificate, client_ca=authority.certificate) as running:
        known = trusting(
            tmp_path, running.host, ("ca.crt", authority.certificate), ("client.cert", ours), ("client.key", key)
        )
        with pytest.raises(NotThereError):
            user(running, "acme/app", known)
        unknown = trusting(tmp_path / "unknown", running.host, ("ca.crt", authority.certificate))
        with pytest.raises(NoRegistryError) as caught:
            user(running, "acme/app", unknown)
    assert caught.value.hint == "put client.cert and client.key into /etc/docker/certs.d/HOST"


def test_a_mirror_comes_before_docker_hub(open_registry: Distribution, login: Path) -> None:
    open_registry.push("library/app", "1", {"User": "mirrored"})
    for mirror in (f"http://{open_registry.host}", open_registry.host):
        with Registries(Options(mirrors=("127.0.0.1:1", mirror), config=login)) as registries:
            image = registries.image(Name("docker.io", "library/app", "1"))
        assert image.config["config"] == {"User": "mirrored"}


COMPOSE = """\
services:
  web: {{image: "{host}/public/app:1"}}
  own: {{image: "{host}/acme/app:1"}}
"""
ARGUMENTS = ("check", "compose.yaml", "--select", "run-as-uid-0", "--resolve", "registry", "--format", "text")


def test_the_command_line(token_registry: Distribution, login: Path) -> None:
    (login / "compose.yaml").write_text(COMPOSE.format(host=token_registry.host))
    configured(login, auths={token_registry.host: {"auth": AUTH}})
    assert cli(*ARGUMENTS, cwd=login, DOCKER_CONFIG=str(login)) == (0, "", "")


def test_the_command_line_where_it_is_refused(token_registry: Distribution, login: Path) -> None:
    host = token_registry.host
    (login / "compose.yaml").write_text(COMPOSE.format(host=host))
    configured(login, auths={host: {"auth": b64encode(b"ann:wr0ng-s3cret").decode()}})
    ended = cli(*ARGUMENTS, cwd=login, DOCKER_CONFIG=str(login))
    assert (ended.code, ended.out) == (2, REFUSED.format(host=host))
    assert "s3cret" not in ended.out + ended.err


REFUSED = """\
compose.yaml:2:3: unknown run-as-uid-0 cannot tell: the user depends on the image {host}/public/app:1; \
the registry {host} does not let us see public/app (image.user; docker login {host}, then --resolve registry)
compose.yaml:3:3: unknown run-as-uid-0 cannot tell: the user depends on the image {host}/acme/app:1; \
the registry {host} does not let us see acme/app (image.user; docker login {host}, then --resolve registry)
registry://{host}: error the registry {host} does not let us see public/app \
(the login that docker has does not do: docker login {host} again)
"""
