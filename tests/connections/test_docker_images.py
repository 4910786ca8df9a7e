"""What engines are asked of images, who we are told to be, and errors that come after a status of 200."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.connections.docker_acting import acting
from policyengine.connections.docker_context import Endpoint
from policyengine.connections.docker_images import Images, identity, platform_of, platform_told
from policyengine.connections.registry import Platform
from policyengine.connections.registry_credentials import Credentials, Login
from policyengine.errors import SourceError
from tests.connections.engines import PATIENT, answering

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

DIGEST = "sha256:" + "a" * 64


@contextmanager
def engine(path: Path, answers: Mapping[str, object], seen: list[str] | None = None) -> Iterator[Images]:
    with answering(path / "s", answers, seen) as host, acting(Endpoint("local", host), PATIENT) as made:
        yield Images(made, Credentials(path))


def stream(*messages: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(message).encode() + b"\r\n" for message in messages)


LOGINS = [
    ("r.example", None, {}),
    (
        "r.example",
        Login("ann", "s3cret"),
        {"serveraddress": "r.example", "username": "ann", "password": "s3cret"},
    ),
    (
        "docker.io",
        Login("ann", "s3cret"),
        {"serveraddress": "https://index.docker.io/v1/", "username": "ann", "password": "s3cret"},
    ),
    ("r.example", Login(identity_token="t"), {"serveraddress": "r.example", "identitytoken": "t"}),
    ("r.example", Login(registry_token="t"), {"serveraddress": "r.example", "registrytoken": "t"}),
    ("r.example", Login("ü", "?>~"), {"serveraddress": "r.example", "username": "ü", "password": "?>~"}),
]


@pytest.mark.parametrize(("host", "login", "told"), LOGINS)
def test_who_we_are(host: str, login: Login | None, told: dict[str, str]) -> None:
    assert json.loads(urlsafe_b64decode(identity(host, login))) == told


def test_what_is_asked(tmp_path: Path) -> None:
    seen: list[str] = []
    answers = {
        "POST /images/create": stream({"status": "Pulling"}),
        f"/images/r.example/app@{DIGEST}/json": {"Id": "sha256:1"},
        "POST /build": stream({"stream": "Step 1"}, {"aux": {"ID": "sha256:2"}}),
        "POST /images/sha256:2/tag": 204,
        "POST /images/r.example/app/push": stream({"aux": {"Tag": "1", "Digest": DIGEST, "Size": 1}}),
        "DELETE /images/r.example/app:1": [],
    }
    with engine(tmp_path, answers, seen) as images:
        assert images.pull("r.example", "r.example/app", DIGEST, Platform()) == {"Id": "sha256:1"}
        assert images.build(b"tar", ("mark", "1"), network=False) == "sha256:2"
        images.tag("sha256:2", "r.example/app", "1")
        assert images.push("r.example", "r.example/app", "1") == DIGEST
        assert images.remove("r.example/app:1")
        assert images.remove("r.example/app:2")  # is not there
        assert images.found("r.example/app:2") is None
    digest = DIGEST.replace(":", "%3A")
    assert seen == [
        "/version",
        f"POST /v1.41/images/create?fromImage=r.example%2Fapp&tag={digest}&platform=linux%2Famd64",
        f"/v1.41/images/r.example/app@{DIGEST}/json",
        "POST /v1.41/build?rm=1&forcerm=1&nocache=1&networkmode=none tar",
        "POST /v1.41/images/sha256:2/tag?repo=r.example%2Fapp&tag=1",
        "POST /v1.41/images/r.example/app/push?tag=1",
        "DELETE /v1.41/images/r.example/app:1",
        "DELETE /v1.41/images/r.example/app:2",
        "/v1.41/images/r.example/app:2/json",
    ]


FAILED = [
    stream({"status": "Pulling"}, {"errorDetail": {"message": "no space left"}, "error": "no space left"}),
    stream({"status": "Pulling"}, {"errorDetail": {"code": 1, "message": "no space left"}}),
]


@pytest.mark.parametrize("said", FAILED)
def test_an_error_after_a_status_of_200(tmp_path: Path, said: bytes) -> None:
    with engine(tmp_path, {"POST /images/create": said}) as images, pytest.raises(SourceError) as caught:
        images.pull("r.example", "r.example/app", DIGEST, Platform())
    assert str(caught.value) == "docker://local: no space left"


def test_what_a_build_that_failed_has_left_is_removed(tmp_path: Path) -> None:
    seen: list[str] = []
    answers = {
        "POST /build": FAILED[0],
        "/images/json": [{"Id": "sha256:1"}, {"Id": "sha256:2"}],
        "DELETE /images/sha256:1": 409,
        "DELETE /images/sha256:2": [],
    }
    with engine(tmp_path, answers, seen) as images, pytest.raises(SourceError) as caught:
        images.build(b"tar", ("policyengine.build", "7"), network=True)
    assert str(caught.value) == "docker://local: no space left"
    assert seen[1:] == [
        "POST /v1.41/build?rm=1&forcerm=1&nocache=1 tar",
        "/v1.41/images/json?filters=%7B%22dangling%22%3A+%5B%22true%22%5D%2C+"
        "%22label%22%3A+%5B%22policyengine.build%3D7%22%5D%7D",
        "DELETE /v1.41/images/sha256:1",
        "DELETE /v1.41/images/sha256:2",
    ]


@pytest.mark.parametrize("said", [b"", stream({"aux": {"Tag": "1"}}), stream({"aux": {"Digest": "none"}})])
def test_a_push_that_gives_no_digest(tmp_path: Path, said: bytes) -> None:
    with engine(tmp_path, {"POST /images/app/push": said}) as images, pytest.raises(SourceError) as caught:
        images.push("docker.io", "app", "1")
    assert str(caught.value) == "docker://local: the engine does not tell what it has pushed"


PLATFORMS = [
    ({"Os": "linux", "Arch": "amd64"}, Platform()),
    ({"Os": "linux", "Arch": "aarch64"}, Platform("linux", "arm64")),
    ({}, Platform()),
]


@pytest.mark.parametrize(("version", "wanted"), PLATFORMS)
def test_the_platform_of_an_engine(tmp_path: Path, version: dict[str, str], wanted: Platform) -> None:
    with engine(tmp_path, {"/version": {"ApiVersion": "1.41", **version}}) as images:
        assert platform_of(images.acting.engine) == wanted


def test_the_platform_of_an_image() -> None:
    told = platform_told({"Os": "linux", "Architecture": "arm", "Variant": "v7"})
    assert told == Platform("linux", "arm", "v7")
