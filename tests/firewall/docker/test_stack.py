"""A project that a Swarm may run, or only a Swarm: input, and the matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.firewall.docker.test_projects import matrix, network

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """\
name: shop
services:
  web:
    image: nginx
    ports: ["127.0.0.1:8080:80"]
    deploy: {replicas: 2%s}
  db:
    image: postgres
%s"""

WHO = "who runs it: a Swarm takes published ports on every address of every node"
VERSION = "the version of the engine: before 28 Docker lets straight to containers what 28 and later drop"


def of(home: Path, deploy: str, rest: str = "") -> dict[str, str]:
    found = matrix(network(home, PROJECT % (deploy, rest)))
    return dict(line.split(": ", 1) for line in found.splitlines())


def test_compose_heeds_replicas(tmp_path: Path) -> None:
    assert of(tmp_path, "")["lan -> web"] == f"perhaps tcp/80: {VERSION}"


def test_what_only_a_swarm_heeds(tmp_path: Path) -> None:
    for deploy in (", mode: global", ", endpoint_mode: dnsrr", ", placement: {constraints: [node.role == worker]}"):
        found = of(tmp_path, deploy)
        assert found["lan -> web"] == f"perhaps tcp/80, tcp/8080: {WHO}; {VERSION}"
        assert found["db -> web"] == found["web -> db"] == found["host -> db"] == "everything"


def test_only_a_swarm_makes_overlays(tmp_path: Path) -> None:
    found = of(tmp_path, "", "networks: {default: {driver: overlay}}\n")
    assert found["lan -> web"] == f"tcp/80, perhaps tcp/8080: {VERSION}"  # 8080: straight to the container's own
    assert found["lan -> db"] == f"perhaps tcp/8080: {VERSION}"
    assert found["db -> web"] == "everything"
