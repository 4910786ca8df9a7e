"""Snapshots of a host's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.documents.load import document
from policyengine.errors import DocumentError
from policyengine.inputs import host as reader
from policyengine.inputs.context import Context
from tests.running import cli

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.model.resource import Resource

SNAPSHOT = """\
host_snapshot: 1
name: web
files:
  /etc/ssh/sshd_config: |
    Include /etc/ssh/sshd_config.d/*.conf
    PermitRootLogin no
  /etc/ssh/sshd_config.d/1.conf: {symlink: /etc/one}
  /etc/one: {text: "MaxAuthTries 3\\n", mode: "0600", uid: 1}
"""


def read(text: str) -> tuple[list[Resource], Context]:
    """The servers of SSH of a snapshot."""
    context = Context(source="x")
    found = document("x.yaml", text.encode())
    assert reader.claims(found) == 3
    return [one for one in reader.read(found, context) if one.kind == "sshd"], context


def test_it_is_judged_as_the_host_itself_is() -> None:
    (server,), context = read(SNAPSHOT)
    assert (server.kind, server.name, server.origin, str(server.scope)) == ("sshd", "web", "host", "host:web")
    assert (server.facts["permit_root_login"], server.facts["max_auth_tries"]) == ("no", 3)
    assert str(server.where(("permit_root_login",))) == "x.yaml!/etc/ssh/sshd_config:2:17"
    assert str(server.where(("max_auth_tries",))) == "x.yaml!/etc/one:1:14"
    assert context.problems == []


def test_what_could_not_be_read_is_unknown() -> None:
    (server,), _ = read("{host_snapshot: 1, files: {/etc/ssh/sshd_config: {unknown: it is on a tmpfs}}}")
    assert getattr(server.facts["permit_root_login"], "why", None) == "it is on a tmpfs"


def test_a_host_without_such_files_makes_nothing() -> None:
    servers, context = read("{host_snapshot: 1, files: {}}")
    assert (servers, context.problems) == ([], [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("host_snapshot: 2\nfiles: {}", "x.yaml:1:16: host_snapshot is not 1, the version that is read"),
        ("host_snapshot: 1\nfiles: []", "x.yaml:2:8: files maps paths to what lies there"),
        ("host_snapshot: 1", "x.yaml:1:1: files maps paths to what lies there"),
        ("host_snapshot: 1\nfiles: {etc/passwd: x}", 'x.yaml:2:21: "etc/passwd" is no absolute, normalised path'),
        ("host_snapshot: 1\nfiles: {/a/../b: x}", 'x.yaml:2:18: "/a/../b" is no absolute, normalised path'),
        (
            "host_snapshot: 1\nfiles: {/a: {txt: x}}",
            "x.yaml:2:9: /a is its text, or a mapping of directory, gid, mode, special, symlink, text, uid, unknown: "
            "not txt",
        ),
        (
            "host_snapshot: 1\nfiles: {/a: }",
            "x.yaml:2:13: /a is its text, or a mapping of directory, gid, mode, special, symlink, text, uid, unknown: "
            'an empty file is ""',
        ),
        (
            "host_snapshot: 1\nfiles: {/a: {mode: 0644}}",
            'x.yaml:2:20: mode is octal digits in quotes: "0640"',
        ),
        ("host_snapshot: 1\nfiles: {/a: {uid: root}}", "x.yaml:2:19: uid is a number"),
    ],
)
def test_what_is_no_snapshot_is_an_error(text: str, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(text)
    assert str(caught.value) == message


POLICY = """\
version: 1
id: acme-root
title: Root does not log in
category: authentication
severity: high
target: sshd
why: Because.
require:
  permit_root_login: {allowed: ["no"]}
message: "{name} lets root in"
remedy: Write `PermitRootLogin no`.
examples:
  pass:
    - host:
        /etc/ssh/sshd_config: |
          PermitRootLogin no
  fail:
    - name: with its mode
      host:
        /etc/ssh/sshd_config: {text: "PermitRootLogin yes\\n", mode: "0600"}
      line: 1
"""


def test_examples_name_files(tmp_path: Path) -> None:
    (tmp_path / "acme-root.yaml").write_text(POLICY)
    assert cli("test", ".", cwd=tmp_path).out.splitlines()[-1] == "2 examples: 2 passed, 0 failed"
    shown = cli("explain", "acme-root", "--policies", ".", cwd=tmp_path).out
    assert shown.endswith(
        "Passes, host\n  /etc/ssh/sshd_config\n      PermitRootLogin no\n\n"
        "Fails, host: with its mode\n  (told at line 1 of a file)\n"
        "  /etc/ssh/sshd_config (mode: 0600)\n      PermitRootLogin yes\n\n"
        "Defined in acme-root.yaml\n"
    )
