"""Policies are chosen by the names that benchmarks and other tools have for them, on the command line as users do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.running import cli

if TYPE_CHECKING:
    from pathlib import Path

DOCKERFILE = "FROM nginx:latest\nUSER 1000\n"
COMPOSE = "services:\n  web:\n    image: nginx:latest\n    privileged: true\n"
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: web, image: "nginx:latest", securityContext: {privileged: true}}]
"""
FILES = {"Dockerfile": DOCKERFILE, "compose.yaml": COMPOSE, "pod.yaml": POD}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


LATEST = {"Dockerfile:1 base-latest", "compose.yaml:3 base-latest", "pod.yaml:5 base-latest"}
PRIVILEGED = {"compose.yaml:4 privileged", "pod.yaml:5 privileged"}

CHOICES = [
    (["--select", "CKV_K8S_16"], {"pod.yaml:5 privileged"}),
    (["--select", "ckv_k8s_16"], {"pod.yaml:5 privileged"}),
    (["--select", "AVD-KSV-0017"], {"pod.yaml:5 privileged"}),
    (["--select", "KSV-0017"], {"pod.yaml:5 privileged"}),
    (["--select", "ksv017"], {"pod.yaml:5 privileged"}),
    (["--select", "DS001"], {"Dockerfile:1 base-latest"}),
    (["--select", "DL3007"], {"Dockerfile:1 base-latest"}),
    (["--select", "CIS Docker 1.7.0 5.5"], PRIVILEGED),
    (["--select", "CIS Docker 5.5"], PRIVILEGED),
    (["--select", "dd29336b-fe57-445b-a26e-e6aa867ae609"], {"pod.yaml:5 privileged"}),
    (["--select", "Privileged Containers Enabled"], {"compose.yaml:4 privileged"}),
    (["--select", "container is privileged"], {"pod.yaml:5 privileged"}),
    (["--select", "base-latest", "--ignore", "DL3007"], LATEST - {"Dockerfile:1 base-latest"}),
    (
        ["--select", "privileged,base-latest", "--ignore", "CIS Docker 1.7.0 5.5,DL3007,CKV_K8S_14"],
        {"compose.yaml:3 base-latest"},
    ),
]


@pytest.mark.parametrize(("arguments", "wanted"), CHOICES, ids=[" ".join(given) for given, _ in CHOICES])
def test_names_of_others(arguments: list[str], wanted: set[str], project: Path) -> None:
    ended = cli("check", ".", "--unknown", "ignore", "--format", "text", *arguments, cwd=project)
    found = {line.split(": ")[0] + " " + line.split()[2] for line in ended.out.splitlines() if line.count(":") > 2}
    assert {f"{place.rsplit(':', 1)[0]} {policy}" for place, policy in (one.split() for one in found)} == wanted, ended
    assert ended.code == 1


MISTYPED = [
    ("CKV_K8S_1l", 'no policy is called "CKV_K8S_1l" (did you mean "CKV_K8S_1"?)'),
    ("CIS Docker 1.7.0 5.55", 'no policy is called "CIS Docker 1.7.0 5.55" (did you mean "CIS Docker 1.7.0 5.5"?)'),
    (
        "Container Is Priviledged",
        'no policy is called "Container Is Priviledged" (did you mean "Container Is Privileged"?)',
    ),
    ("dl30007", 'no policy is called "dl30007" (did you mean "DL3007"?)'),
]


@pytest.mark.parametrize("option", ["--select", "--ignore"])
@pytest.mark.parametrize(("name", "message"), MISTYPED)
def test_what_was_probably_meant(option: str, name: str, message: str, project: Path) -> None:
    ended = cli("check", ".", option, name, cwd=project)
    assert ended == (2, "", f"error: {message}\n")
