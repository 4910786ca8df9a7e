"""The real sshd, asked for effective configurations: ``sshd -T -C``, with files of its own in a mount namespace."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.authentication.sshd import versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.authentication.sshd.versions import Version

ROOT = Path(__file__).resolve().parents[3]

PASSWD = """\
root:x:0:0:root:/root:/bin/bash
sshd:x:100:65534::/run/sshd:/usr/sbin/nologin
alice:x:1000:1000::/home/alice:/bin/bash
bob:x:1001:1000::/home/bob/:/bin/sh
carol:x:1002:1002::/home/carol:/bin/sh
"""
GROUP = """\
root:x:0:
users:x:1000:
wheel:x:10:alice,root
staff:x:50:carol,bob
sftp-only:x:60:bob
carol:x:1002:
nogroup:x:65534:
"""
SERVICES = "ssh 22/tcp\ndomain 53/udp\nhttp 80/tcp www web # old\nhttps 443/tcp\n"
"""What the system is like that sshd runs in."""

SYSTEM = {"/etc/passwd": PASSWD, "/etc/group": GROUP, "/etc/services": SERVICES}
"""The same for a root."""


@dataclass(frozen=True)
class Answer:
    """What sshd says: the lines of each option, or, where it refuses the configuration, why."""

    options: Mapping[str, tuple[str, ...]] | None
    error: str


@cache
def version() -> Version | None:
    """The version of the sshd of this machine, None where there is none."""
    if not (program := _program()):
        return None
    told = subprocess.run([program, "-V"], capture_output=True, text=True, check=False)
    return versions.parsed(told.stderr)


def _program() -> str | None:
    return shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


def lacking() -> str | None:
    """What the comparison lacks here; None when it can be made."""
    if version() is None:
        return "there is no sshd: install openssh-server"
    unshared = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return None if unshared.returncode == 0 else "a mount namespace takes root"


class Laboratory:
    """An sshd with /etc/ssh, users, groups and services of its own. Use it as a context."""

    def __enter__(self) -> Laboratory:
        command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", _WORKER, str(_program())]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def asked(self, files: Mapping[str, str], connections: Sequence[str | None]) -> list[Answer]:
        """What sshd says of the files below /etc/ssh for each connection, written as for ``sshd -C``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        question = {"files": dict(files), "connections": list(connections)}
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return [_answer(*told) for told in json.loads(self._process.stdout.readline())]


_WORKER = "tests.authentication.sshd.worker"


def _answer(code: int, out: str, error: str) -> Answer:
    if code:
        return Answer(None, error)
    options: dict[str, tuple[str, ...]] = {}
    for line in out.split("\n")[:-1]:
        name, _, value = line.partition(" ")
        options[name] = (*options.get(name, ()), value)
    return Answer(options, error)
