"""The files of a host: nothing outside of the tree is read, and nothing that is no regular file is opened."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from policyengine.authentication import resolving
from policyengine.authentication.files import Entry
from policyengine.errors import SourceError
from policyengine.inputs import host
from policyengine.inputs.authentication.host_files import HostFiles
from policyengine.inputs.context import Context
from policyengine.model.kinds.sshd import KIND
from policyengine.model.unknown import Unknown
from policyengine.sources import Item, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WANTED = frozenset((KIND.name, field) for field in KIND.fields)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree of files, beside which lies another file."""
    (tmp_path / "outside").write_text("outside")
    root = tmp_path / "root"
    (root / "etc/ssh").mkdir(parents=True)
    (root / "etc/ssh/sshd_config").write_text("PermitRootLogin yes\n")
    (root / "etc/ssh/sshd_config").chmod(0o4640)
    (root / "etc/out").symlink_to(tmp_path / "outside")
    (root / "etc/up").symlink_to("../../../../../../../etc/ssh/sshd_config")
    (root / "etc/in").symlink_to("/etc/ssh")
    (root / "escape").symlink_to(tmp_path)
    os.mkfifo(root / "etc/pipe")
    return root


@pytest.fixture
def files(tree: Path) -> Iterator[HostFiles]:
    with closing(HostFiles(str(tree))) as found:
        yield found


def test_entries_are_what_lstat_says(files: HostFiles, tree: Path) -> None:
    for path in ("/", "/etc", "/etc/ssh/sshd_config", "/etc/out", "/etc/pipe"):
        said = os.lstat(f"{tree}{path}")
        found = files.entry(path)
        assert isinstance(found, Entry)
        assert (found.mode, found.uid, found.gid) == (said.st_mode & 0o7777, said.st_uid, said.st_gid)
    kinds = {
        path: getattr(files.entry(path), "kind", None) for path in ("/etc", "/etc/in", "/etc/pipe", "/none", "/none/x")
    }
    assert kinds == {"/etc": "directory", "/etc/in": "symlink", "/etc/pipe": "special", "/none": None, "/none/x": None}
    assert files.entry("/etc/ssh/sshd_config/x") is None
    assert files.entry("/etc/in") == Entry("symlink", 0o777, os.getuid(), os.getgid(), 8, "/etc/ssh")


def test_symlinks_stay_inside(files: HostFiles, tree: Path) -> None:
    assert resolving.text(files, "/etc/out") is None
    for path in ("/etc/up", "/etc/in/sshd_config"):
        found = resolving.text(files, path)
        assert isinstance(found, resolving.Text)
        assert (found.text, found.where) == ("PermitRootLogin yes\n", f"{tree}/etc/ssh/sshd_config")
    assert resolving.text(files, "/escape/outside") is None


def test_no_symlink_is_followed_that_came_meanwhile(files: HostFiles, tree: Path) -> None:
    """A path is asked for of which a component has become a symlink since it was looked at."""
    for path in ("/escape/outside", "/etc/in/sshd_config"):
        assert not isinstance(files.content(path, 100), bytes)
        assert not isinstance(files.entry(path), Entry)
    assert not isinstance(files.names("/escape"), tuple)
    content = files.content("/etc/out", 100)
    assert isinstance(content, Unknown)
    assert content.why == f"{tree}/etc/out is a symlink and no regular file"


def test_a_fifo_is_not_opened(files: HostFiles, tree: Path) -> None:
    found = files.content("/etc/pipe", 100)  # waited for ever, were it opened
    assert isinstance(found, Unknown)
    assert found.why == f"{tree}/etc/pipe is a special and no regular file"


def test_what_is_longer_is_not_read(files: HostFiles, tree: Path) -> None:
    os.truncate(tree / "etc/ssh/sshd_config", 1 << 40)
    found = files.content("/etc/ssh/sshd_config", 1000)
    assert isinstance(found, Unknown)
    assert found.why == f"{tree}/etc/ssh/sshd_config is longer than 1000 bytes"


def test_names(files: HostFiles) -> None:
    assert files.names("/") == ("escape", "etc")
    assert files.names("/etc") == ("in", "out", "pipe", "ssh", "up")
    assert files.names("/etc/pipe") is None
    assert files.names("/none") is None


UNREADABLE = """
import os, sys
from policyengine.inputs.authentication.host_files import HostFiles
os.setgroups([]); os.setgid(65534); os.setuid(65534)
files = HostFiles(sys.argv[1])
for found in (files.content("/a/file", 9), files.names("/b"), files.entry("/c/d"), files.names("/c/d")):
    print(found.why.replace(sys.argv[1], ""), "|", found.settle)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_what_may_not_be_read_is_unknown(tmp_path: Path) -> None:
    for directory, mode in (("a", 0o755), ("b", 0o300), ("c", 0o600)):
        (tmp_path / directory).mkdir()
        (tmp_path / directory).chmod(mode)
    (tmp_path / "a/file").touch(0)
    for above in (tmp_path, *tmp_path.parents):
        if above.stat().st_uid == os.getuid() and not above.stat().st_mode & 1:
            above.chmod(0o755)
    ended = subprocess.run(
        [sys.executable, "-c", UNREADABLE, str(tmp_path)], capture_output=True, text=True, check=True, cwd="/"
    )
    denied = "cannot be read: Permission denied | root may read all files"
    assert ended.stdout == f"/a/file {denied}\n/b {denied}\n/c/d {denied}\n/c/d {denied}\n"


def read(url: str) -> list[tuple[str, object, str]]:
    context = Context(wanted=WANTED)
    found = [
        (one.name, one.facts["permit_root_login"], str(one.where(("permit_root_login",))))
        for one in host.read_live(url, context)
    ]
    assert context.problems == []
    return found


def test_a_tree_is_a_source(tree: Path) -> None:
    expected = [(str(tree), "yes", f"{tree}/etc/ssh/sshd_config:1:17")]
    assert read(f"host://{tree}") == expected
    assert read(f"host://{tree}/./") == expected


def test_this_host_is_a_source() -> None:
    for url in ("host://", "host:///"):
        assert {name for name, _, _ in read(url)} <= {socket.gethostname()}


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("host:///none/there", "cannot be read: No such file or directory"),
        ("host:///etc/passwd", "cannot be read: Not a directory"),
        ("host://elsewhere", "no host but this one is read"),
    ],
)
def test_no_source(url: str, message: str) -> None:
    with pytest.raises(SourceError) as raised:
        read(url)
    assert raised.value.message == message


def test_what_a_firewall_cannot_tell_hides_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise SourceError("only root reads a firewall")

    monkeypatch.setattr("policyengine.inputs.firewall.live.live", refuse)
    reading = Reader(wanted=None).read(Item("host://"))
    kinds = {one.kind for one in reading.resources}
    assert "file" in kinds
    assert [one.message for one in reading.problems if "firewall" in one.message] == ["only root reads a firewall"]
