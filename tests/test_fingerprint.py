"""Fingerprints: what they survive, and what makes another finding."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from policyengine import fingerprint
from policyengine.fingerprint import Numbering
from policyengine.fingerprint import fingerprint as of_finding
from policyengine.model.kinds import kind
from policyengine.model.report import ResourceRef
from policyengine.model.types import STRINGS, Field, object_of
from tests.judging import container, judged, loaded, read, read_all
from tests.policy.writing import policy

if TYPE_CHECKING:
    from pathlib import Path

POLICIES = [
    loaded(policy()),
    loaded(policy(id="id: ports", require="require:\n  ports[].host_ip: {forbidden: [0.0.0.0]}"), "ports"),
    loaded(policy(id="id: caps", require="require:\n  cap_add: {forbidden: [ALL]}"), "caps"),
    loaded(policy(id="id: env", require="require:\n  environment{}: {regex: a}"), "env"),
]

BASE = """\
name: shop
services:
  web:
    image: nginx
    privileged: true
    ports: ["80:80", "81:81"]
    cap_add: [ALL, NET_ADMIN]
    environment: {PASSWORD: hunter2}
"""


def prints(text: str, path: str = "compose.yaml") -> set[str]:
    findings = judged(POLICIES, read("compose", text, path)).findings
    assert len({one.fingerprint for one in findings}) == len(findings)
    return {one.fingerprint for one in findings}


SAME = [
    (BASE, "elsewhere/other.yaml"),
    ("# a comment\n\n" + BASE, "compose.yaml"),
    (BASE.replace('["80:80", "81:81"]', '\n      - "81:81"\n      - "80:80"'), "compose.yaml"),
    (BASE.replace("[ALL, NET_ADMIN]", "[NET_ADMIN, SYS_TIME, ALL]"), "compose.yaml"),
    (BASE.replace("hunter2", "hunter3"), "compose.yaml"),
    (BASE + "  quiet: {image: nginx}\n", "compose.yaml"),
    (BASE.replace("image: nginx", "image: apache"), "compose.yaml"),
]


@pytest.mark.parametrize(("text", "path"), SAME)
def test_what_fingerprints_survive(text: str, path: str) -> None:
    assert prints(text, path) == prints(BASE)


OTHER = [
    (BASE.replace("name: shop", "name: other"), 5),
    (BASE.replace("web:", "app:"), 5),
    (BASE.replace("80:80", "82:80"), 1),
    (BASE.replace("80:80", "80:82"), 1),
    (BASE.replace("PASSWORD", "TOKEN"), 1),
    (BASE.replace("[ALL, ", "["), 1),
]


@pytest.mark.parametrize(("text", "changed"), OTHER)
def test_what_makes_another_finding(text: str, changed: int) -> None:
    assert len(prints(BASE)) == 5
    assert len(prints(BASE) - prints(text)) == changed


DOCKERFILE_POLICIES = [
    loaded(policy(id=f"id: on-{number}", target=f"target: {target}", require=f"require:\n  {rule}"), f"on-{number}")
    for number, (target, rule) in enumerate(
        {
            "dockerfile": "user: {required: true}",
            "stage": "user: {required: true}",
            "image_ref": "tag: {forbidden: [latest]}",
            "instruction": "instruction: {forbidden: [RUN, ENV, EXPOSE]}",
        }.items()
    )
]

DOCKERFILE = """\
FROM golang AS build
RUN make
RUN make
FROM nginx
ENV TOKEN=a
EXPOSE 80
"""


def dockerfile_prints(directory: Path, text: str = DOCKERFILE, name: str = "Dockerfile") -> set[str]:
    """The fingerprints of what is found in a directory in which a Dockerfile lies."""
    directory.mkdir()
    (directory / name).write_text(text)
    findings = judged(DOCKERFILE_POLICIES, read_all(directory)).findings
    assert len({one.fingerprint for one in findings}) == len(findings) == 9
    return {one.fingerprint for one in findings}


SAME_DOCKERFILES = {
    "another directory": (DOCKERFILE, "Dockerfile"),
    "another name": (DOCKERFILE, "Dockerfile.prod"),
    "lines before": ("# a comment\n\nARG A=1\n" + DOCKERFILE, "Dockerfile"),
    "lines between": (DOCKERFILE.replace("FROM nginx", "COPY a b\nFROM nginx\nCOPY c d"), "Dockerfile"),
    "a stage before": ("FROM scratch AS first\nUSER app\n" + DOCKERFILE, "Dockerfile"),
    "another value": (DOCKERFILE.replace("TOKEN=a", "TOKEN=b"), "Dockerfile"),
}


@pytest.mark.parametrize("case", SAME_DOCKERFILES)
def test_what_fingerprints_of_dockerfiles_survive(case: str, tmp_path: Path) -> None:
    text, name = SAME_DOCKERFILES[case]
    assert dockerfile_prints(tmp_path / "b", text, name) == dockerfile_prints(tmp_path / "a")


OTHER_DOCKERFILES = [
    (DOCKERFILE.replace("nginx", "apache"), 3),
    (DOCKERFILE.replace("AS build", "AS compile"), 1),
    (DOCKERFILE.replace("EXPOSE 80", "EXPOSE 81"), 1),
    (DOCKERFILE.replace("TOKEN", "KEY"), 1),
]


@pytest.mark.parametrize(("text", "changed"), OTHER_DOCKERFILES)
def test_what_makes_another_finding_in_dockerfiles(text: str, changed: int, tmp_path: Path) -> None:
    assert len(dockerfile_prints(tmp_path / "b", text) - dockerfile_prints(tmp_path / "a")) == changed


def test_an_identity_stands_for_parent_and_name() -> None:
    def of(name: str, parent: str | None, identity: tuple[str, ...]) -> str:
        reference = replace(WEB, name=name, parent=parent)
        return of_finding("p", reference, (), {}, CONTAINER.type, identity)[0]

    assert of("a", "b", ("x",)) == of("c", None, ("x",))
    found = [of("a", None, parts) for parts in ((), ("x",), ("y",), ("x", "y"), ("x, y",))]
    assert len(set(found)) == len(found)


CONTAINER = kind("container")
WEB = ResourceRef("container", "web", "compose", "compose:shop", "service/web")


def of(path: tuple[str | int, ...] = ("privileged",), facts: dict[str, Any] | None = None, **changed: Any) -> str:
    reference = ResourceRef(**{**{name: getattr(WEB, name) for name in WEB.__struct_fields__}, **changed})
    return of_finding("privileged", reference, path, facts or {}, CONTAINER.type)[0]


def test_every_part_counts() -> None:
    found = [
        of(),
        of(("user",)),
        of(()),
        of(kind="pod"),
        of(name="app"),
        of(scope="compose:other"),
        of(parent=None),
        of(("ports", 0), {"ports": ["a", "b"]}),
        of(("ports", 1), {"ports": ["a", "b"]}),
        of(("ports", 0, "a"), {"ports": [{"a": 1}]}),
        of(("ports", 0, "b"), {"ports": [{"a": 1}]}),
        of(("labels", "a.b"), {"labels": {"a.b": 1}}),
        of(("labels", "a", "b"), {"labels": {"a": {"b": 1}}}),
    ]
    assert len(set(found)) == len(found)


def test_the_content_of_a_finding_is_all_but_its_scope() -> None:
    def content(**changed: Any) -> str:
        reference = replace(WEB, **changed)
        return of_finding("privileged", reference, ("privileged",), {}, CONTAINER.type)[1]

    assert content() == content(scope="compose:other")
    assert len({content(), content(name="app"), content(parent=None), content(kind="pod")}) == 4


def test_the_input_kind_is_no_part() -> None:
    assert of(origin="docker") == of()


def test_equal_findings_are_numbered() -> None:
    text = policy(require="require:\n  cap_add: {forbidden: [A]}")
    first, again = (
        [one.fingerprint for one in judged(loaded(text), (container(line=n, cap_add=["A"]) for n in lines)).findings]
        for lines in ((1, 2, 3), (5, 70, 900))
    )
    assert len(set(first)) == 3
    assert again == first


def test_numbers_go_on_from_input_to_input() -> None:
    (finding,) = judged(loaded(policy()), container(privileged=True)).findings
    number = Numbering().number
    once, twice = number(finding), number(finding)
    assert once == finding
    assert twice.fingerprint == hashlib.sha256(f"{finding.fingerprint}#2".encode()).hexdigest()


def test_it_is_a_sha256_that_stays() -> None:
    """Baselines and code scanning keep fingerprints: a change of this value is a change for every user."""
    whole = b'["privileged", "container", "compose:shop", "service/web", "web", "privileged"]#1'
    assert of() == hashlib.sha256(whole).hexdigest()


def test_items_of_sensitive_lists_are_equal() -> None:
    type_ = object_of(keys=Field(STRINGS, "", sensitive=True))
    found = {of_finding("p", WEB, ("keys", 0), {"keys": [secret]}, type_)[0] for secret in ("hunter2", "correct-horse")}
    assert len(found) == 1


def test_no_secret_is_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even hashed: who guesses a short password could confirm it."""
    hashed: list[bytes] = []

    def sha256(data: bytes) -> Any:
        hashed.append(data)
        return hashlib.sha256(data)

    monkeypatch.setattr(fingerprint, "sha256", sha256)
    assert prints(BASE)
    assert len(hashed) == 10
    assert not any(b"hunter2" in data for data in hashed)
