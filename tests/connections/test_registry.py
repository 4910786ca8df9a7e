"""Registries that answer oddly: what is believed, what is said, and to whom a password is never given."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from policyengine.connections.registry import Name, Options, Registries
from policyengine.connections.registry_manifest import Platform, platform
from policyengine.connections.web import Limits
from policyengine.errors import SourceError
from tests.connections.servers import Asked, Said, site

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

QUICK = Limits(connect=60, read=60, wait=0.1, size=2**20, tries=2)
"""They ask again soon; what answers is a thread of this process, on a machine that may stand still for seconds."""
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = json.dumps({"config": {"User": "1000"}}).encode()


def digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def manifest(**more: object) -> bytes:
    return json.dumps({"mediaType": MANIFEST, "config": {"digest": digest(CONFIG)}, **more}).encode()


def asked(answer: Callable[[Asked], Said], place: Path, version: str = "1") -> str:
    """The user of an image, or what the error says."""
    with site(answer) as running, Registries(Options(config=place), QUICK) as registries:
        try:
            config = registries.image(Name(running.host, "acme/app", version)).config["config"]
        except SourceError as error:
            return str(error).replace(running.host, "HOST")
    assert isinstance(config, dict)
    return str(config["User"])


def serving(body: bytes, **headers: str) -> Callable[[Asked], Said]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda one: Said(200, body, named) if "/manifests/" in one.path else Said(200, CONFIG)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (serving(manifest()), "1000"),
        (serving(manifest(), Docker_Content_Digest=digest(manifest())), "1000"),
        (
            serving(manifest(), Docker_Content_Digest=digest(b"other")),
            f"what the registry HOST serves for HOST/acme/app:1 is not what {digest(b'other')[:19]}... stands for "
            "(tell who runs it: it is broken, or somebody tampers)",
        ),
        (
            serving(manifest(config={"digest": digest(b"other")})),
            f"what the registry HOST serves for HOST/acme/app:1 is not what {digest(b'other')[:19]}... stands for "
            "(tell who runs it: it is broken, or somebody tampers)",
        ),
        (serving(manifest(config={"digest": "md5:1234"})), "HOST/acme/app:1 is no image"),
        (serving(manifest(config={"digest": "../../etc"})), "HOST/acme/app:1 is no image"),
        (
            serving(manifest(mediaType=INDEX, manifests=[])),
            "HOST/acme/app:1 has no image for linux/amd64, only for none",
        ),
        *(
            (
                serving(body),
                "the registry HOST serves no manifest that is understood for HOST/acme/app:1 "
                "(images of before 2017 must be pushed anew)",
            )
            for body in (
                b"<html>",
                b"[]",
                b"{}",
                b"[" * 100_000,
                json.dumps({"schemaVersion": 1, "fsLayers": []}).encode(),
                manifest(manifests=[]),
            )
        ),
        (serving(b"x" * (2**20 + 1)), "the registry HOST answers with more than 1 MiB"),
        (lambda _: Said(500, b"<html>"), "the registry HOST answers with status 500 (try again later)"),
        (
            lambda _: Said(400, b'{"errors": [{"code": "NAME_INVALID", "message": "bad token=s3cret\\nmore"}]}'),
            "the registry HOST answers with status 400: bad token=****",
        ),
        (
            lambda _: Said(429, headers={"Retry-After": "3600"}),
            "the registry HOST has had too many questions from us (log in with docker login, ask a mirror, or try "
            "again later)",
        ),
        (
            lambda _: Said(302, headers={"Location": "/"}),
            "the registry HOST cannot be followed: it redirects again and again",
        ),
    ],
)
def test_what_a_registry_answers(tmp_path: Path, answer: Callable[[Asked], Said], expected: str) -> None:
    said = asked(answer, tmp_path)
    assert said.removeprefix("registry://HOST: ") == expected


def test_a_digest_of_another_algorithm(tmp_path: Path) -> None:
    longer = f"sha512:{hashlib.sha512(manifest()).hexdigest()}"
    with site(serving(manifest())) as running, Registries(Options(config=tmp_path), QUICK) as registries:
        assert registries.image(Name(running.host, "acme/app", longer)).digest == longer


def test_a_digest_that_no_header_tells(tmp_path: Path) -> None:
    with site(serving(manifest())) as running, Registries(Options(config=tmp_path), QUICK) as registries:
        assert registries.digest(Name(running.host, "acme/app", "1")) == digest(manifest())


@pytest.mark.parametrize(
    "realm", ["http://auth.example/token", "ftp://127.0.0.1/token", "file:///etc/passwd", "", "http://[", "//127.0.0.1"]
)
def test_a_password_is_not_sent_for_all_to_read(tmp_path: Path, realm: str) -> None:
    with site(lambda _: Said(401, headers={"WWW-Authenticate": f'Bearer realm="{realm}",service="x"'})) as running:
        auth = b64encode(b"ann:s3cret").decode()
        (tmp_path / "config.json").write_text(json.dumps({"auths": {running.host: {"auth": auth}}}))
        with Registries(Options(config=tmp_path), QUICK) as registries, pytest.raises(SourceError) as caught:
            registries.manifest(Name(running.host, "acme/app", "1"))
    assert str(caught.value).endswith("names no safe place to get a token from")
    assert all("authorization" not in one.headers for one in running.asked)


def test_a_password_that_is_refused_is_not_sent_again(tmp_path: Path) -> None:
    with site(lambda _: Said(401, headers={"WWW-Authenticate": 'Basic realm="x"'})) as running:
        auth = b64encode(b"ann:s3cret").decode()
        (tmp_path / "config.json").write_text(json.dumps({"auths": {running.host: {"auth": auth}}}))
        with Registries(Options(config=tmp_path), QUICK) as registries:
            for _ in range(2):
                with pytest.raises(SourceError):
                    registries.manifest(Name(running.host, "acme/app", "1"))
    assert [one.headers.get("authorization") for one in running.asked] == [None, f"Basic {auth}", f"Basic {auth}"]


def test_a_token_that_is_no_longer_good_is_replaced_once(tmp_path: Path) -> None:
    tokens: list[str] = []

    def answer(one: Asked) -> Said:
        if one.path.startswith("/token"):
            tokens.append(f"token{len(tokens)}")
            return Said(200, json.dumps({"token": tokens[-1], "expires_in": 3600}).encode())
        # Every token is good for one question.
        if tokens and one.headers.get("authorization") == f"Bearer {tokens[-1]}" and tokens[-1] not in used:
            used.add(tokens[-1])
            return serving(manifest())(one)
        realm = f"http://{one.headers['host']}/token"
        return Said(401, headers={"WWW-Authenticate": f'Bearer realm="{realm}",service="x"'})

    used: set[str] = set()
    assert asked(answer, tmp_path) == "1000"
    assert tokens == ["token0", "token1"]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"token": "a\\r\\nX-Evil: 1"}', b'{"token": 1}'])
def test_tokens_that_are_none(tmp_path: Path, body: bytes) -> None:
    def answer(one: Asked) -> Said:
        if one.path.startswith("/token"):
            return Said(200, body)
        return Said(401, headers={"WWW-Authenticate": f'Bearer realm="http://{one.headers["host"]}/token"'})

    assert asked(answer, tmp_path) == (
        "registry://HOST: where the registry HOST has tokens fetched, the answer is no token"
    )


def test_pages_of_tags_are_of_the_same_repository(tmp_path: Path) -> None:
    def answer(one: Asked) -> Said:
        if "last=" in one.path:
            return Said(200, b'{"tags": ["2"]}')
        return Said(
            200, b'{"tags": ["1", 7]}', {"Link": '<https://evil.example/v2/other/tags/list?last=1>; rel="next"'}
        )

    with site(answer) as running, Registries(Options(config=tmp_path), QUICK) as registries:
        assert registries.tags(running.host, "acme/app") == ["1", "2"]
    assert [one.path for one in running.asked if one.path != "/v2/"] == [
        "/v2/acme/app/tags/list?n=1000",
        "/v2/acme/app/tags/list?last=1",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linux/amd64", Platform()),
        ("LINUX/ARM64/V8", Platform("linux", "arm64", "v8")),
        ("windows", Platform("windows")),
        ("arm64", Platform("linux", "arm64")),
        ("", None),
        ("linux//v7", None),
        ("a/b/c/d", None),
    ],
)
def test_platforms(text: str, expected: Platform | None) -> None:
    assert platform(text) == expected
