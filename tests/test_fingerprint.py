"""Fingerprints: what they survive, and what makes another finding."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from policyengine import fingerprint
from policyengine.fingerprint import Fingerprints
from policyengine.model.kinds import kind
from policyengine.model.report import ResourceRef
from policyengine.model.types import STRINGS, Field, object_of
from tests.judging import judged, loaded, read
from tests.policy.writing import policy

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


CONTAINER = kind("container")
WEB = ResourceRef("container", "web", "compose", "compose:shop", "service/web")


def of(path: tuple[str | int, ...] = ("privileged",), facts: dict[str, Any] | None = None, **changed: Any) -> str:
    reference = ResourceRef(**{**{name: getattr(WEB, name) for name in WEB.__slots__}, **changed})
    return Fingerprints().of("privileged", reference, path, facts or {}, CONTAINER.type)


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


def test_the_input_kind_is_no_part() -> None:
    assert of(origin="docker") == of()


def test_equal_findings_are_numbered() -> None:
    one, two = Fingerprints(), Fingerprints()
    first = [one.of("p", WEB, ("cap_add", index), {"cap_add": ["A", "A"]}, CONTAINER.type) for index in (0, 1)]
    assert len(set(first)) == 2
    again = [two.of("p", WEB, ("cap_add", index), {"cap_add": ["A", "B", "A"]}, CONTAINER.type) for index in (0, 2)]
    assert again == first


def test_it_is_a_sha256_that_stays() -> None:
    """Baselines and code scanning keep fingerprints: a change of this value is a change for every user."""
    whole = b'["privileged", "container", "compose:shop", "service/web", "web", "privileged"]#1'
    assert of() == hashlib.sha256(whole).hexdigest()


def test_items_of_sensitive_lists_are_equal() -> None:
    type_ = object_of(keys=Field(STRINGS, "", sensitive=True))
    found = {
        Fingerprints().of("p", WEB, ("keys", 0), {"keys": [secret]}, type_) for secret in ("hunter2", "correct-horse")
    }
    assert len(found) == 1


def test_no_secret_is_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even hashed: who guesses a short password could confirm it."""
    hashed: list[bytes] = []

    def sha256(data: bytes) -> Any:
        hashed.append(data)
        return hashlib.sha256(data)

    monkeypatch.setattr(fingerprint, "sha256", sha256)
    assert prints(BASE)
    assert len(hashed) == 5
    assert not any(b"hunter2" in data for data in hashed)
