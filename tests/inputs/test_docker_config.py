"""daemon.json and config.json as files of a project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policyengine.documents.load import document
from policyengine.inputs.context import Context
from policyengine.inputs.files import Files
from policyengine.sources import claimant
from tests.installation import ROOT
from tests.judging import shown_line

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.model.resource import Resource

SERVER = ROOT / "fixtures" / "docker_config" / "server"


def read(path: Path, home: str = "") -> tuple[list[Resource], list[str]]:
    """What a file makes, and its problems, with their lines."""
    found = document(str(path), path.read_bytes())
    reader = claimant(found)
    assert reader is not None
    assert reader.NAME == "docker_config"
    context = Context(files=Files(home))
    resources = list(reader.read(found, context))
    return resources, [f"{problem.line}: {problem.message}" for problem in context.problems]


def test_an_engine_of_a_tree_with_the_unit_that_starts_it() -> None:
    (resource,), problems = read(SERVER / "etc/docker/daemon.json", str(SERVER))
    assert not problems
    names = ("hosts", "tls_verify", "icc", "metrics_address", "insecure_registries", "http_proxy", "userns_remap")
    assert {name: resource.facts[name] for name in names} == {
        "hosts": ["fd://", "tcp://10.0.0.5:2376"],
        "tls_verify": True,
        "icc": False,
        "metrics_address": "127.0.0.1:9323",
        "insecure_registries": ["registry.lab:5000"],
        "http_proxy": "http://proxy.example.com:3128",
        "userns_remap": True,
    }
    assert resource.where(("hosts",)).path == str(SERVER / "etc/systemd/system/docker.service")
    assert resource.where(("icc",)).line == 2
    assert not resource.facts.keys() & {"tls_files", "tls_key_mode", "swarm"}


def test_an_engine_of_a_file_alone_is_started_without_flags(tmp_path: Path) -> None:
    file = tmp_path / "daemon.json"
    file.write_text('{"icc": false}')
    (resource,), problems = read(file)
    assert not problems
    assert resource.facts["icc"] is False
    assert resource.facts["hosts"] == ["unix:///var/run/docker.sock"]


def test_a_client() -> None:
    (resource,), problems = read(SERVER / ".docker/config.json", str(SERVER))
    assert not problems
    assert resource.facts["plain_credentials"] == ["old.example.com"]
    assert resource.facts["credentials_store"] == "pass"
    assert not resource.facts.keys() & {"mode", "host", "content_trust"}
    shown = shown_line(resource, resource.where(("plain_credentials", 0)))
    assert shown is not None
    assert "Y2k6" not in shown


def test_what_dockerd_refuses_is_a_problem() -> None:
    resources, problems = read(SERVER.parent / "mistakes/daemon.json")
    assert not resources
    assert problems == ["1: dockerd refuses it: icc should be true or false"]


@pytest.mark.parametrize(
    ("path", "values", "claimed"),
    [
        ("daemon.json", {"icc": False}, True),
        ("docker/daemon.json", {}, True),
        ("daemon.json", {"name": "worker"}, False),
        ("daemon.json", ["icc"], False),
        ("my-daemon.json", {"icc": False}, False),
        (".docker/config.json", {}, True),
        ("config.json", {"auths": {}}, True),
        ("config.json", {"debug": True}, False),
        ("tsconfig.json", {"auths": {}}, False),
    ],
)
def test_which_files_are_docker_s(path: str, values: object, claimed: bool) -> None:
    reader = claimant(document(path, json.dumps(values).encode()))
    assert (reader is not None and reader.NAME == "docker_config") == claimed
