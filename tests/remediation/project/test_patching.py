"""What Compose files are to hold, or why they are left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.connections.docker_compose import Project
from policyengine.errors import EditError, RemedyError
from policyengine.remediation.changes import AddItems, FieldChange, RemoveField, SetField
from policyengine.remediation.images.asking import Chosen
from policyengine.remediation.project.files import MissingError, contents, put, services
from policyengine.remediation.project.patching import Patching

if TYPE_CHECKING:
    from pathlib import Path

MAIN = """\
x-all: &all {restart: always, cap_drop: [KILL]}  # everywhere
services:
  web:
    <<: *all
    image: nginx:1.27   # the front
    privileged: true
    cap_add: [NET_ADMIN, CHOWN]
    ports:
      - "8080:80"
    user: ${WHO:-root}
  db:
    <<: *all
    image: postgres:16
    extends: {file: base.yaml, service: db}
    restart: always
"""
BASE = "services:\n  db:\n    privileged: true\n"
LIVE = {
    "privileged": True,
    "cap_add": ["CHOWN", "NET_ADMIN"],
    "user": "root",
    "restart": "always",
    "ports": [{"target": 80, "published": "8080", "protocol": "tcp", "host_ip": "0.0.0.0"}],
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "compose.yaml").write_text(MAIN)
    (tmp_path / "base.yaml").write_text(BASE)
    return Project("shop", str(tmp_path), (str(tmp_path / "compose.yaml"),))


def patched(project: Project, *changes: FieldChange, service: str = "web", image: Chosen | None = None) -> str:
    (file,) = project.files
    patch = Patching(project, service, LIVE, contents(project)).patch(changes, image)
    assert patch.before == {file: MAIN.encode()}
    return patch.after[file].decode()


def test_changes_are_written_where_they_belong_and_all_else_stays(project: Project) -> None:
    assert patched(
        project,
        SetField(("privileged",), value=False),
        RemoveField(("cap_add", 1)),
        SetField(("ports", 0, "host_ip"), "127.0.0.1"),
        SetField(("read_only",), value=True),
        SetField(("volumes", 0), {"type": "tmpfs", "target": "/tmp"}),
        SetField(("volumes", 1), {"type": "volume", "target": "/var/lib"}),
        image=Chosen("docker.io/library/nginx@sha256:" + "a" * 64, "", "docker.io/library/nginx", "1.27"),
    ) == MAIN.replace("privileged: true", "privileged: false").replace("[NET_ADMIN, CHOWN]", "[CHOWN]").replace(
        "nginx:1.27", "nginx:1.27@sha256:" + "a" * 64
    ).replace('"8080:80"', '"127.0.0.1:8080:80"').replace(
        "    user: ${WHO:-root}\n",
        "    user: ${WHO:-root}\n    read_only: true\n    tmpfs:\n      - /tmp\n    volumes:\n      - /var/lib\n",
    )


@pytest.mark.parametrize(
    ("service", "change", "reason"),
    [
        ("web", SetField(("user",), "7"), "a variable decides what stands there"),
        ("web", AddItems(("cap_add",), ("cap_kill",)), "the Compose files would not say it even then"),
        ("web", SetField(("cpus",), 2), "cpus is not changed in Compose files"),
        ("web", AddItems(("cap_drop",), ("ALL",)), "would not say what is meant"),
        ("db", SetField(("privileged",), value=False), "which others may use too"),
    ],
)
def test_what_cannot_be_written_for_sure_is_not(
    project: Project, service: str, change: FieldChange, reason: str
) -> None:
    with pytest.raises(EditError, match=reason):
        patched(project, change, service=service)


def test_a_service_that_is_gone_and_files_that_are_not_here(project: Project, tmp_path: Path) -> None:
    with pytest.raises(RemedyError, match="its Compose file has no service api any more"):
        Patching(project, "api", {}, contents(project))
    with pytest.raises(MissingError, match="its labels name no Compose file"):
        contents(Project("shop", "", ()))
    (tmp_path / "compose.yaml").unlink()
    with pytest.raises(MissingError, match=r"its Compose file is not on this machine: .*/compose\.yaml"):
        contents(project)


def test_what_the_files_are_taken_to_hold_counts(project: Project) -> None:
    (file,) = project.files
    found = services(project, {file: MAIN.replace("privileged: true", "privileged: false").encode()})
    assert {name: service.facts["privileged"] for name, service in found.items()} == {"web": False, "db": True}


def test_a_file_is_written_in_one_step_and_stays_what_it_was_in_all_else(tmp_path: Path) -> None:
    file, link = tmp_path / "compose.yaml", tmp_path / "link.yaml"
    file.write_text("a")
    file.chmod(0o640)
    link.symlink_to(file)
    put(str(link), b"b")
    assert (file.read_text(), file.stat().st_mode & 0o777, link.is_symlink()) == ("b", 0o640, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["compose.yaml", "link.yaml"]
    with pytest.raises(RemedyError, match="cannot be written: No such file or directory"):
        put(str(tmp_path / "none" / "compose.yaml"), b"")
