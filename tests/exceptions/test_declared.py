"""Ignores in annotations and labels: what each speaks for, and what is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policyengine.api import evaluate
from tests.exceptions.saying import PRIVILEGED, said, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {OWN}
spec:
  template:
    metadata:
      annotations: {TEMPLATE}
    spec:
      containers:
        - {name: a, image: x, securityContext: {privileged: true}}
        - {name: b, image: x, securityContext: {privileged: true}}
---
apiVersion: v1
kind: Pod
metadata: {name: other}
spec:
  containers:
    - {name: a, image: x, securityContext: {privileged: true}}
"""
IGNORE = 'policyengine/ignore: "[privileged] why"'


def deployment(own: str = "", template: str = "") -> str:
    return DEPLOYMENT.replace("OWN", own).replace("TEMPLATE", template)


WAIVED = ["12 waived (annotation: why)", "13 waived (annotation: why)", "20 fail"]
HINT = "(write [POLICY, ...] REASON)"
ANNOTATIONS = {
    "on the workload": (deployment(IGNORE), WAIVED),
    "on the template": (deployment(template=IGNORE), WAIVED),
    "among others": (deployment("a: b, " + IGNORE.replace("[", "[host-network, ")), WAIVED),
    "until a day": (deployment(IGNORE.replace("why", "until 2999-01-01: why")), WAIVED),
    "several lines": (deployment(IGNORE.replace('"[', '"[host-network] no\\n\\n[')), WAIVED),
    "another key": (deployment(IGNORE.replace("engine/", "engine.")), ["12 fail", "13 fail", "20 fail"]),
    "a name": (
        deployment(IGNORE.replace("]", "d]")),
        [
            *("12 fail", "13 fail", "20 fail"),
            '5:38 unused: no policy is called "privilegedd" (did you mean "privileged"?)',
        ],
    ),
    "without a reason": (
        deployment(IGNORE.replace(" why", "")),
        ["12 fail", "13 fail", "20 fail", f"5:38 problem: this annotation is not understood: it has no reason {HINT}"],
    ),
    "without brackets": (
        deployment(template=IGNORE.replace("[privileged]", "privileged")),
        [
            *("12 fail", "13 fail", "20 fail"),
            f"9:42 problem: this annotation is not understood: it names no policy in brackets {HINT}",
        ],
    ),
    "with a word": (
        deployment(IGNORE.replace("[", "ignore[")),
        [
            *("12 fail", "13 fail", "20 fail"),
            f"5:38 problem: this annotation is not understood: it names no policy in brackets {HINT}",
        ],
    ),
    "no text": (
        deployment("policyengine/ignore: [privileged]"),
        ["12 fail", "13 fail", "20 fail", "5:17 problem: policyengine/ignore should be a string, not a sequence"],
    ),
    "empty": (
        deployment('policyengine/ignore: ""'),
        [
            *("12 fail", "13 fail", "20 fail"),
            f"5:38 problem: this annotation is not understood: it names no policy in brackets {HINT}",
        ],
    ),
}


def lines(path: str) -> list[str]:
    return [line.removeprefix(f"{path}:").replace(" privileged", "", 1) for line in said()]


@pytest.mark.parametrize("name", ANNOTATIONS)
def test_annotations(name: str, tmp_path: Path) -> None:
    text, expected = ANNOTATIONS[name]
    write(tmp_path, {"app.yaml": text})
    assert lines("app.yaml") == expected


def test_json(tmp_path: Path) -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a", "annotations": {"policyengine/ignore": "[privileged] why"}},
        "spec": {"containers": [{"name": "a", "image": "x", "securityContext": {"privileged": True}}]},
    }
    write(tmp_path, {"pod.json": json.dumps(pod, indent=1)})
    assert [line.split(" ", 1)[1] for line in said()] == ["waived privileged (annotation: why)"]
    items = [pod, {**pod, "metadata": {"name": "b"}}]
    write(tmp_path, {"pod.json": json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=1)})
    assert [line.split(" ", 1)[1] for line in said()] == ["waived privileged (annotation: why)", "fail privileged"]


COMPOSE = """\
x-common: &common
  labels: {LABELS}
services:
  a:
    <<: *common
    image: x
    privileged: true
  b:
    image: x
    privileged: true
    labels: LIST
"""
LABELS = {
    "as a mapping": ("b: c", '{policyengine.ignore: "[privileged] why"}', ["7 fail", "10 waived (label: why)"]),
    "as a list": ("b: c", '["a=b", "policyengine.ignore=[privileged] why"]', ["7 fail", "10 waived (label: why)"]),
    "without a reason": (
        "b: c",
        '["a=b", "policyengine.ignore=[privileged]"]',
        ["7 fail", "10 fail", f"11:21 problem: this label is not understood: it has no reason {HINT}"],
    ),
    "that an anchor brings is not written in the service": (
        'policyengine.ignore: "[privileged] why"',
        "{}",
        ["7 fail", "10 fail"],
    ),
}


@pytest.mark.parametrize("name", LABELS)
def test_labels(name: str, tmp_path: Path) -> None:
    mapping, listed, expected = LABELS[name]
    write(tmp_path, {"compose.yaml": COMPOSE.replace("LABELS", mapping).replace("LIST", listed)})
    assert lines("compose.yaml") == expected


SNAPSHOT = """\
docker_snapshot: 1
context: local
containers:
  - Id: "1"
    Name: /a
    Config: {Image: x, Labels: {policyengine.ignore: "[privileged] why"}}
    HostConfig: {Privileged: true}
  - Id: "2"
    Name: /b
    Config: {Image: x, Labels: {policyengine.ignore: "[privileged]"}}
    HostConfig: {Privileged: true}
  - Id: "3"
    Name: /c
    Config: {Image: x}
    HostConfig: {Privileged: true}
"""


def test_snapshots(tmp_path: Path) -> None:
    """What was written down of an engine is a running system as much as the engine is."""
    write(tmp_path, {"snapshot.yaml": SNAPSHOT})
    misunderstood = f"10:54 problem: this label is not understood: it has no reason {HINT}"
    ignored = "its label that ignores does not count (live_exceptions: true in the settings makes it)"
    findings = ["7 fail", "11 fail", "15 fail"]
    assert lines("snapshot.yaml") == [*findings, misunderstood, f"6:54 ignored: {ignored}"]
    report = said(live_exceptions=True)
    assert report[0] == "snapshot.yaml:7 waived privileged (label: why)"
    assert report[1:] == [f"snapshot.yaml:{line} fail privileged" for line in (11, 15)] + [
        f"snapshot.yaml:{misunderstood}"
    ]


def test_secrets_are_masked(tmp_path: Path) -> None:
    token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
    forms = (f"[privileged] {token}", f"[{token}] why", f"[privileged] until {token}: why")
    for form in forms:
        write(tmp_path, {"app.yaml": deployment(f'policyengine/ignore: "{form}"')})
        assert len(said()) >= 3
        assert token not in "\n".join(said())
    assert evaluate(".", PRIVILEGED).exit_code == 2
