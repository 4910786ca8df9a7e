"""An OpenSSH server of the test's own on loopback, and an ``ssh`` command that knows only what the test tells it."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tests.live.conftest import missing
from tests.ports import free_port
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SERVER = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {directory}/host
PidFile none
AuthorizedKeysFile {directory}/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitUserEnvironment yes
SetEnv PATH={path}
PermitRootLogin prohibit-password
"""
_CLIENT = """\
Host *
  IdentityFile {directory}/client
  IdentitiesOnly yes
  UserKnownHostsFile {directory}/known
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
"""


class Ssh:
    """A server. ``url`` is its address; files in ``directory`` decide who may do what."""

    def __init__(self, directory: Path, path: str = os.environ["PATH"]) -> None:
        server = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
        if server is None or not shutil.which("ssh") or not shutil.which("docker"):
            missing("there is no sshd, ssh or docker command (Debian: openssh-server, docker-cli)")
        self.directory = directory
        self.port = free_port()
        self._server = server
        for name in ("host", "client"):
            self.key(name)
        shutil.copy(directory / "client.pub", directory / "authorized")
        self.know("host")
        (directory / "sshd").write_text(_SERVER.format(port=self.port, directory=directory, path=path))
        (directory / "config").write_text(_CLIENT.format(directory=directory))
        # OpenSSH looks for its configuration where the user database says, not in $HOME.
        (directory / "ssh").write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {directory}/config "$@"\n')
        (directory / "ssh").chmod(0o700)

    @property
    def url(self) -> str:
        """What ``DOCKER_HOST`` names."""
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}"

    def key(self, name: str, passphrase: str = "") -> None:
        """Make a pair of keys."""
        (self.directory / name).unlink(missing_ok=True)
        made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", str(self.directory / name)]
        subprocess.run(made, check=True, stdin=subprocess.DEVNULL)

    def know(self, name: str) -> None:
        """Have the client know the server by the key of that name."""
        public = (self.directory / f"{name}.pub").read_text()
        (self.directory / "known").write_text(f"[127.0.0.1]:{self.port} {public}")

    @contextmanager
    def serving(self) -> Iterator[Ssh]:
        """Run the server."""
        with suppress(PermissionError):
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)  # noqa: PTH103 - what sshd wants, as root only
        process = subprocess.Popen(
            [self._server, "-D", "-e", "-f", str(self.directory / "sshd")], stderr=subprocess.PIPE, text=True
        )
        try:
            self._wait(process)
            yield self
        finally:
            process.terminate()
            process.communicate()

    def _wait(self, process: subprocess.Popen[str]) -> None:
        def listens() -> bool:
            if process.poll() is not None:
                missing(f"sshd does not start: {process.communicate()[1].strip()[-300:]}")
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return True
            return False

        until(listens, "sshd listens")
