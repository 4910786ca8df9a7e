"""What a manager of a Swarm tells of the ports that services have on every node; a worker is not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.inputs import docker
from policyengine.inputs.context import Context
from policyengine.model.unknown import Unknown
from tests.connections.engines import answering

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = {
    "ID": "s1",
    "Spec": {"Name": "web", "TaskTemplate": {"ContainerSpec": {"Env": ["PASSWORD=hunter2"]}}},
    "Endpoint": {
        "Ports": [
            {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080, "PublishMode": "ingress"},
            {"Protocol": "udp", "TargetPort": 53, "PublishedPort": 5353},
            {"Protocol": "tcp", "TargetPort": 22, "PublishedPort": 2222, "PublishMode": "host"},
        ]
    },
}
PORTS = [
    {"service": "web", "published": 8080, "target": 80, "protocol": "tcp"},
    {"service": "web", "published": 5353, "target": 53, "protocol": "udp"},
]


def told(
    swarm: dict[str, object], services: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[object, list[str], list[str]]:
    """The field, which paths were asked for, and what was a problem."""
    monkeypatch.chdir(tmp_path)
    lists: dict[str, object] = {f"/{name}": [] for name in ("containers/json", "images/json", "networks")}
    answers = {**lists, "/volumes": {"Volumes": []}, "/info": {"Name": "node", "Swarm": swarm}, "/services": services}
    seen: list[str] = []
    context = Context()
    with answering(tmp_path / "sock", answers, seen) as address:
        monkeypatch.setenv("DOCKER_HOST", address)
        (engine,) = docker.read_live("docker://", context)
    return engine.facts.get("ingress_ports"), seen, [one.message for one in context.problems]


def test_a_manager_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swarm: dict[str, object] = {"LocalNodeState": "active", "ControlAvailable": True}
    found, seen, problems = told(swarm, [SERVICE], tmp_path, monkeypatch)
    assert (found, problems) == (PORTS, [])
    assert "/v1.41/services" in seen


@pytest.mark.parametrize("state", ["active", "inactive"])
def test_nobody_else_is_asked(state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, seen, problems = told({"LocalNodeState": state, "ControlAvailable": False}, [SERVICE], tmp_path, monkeypatch)
    assert "/v1.41/services" not in seen
    assert problems == []
    assert isinstance(found, Unknown) if state == "active" else found is None


def test_a_manager_that_does_not_answer_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swarm: dict[str, object] = {"LocalNodeState": "active", "ControlAvailable": True}
    found, _, problems = told(swarm, {"not": "a list"}, tmp_path, monkeypatch)
    assert isinstance(found, Unknown)
    assert len(problems) == 1
