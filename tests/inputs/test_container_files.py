"""Files of containers by what an engine answers: what it told is known, what it did not is unknown, or absent."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import pytest

from policyengine.authentication import resolving
from policyengine.authentication.files import Entry
from policyengine.connections.docker_errors import NoEngineError, NotThereError
from policyengine.connections.docker_files import Seen, Taken
from policyengine.errors import SourceError
from policyengine.inputs.docker import files as files_of
from policyengine.inputs.docker.files import ContainerFiles, hidden
from policyengine.inputs.docker.node import Node
from policyengine.inputs.docker.swarm_files import SwarmFiles
from policyengine.model.unknown import Unknown
from tests.authentication.layers.tars import BLOCK, M, archive, directory, hard_link, symlink

if TYPE_CHECKING:
    from collections.abc import Callable

DIRECTORY, SYMLINK = 1 << 31 | 0o755, 1 << 27 | 0o777
TREE = [
    directory("/etc"),
    M("/etc/passwd", "root", mode=0o644, uid=0, gid=42),
    M("/etc/large", "x" * 5000),
    symlink("/etc/link", "../srv/data/file"),
    directory("/srv", 0o700),
    directory("/srv/data"),
    M("/srv/data/file", "data", uid=7),
    hard_link("/srv/data/other", "/srv/data/file"),
]


class Engine:
    """Answers as an engine does for a container that holds a tree; ``asked`` is what it was asked."""

    def __init__(self, tree: list[M] = TREE, mounts: dict[str, str] | None = None) -> None:
        self._tree = tree
        self.asked: list[str] = []
        self.fails: Callable[[], None] = lambda: None
        self.files = ContainerFiles(self.take, self.see, "docker://local/container/web", mounts or {})

    def take(self, path: str, limit: int) -> Taken | None:
        self.asked.append(f"GET {path}")
        self.fails()
        base = posixpath.dirname(path).rstrip("/")
        found = [one for one in self._tree if f"{one.name}/".startswith(f"{path.rstrip('/')}/")]
        data = archive(*(one._replace(name=one.name[len(base) + 1 :], link=self._link(one, base)) for one in found))
        return Taken(data[:limit], len(data) <= limit) if found else None

    def see(self, path: str) -> Seen | None:
        self.asked.append(f"HEAD {path}")
        self.fails()
        found = next((one for one in self._tree if one.name == path), None)
        kinds = {b"5": DIRECTORY, b"2": SYMLINK}
        return None if found is None else Seen(kinds.get(found.type, 0o644), found.link)

    @staticmethod
    def _link(one: M, base: str) -> str:
        return one.link[len(base) + 1 :] if one.type == b"1" else one.link


def test_what_lies_in_etc_takes_one_request() -> None:
    engine = Engine()
    assert engine.files.entry("/etc/passwd") == Entry("file", 0o644, 0, 42, 4)
    assert engine.files.content("/etc/passwd", 100) == b"root"
    assert engine.files.names("/etc") == ("large", "link", "passwd")
    assert engine.files.entry("/etc/shadow") is None
    assert engine.files.entry("/etc/ssh/sshd_config") is None
    assert engine.asked == ["GET /etc"]


def test_what_is_on_the_way_is_only_looked_at() -> None:
    engine = Engine()
    found = resolving.text(engine.files, "/etc/link")
    assert isinstance(found, resolving.Text)
    assert (found.text, found.where) == ("data", "docker://local/container/web:/srv/data/file")
    assert engine.asked == ["GET /etc", "HEAD /srv", "HEAD /srv/data", "GET /srv/data/file"]
    assert engine.files.entry("/srv") == Entry("directory", 0o700, 0, 0)  # whose it is was not told before


def test_what_is_absent_is_asked_for_once() -> None:
    engine = Engine()
    for _ in range(2):
        assert resolving.resolved(engine.files, "/none/x/y") is None
        assert engine.files.entry("/none/x/y") is None
    assert engine.asked == ["HEAD /none", "GET /none"]


def test_hard_links_are_one_file() -> None:
    engine = Engine()
    assert engine.files.names("/srv/data") == ("file", "other")
    assert engine.files.entry("/srv/data/other") == Entry("file", 0o644, 7, 0, 4)
    assert engine.files.content("/srv/data/other", 100) == b"data"
    assert engine.asked == ["GET /srv/data"]


def test_all_of_a_container() -> None:
    engine = Engine([directory("/"), *TREE])
    assert engine.files.names("/") == ("etc", "srv")
    assert engine.files.entry("/") == Entry("directory", 0o755, 0, 0)
    assert engine.files.names("/srv/data") == ("file", "other")


def test_of_an_archive_that_breaks_off_the_rest_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_of, "MOST_TREE", 3000)
    engine = Engine()
    listed = engine.files.names("/etc")
    assert isinstance(listed, Unknown)
    assert listed.why == "docker://local/container/web:/etc holds more than 3000 bytes, and is not listed"
    assert engine.files.content("/etc/large", 10_000) == b"x" * 5000
    assert engine.files.entry("/etc/shadow") is None
    assert engine.asked == ["GET /etc", "GET /etc", "GET /etc/large", "GET /etc/shadow"]


def test_an_archive_that_the_engine_ends_too_early_is_not_the_whole() -> None:
    engine = Engine()
    whole = engine.take("/etc", 1 << 20)
    assert whole is not None
    engine.files = ContainerFiles(lambda *_: Taken(whole.archive[:1024], True), engine.see, "web", {})
    assert engine.files.entry("/etc") == Entry("directory", 0o755, 0, 0)
    assert isinstance(engine.files.names("/etc"), Unknown)


def test_a_file_that_cannot_be_read_is_unknown() -> None:
    """The engine tells that it is there, and its archive holds nothing."""
    files = ContainerFiles(lambda *_: Taken(archive(), True), lambda _: Seen(0o600, ""), "web", {})
    found = files.entry("/srv/socket")
    assert isinstance(found, Unknown)
    assert found.why == "the engine cannot read web:/srv/socket, or it is a socket"


def test_a_large_file_is_not_asked_for() -> None:
    engine = Engine()
    found = engine.files.content("/etc/large", 4999)
    assert isinstance(found, Unknown)
    assert found.why == "docker://local/container/web:/etc/large is longer than 4999 bytes"
    assert engine.asked == ["GET /etc"]


@pytest.mark.parametrize(
    ("mounts", "path", "what"),
    [
        ({"/run": "a tmpfs"}, "/run/secrets/x", "/run, a tmpfs"),
        ({"/": "", "/srv": "a tmpfs", "/srv/data": ""}, "/srv/other", "/srv, a tmpfs"),
    ],
)
def test_mounts_of_its_own_are_unknown(mounts: dict[str, str], path: str, what: str) -> None:
    engine = Engine(mounts=mounts)
    for found in (
        engine.files.entry(path),
        engine.files.content(path, 9),
        engine.files.names(path),
        engine.files.passed(path),
    ):
        assert isinstance(found, Unknown)
        assert found.why == f"docker://local/container/web:{path} is on {what}, which the engine does not see"
    assert engine.asked == []


def test_a_mount_in_a_mount_is_seen_and_mount_points_are_names() -> None:
    engine = Engine(mounts={"/srv": "a tmpfs", "/srv/data": "", "/etc/tmp": "a tmpfs"})
    assert engine.files.content("/srv/data/file", 100) == b"data"
    assert engine.files.names("/etc") == ("large", "link", "passwd", "tmp")


def test_what_a_container_mounts() -> None:
    inspected = {
        "HostConfig": {"Tmpfs": {"/run/": "ro", "/tmp": ""}},
        "Mounts": [
            {"Type": "tmpfs", "Destination": "/cache"},
            {"Type": "bind", "Destination": "/proc/1"},
            {"Type": "volume", "Destination": "/data"},
        ],
    }
    kernel = "a file system of the kernel's"
    assert hidden(Node(inspected, (0,))) == {
        "/proc": kernel,
        "/sys": kernel,
        "/dev": kernel,
        "/run": "a tmpfs",
        "/tmp": "a tmpfs",
        "/cache": "a tmpfs",
        "/proc/1": "",
        "/data": "",
    }


@pytest.mark.parametrize("error", [NoEngineError("it ended"), NotThereError("No such container: web")])
def test_after_an_engine_or_a_container_has_ended_nothing_is_asked(error: SourceError) -> None:
    engine = Engine()
    assert engine.files.names("/srv/data") == ("file", "other")

    def fail() -> None:
        raise error

    engine.fails = fail
    for path in ("/usr", "/opt", "/etc/passwd"):
        found = engine.files.entry(path)
        assert isinstance(found, Unknown)
        assert found.why == f"docker://local/container/web: {error.message}"
    assert engine.files.failed is error
    assert engine.asked == ["GET /srv/data", "GET /usr"]
    assert engine.files.content("/srv/data/file", 9) == b"data"


def test_an_error_of_one_path_is_unknown_and_others_are_asked_for() -> None:
    engine = Engine()

    def fail() -> None:
        if engine.asked[-1].endswith("/etc"):
            raise SourceError("the engine at X answers: input/output error")

    engine.fails = fail
    found = engine.files.entry("/etc")
    assert isinstance(found, Unknown)
    assert found.why == "docker://local/container/web: the engine at X answers: input/output error"
    assert engine.files.content("/srv/data/file", 9) == b"data"


TASK = Node({"Config": {"Labels": {"com.docker.swarm.service.id": "s"}}}, (0,))


def test_what_a_swarm_mounts_is_told_by_the_service() -> None:
    asked: list[str] = []
    spec = {
        "Secrets": [{"File": {"Name": "password"}}, {"File": {"Name": "/etc/key"}}, {}],
        "Configs": [{"File": {"Name": "/etc/ssh/sshd_config"}}, {"File": {"Name": "app"}}, {"Runtime": {}}],
    }

    def ask(service: str) -> dict[str, object]:
        asked.append(service)
        return {"Spec": {"TaskTemplate": {"ContainerSpec": spec}}}

    swarm = SwarmFiles(ask)
    expected = {
        "/run/secrets/password": "a secret of the Swarm's",
        "/etc/key": "a secret of the Swarm's",
        "/etc/ssh/sshd_config": "a config of the Swarm's",
        "/app": "a config of the Swarm's",
    }
    assert swarm.of(TASK) == swarm.of(TASK) == (expected, "")
    assert swarm.of(Node({"Config": {"Labels": None}}, (0,))) == ({}, "")
    assert asked == ["s"]


def test_where_no_manager_tells_an_empty_file_may_be_a_mount_point() -> None:
    def ask(_: str) -> dict[str, object]:
        raise SourceError("This node is not a swarm manager")

    mounts, overlaid = SwarmFiles(ask).of(TASK)
    assert mounts == {"/run/secrets": "where secrets of the Swarm's are"}
    engine = Engine([*TREE, M("/etc/empty")])
    engine.files = ContainerFiles(engine.take, engine.see, "web", mounts, overlaid)
    found = engine.files.content("/etc/empty", 100)
    assert isinstance(found, Unknown)
    why = "its service may mount configs of the Swarm's, which only a manager tells"
    assert found.why == f"web:/etc/empty is empty, or a mount point: {why}"
    assert engine.files.content("/etc/passwd", 100) == b"root"


def test_what_podman_does_not_tell_is_looked_for_in_the_directory() -> None:
    """A symlink that leads into a mount: Podman tells of nothing there."""
    engine = Engine([*TREE, symlink("/srv/data/mounted", "/mnt/x"), directory("/mnt"), M("/mnt/x", "mounted")])

    def take(path: str, limit: int) -> Taken | None:
        if path == "/":  # larger than what is read of a directory
            return Taken(archive(directory("./"))[:BLOCK], whole=False)
        return engine.take(path, limit) if path not in ("/srv/data/mounted", "/opt") else None

    engine.files = ContainerFiles(take, engine.see, "web", {"/mnt": ""}, follows=True)
    assert engine.files.content("/srv/data/file", 9) == b"data"
    assert engine.files.entry("/srv/data/mounted") == Entry("symlink", 0o777, 0, 0, 0, "/mnt/x")
    found = resolving.text(engine.files, "/srv/data/mounted")
    assert isinstance(found, resolving.Text)
    assert found.text == "mounted"
    assert engine.files.entry("/srv/data/none") is None
    absent = engine.files.entry("/opt")
    assert isinstance(absent, Unknown)
    assert absent.why == "web:/opt is not there, or a symlink into a mount, which Podman does not tell apart"


def test_podman_tells_of_no_mount_in_the_directory_around_it() -> None:
    engine = Engine([*TREE, directory("/etc/ssh"), M("/etc/ssh/sshd_config", "below the mount")])
    engine.files = ContainerFiles(engine.take, engine.see, "web", {"/etc/ssh": ""}, follows=True)
    assert engine.files.names("/etc") == ("large", "link", "passwd", "ssh")
    engine.asked.clear()
    assert engine.files.content("/etc/ssh/sshd_config", 100) == b"below the mount"
    assert engine.asked == ["GET /etc/ssh/sshd_config"]
