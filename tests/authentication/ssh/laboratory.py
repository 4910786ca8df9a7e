"""The real ssh, asked for effective configurations: ``ssh -G``, with files of its own in a mount namespace."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from policyengine.authentication.sshd import versions
from tests.installation import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.authentication.sshd.versions import Version


@dataclass(frozen=True)
class Answer:
    """What ssh says: the lines of each option, or, where it refuses the configuration, why."""

    options: Mapping[str, tuple[str, ...]] | None
    error: str


@cache
def version() -> Version | None:
    """The version of the ssh of this machine, None where there is none."""
    if not (program := shutil.which("ssh")):
        return None
    return versions.parsed(subprocess.run([program, "-V"], capture_output=True, text=True, check=False).stderr)


def lacking() -> str | None:
    """What the comparison lacks here; None when it can be made."""
    if version() is None:
        return "there is no ssh: install openssh-client"
    unshared = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return None if unshared.returncode == 0 else "a mount namespace takes root"


class Laboratory:
    """An ssh with an /etc/ssh of its own. Use it as a context."""

    def __enter__(self) -> Laboratory:
        command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", _WORKER]
        command.append(str(shutil.which("ssh")))
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def asked(self, files: Mapping[str, str], hosts: Sequence[str]) -> list[Answer]:
        """What ssh says of the files below /etc/ssh for each host."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"files": dict(files), "hosts": list(hosts)}) + "\n")
        self._process.stdin.flush()
        return [_answer(*told) for told in json.loads(self._process.stdout.readline())]


_WORKER = "tests.authentication.ssh.worker"


_LEFT_UNEXPANDED = "algorithms: invalid argument"
"""Of a list that comes to nothing ``ssh -G`` says so,
and goes on: fill_default_options of 9.2 does not tell that it failed."""


def _answer(code: int, out: str, error: str) -> Answer:
    if code or _LEFT_UNEXPANDED in error:
        return Answer(None, error)
    options: dict[str, tuple[str, ...]] = {}
    for line in out.split("\n")[:-1]:
        name, _, value = line.partition(" ")
        options[name] = (*options.get(name, ()), value)
    return Answer(options, error)
