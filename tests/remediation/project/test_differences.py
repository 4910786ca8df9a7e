"""In what a Compose file says otherwise than what runs, where Compose is not there to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.connections.docker_compose import Project
from policyengine.remediation.project.differences import differences
from policyengine.remediation.project.files import contents, services

if TYPE_CHECKING:
    from pathlib import Path

PORT = {"target": 80, "published": "8080", "protocol": "tcp"}
LIVE: dict[str, object] = {
    "image": {"reference": "nginx:1.27", "tag": "1.27"},
    "privileged": False,
    "read_only": False,
    "user": "root",
    "command": ["nginx"],
    "restart": "no",
    "environment": {"PATH": "/bin", "MODE": "live"},
    "labels": {"com.docker.compose.project": "shop", "tier": "front"},
    "ports": [{**PORT, "host_ip": "0.0.0.0"}, {**PORT, "host_ip": "::"}],
    "cap_add": ["CHOWN", "KILL"],
    "network_mode": "shop_default",
}
SAME = """image: nginx:1.27
    environment: {MODE: live}
    labels: {tier: front}
    ports: ["8080:80"]
    cap_add: [KILL, CHOWN]"""


@pytest.mark.parametrize(
    ("more", "live", "expected"),
    [
        ("", {}, []),
        ("privileged: false", {}, []),
        ("network_mode: service:db", {"network_mode": "container:0123"}, []),
        ("mem_limit: ${LIMIT}", {"mem_limit": 7}, []),
        ("privileged: true", {}, ["privileged"]),
        ("", {"privileged": True, "pid": "host", "read_only": True}, ["privileged", "read_only"]),
        ("pid: host", {}, ["pid"]),
        ("command: sleep 1\n    restart: always", {}, ["command", "restart"]),
        ("network_mode: host", {}, ["network_mode"]),
        ("cap_drop: [ALL]", {}, ["cap_drop"]),
        ("", {"cap_add": ["CHOWN"]}, ["cap_add"]),
        ("", {"ports": [{**PORT, "host_ip": "127.0.0.1"}]}, ["ports"]),
        ("", {"image": {"reference": "nginx:1.28"}}, ["image"]),
        ("", {"environment": {"MODE": "test"}, "labels": {}}, ["environment", "labels"]),
    ],
)
def test_differences(tmp_path: Path, more: str, live: dict[str, object], expected: list[str]) -> None:
    file = tmp_path / "compose.yaml"
    file.write_text(f"services:\n  web:\n    {SAME}\n    {more}\n  db: {{image: db}}\n")
    project = Project("shop", str(tmp_path), (str(file),))
    said = services(project, contents(project))["web"]
    assert differences(said, {**LIVE, **live}) == expected
