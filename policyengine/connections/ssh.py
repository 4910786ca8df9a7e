"""An engine on another host, over the ``ssh`` command, as the docker command reaches it.

Not over docker-py's two ways: one knows neither jump hosts nor most of ``~/.ssh/config``, the other may ask on the
terminal, waits without a limit and hides what ``ssh`` says.
"""

from __future__ import annotations

import shlex
import socket
import subprocess
import tempfile
import time
from typing import IO, TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS_TO_SAY_WHY = 2
_NOT_FOUND = 127
"""What shells exit with where there is no such command."""


class SshError(Exception):
    """What ``ssh``, or docker at its other end, says. ``hint`` is what to try."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class _Session(Struct):
    """One run of ``ssh`` and what it says on its standard error."""

    process: subprocess.Popen[bytes]
    said: IO[bytes]


class Ssh:
    """Opens streams to the engine at ``ssh://[USER@]HOST[:PORT][/SOCKET]``; never asks for anything.

    Raises :class:`ValueError` for an address that is none of these.
    """

    def __init__(self, url: str, connect_seconds: float) -> None:
        self._command = command(url, connect_seconds)
        self._host = urlsplit(url).hostname or ""
        self._sessions: list[_Session] = []

    def dial(self) -> socket.socket:
        """A stream to the engine. That nobody is there shows when it is read. Raises :class:`SshError`."""
        own, other = socket.socketpair()
        said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the session
        try:
            # In a session of its own it has no terminal to ask on, and no Ctrl-C ends it before us.
            process = subprocess.Popen(  # noqa: S603 - no shell, and -- before the host
                self._command, stdin=other.fileno(), stdout=other.fileno(), stderr=said, start_new_session=True
            )
        except FileNotFoundError:
            own.close()
            said.close()
            raise SshError("there is no ssh command", "install OpenSSH's client") from None
        finally:
            other.close()
        self._sessions.append(_Session(process, said))
        return own

    def why(self) -> SshError | None:
        """Why a session ended; None where none did."""
        return next((self._why(session) for session in self._ended()), None)

    def close(self) -> None:
        """End all sessions."""
        for session in self._sessions:
            session.process.terminate()
        for session in self._sessions:
            try:
                session.process.wait(_SECONDS_TO_SAY_WHY)
            except subprocess.TimeoutExpired:
                session.process.kill()
                session.process.wait()
            session.said.close()
        self._sessions.clear()

    def _ended(self) -> Iterator[_Session]:
        deadline = time.monotonic() + _SECONDS_TO_SAY_WHY
        for session in self._sessions:
            try:
                code = session.process.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                continue
            if code:
                yield session

    def _why(self, session: _Session) -> SshError:
        session.said.seek(0)
        said = session.said.read().decode("utf-8", "replace")
        return explained(self._host, said, session.process.returncode)


def command(url: str, connect_seconds: float) -> list[str]:
    """What is run. Raises :class:`ValueError` for an address that cannot be used."""
    parts = urlsplit(url)
    _check(parts)
    options = ["-o", "BatchMode=yes", "-o", f"ConnectTimeout={max(1, round(connect_seconds))}", "-T"]
    user = ["-l", parts.username] if parts.username else []
    port = ["-p", str(parts.port)] if parts.port else []
    at = f"--host unix://{shlex.quote(parts.path)} " if parts.path.strip("/") else ""
    return ["ssh", *options, *user, *port, "--", str(parts.hostname), f"docker {at}system dial-stdio"]


def _check(parts: SplitResult) -> None:
    if parts.password is not None:
        raise ValueError("ssh takes no password in an address")
    if not parts.hostname or parts.query or parts.fragment:
        raise ValueError("not ssh://[USER@]HOST[:PORT]")


def explained(host: str, said: str, code: int) -> SshError:
    """What went wrong, by what was said on standard error, the last line of which tells most."""
    for words, message, hint in _CAUSES:
        if words in said:
            return SshError(message.format(host=host), hint.format(host=host) if hint else None)
    if code == _NOT_FOUND:
        return SshError(f"there is no docker command on {host}", _INSTALL)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return SshError(f"{lines[-1]}" if lines else f"ssh to {host} ended without a word")


_INSTALL = "policyengine runs `docker system dial-stdio` there, as the docker command does: install it"
_START = "start it, or check that DOCKER_HOST there names it"
_CAUSES = (
    (
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
        "the host key of {host} is not the one that is known",
        "somebody may be in between; if the host was set up anew: ssh-keygen -R {host}",
    ),
    ("Host key verification failed", "the host key of {host} is not known", "check it once: ssh {host}"),
    (
        "Permission denied (",
        "{host} does not let you in",
        "nothing is ever asked for: ssh needs a key without a passphrase, or one that ssh-agent holds",
    ),
    ("Too many authentication failures", "{host} does not let you in: too many keys were tried", "set IdentitiesOnly"),
    ("Could not resolve hostname", "the host {host} is not known", "check DOCKER_HOST, or the context"),
    ("Connection refused", "no ssh server runs at {host}: connection refused", None),
    ("Connection timed out", "{host} cannot be reached", None),
    ("No route to host", "{host} cannot be reached: no route to host", None),
    (
        "permission denied while trying to connect",
        "docker on {host} may not speak to its engine",
        "log in as one who may: ssh://USER@{host}",
    ),
    ("connect: permission denied", "docker on {host} may not speak to its engine", "log in as one who may"),
    ("failed to open the raw stream connection: dial", "no engine runs on {host}", _START),
    ("Cannot connect to the Docker daemon", "no engine runs on {host}", _START),
    ("docker: command not found", "there is no docker command on {host}", _INSTALL),
    ("docker: not found", "there is no docker command on {host}", _INSTALL),
)
