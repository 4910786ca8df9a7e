"""The way to an engine, whichever it is: what is asked goes out, and an answer or an error that says why comes back."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from policyengine.connections.docker_errors import nonsense, refused, told
from policyengine.connections.docker_sdk import Sdk
from policyengine.connections.http import ConnectTimeoutError, Request, Streams
from policyengine.connections.ssh import Ssh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from policyengine.connections.docker_context import Endpoint
    from policyengine.connections.http import Followed, Part, Transport
    from policyengine.connections.ssh import SshError


class Limits(Struct, frozen=True):
    """How long to wait for an engine, in seconds, for connecting and for each answer; and how often to ask at once."""

    connect: float = 5
    read: float = 30
    requests: int = 4


DEFAULTS = Limits()
_DONE = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
"""Statuses of answers without a body. What is as it is asked to be was "not modified"."""


class Line:
    """The way to an engine: a Unix socket, ``ssh``, or TCP."""

    def __init__(self, endpoint: Endpoint, limits: Limits) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._ssh: Ssh | None = None
        with self._told(limits.read):
            self._transport = self._opened()

    def get(self, path: str) -> object:
        """The JSON that answers a GET. Raises :class:`SourceError`."""
        answer = self.ask(Request("GET", path))
        if answer is None:
            raise nonsense(self._endpoint)
        return answer

    def ask(self, request: Request) -> object:
        """The JSON that answers a request, None for an empty one. Raises :class:`SourceError`."""
        body = self.raw(request)
        answer = _json(body)
        if answer is None and body.strip() not in (b"", b"null"):
            raise nonsense(self._endpoint)
        return answer

    def raw(self, request: Request) -> bytes:
        """What answers a request. Raises :class:`SourceError`."""
        limit = self._limits.read if request.seconds is None else request.seconds
        with self._told(limit):
            status, body = self._transport.ask(request)
        if status in _DONE:
            return b""
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise refused(self._endpoint, status, _said(_json(body), body, status))
        return body

    def part(self, request: Request, limit: int) -> Part:
        """The first ``limit`` bytes of what answers a request. Raises :class:`SourceError`."""
        with self._told(self._limits.read):
            answer = self._transport.part(request, limit)
        if answer.status != HTTPStatus.OK:
            raise refused(self._endpoint, answer.status, _said(_json(answer.body), answer.body, answer.status))
        return answer

    @contextmanager
    def following(self, path: str, quiet: float) -> Iterator[Following]:
        """The answer to a GET that goes on, and may say nothing for ``quiet`` seconds. Raises :class:`SourceError`."""
        with self._told(self._limits.read):
            answer = self._transport.follow(path, self._limits.connect + self._limits.read, quiet)
            body = answer.read() if answer.status != HTTPStatus.OK else b""
        try:
            if answer.status != HTTPStatus.OK:
                raise refused(self._endpoint, answer.status, _said(_json(body), body, answer.status))
            yield Following(answer, partial(self._told, quiet))
        finally:
            answer.end()

    def close(self) -> None:
        """End all connections."""
        self._transport.close()
        if self._ssh:
            self._ssh.close()

    def _opened(self) -> Transport:
        host, limits = self._endpoint.host, self._limits
        scheme, _, rest = host.partition("://")
        if scheme == "unix":
            return Streams(lambda: _unix("/" + rest.lstrip("/"), limits.connect), limits.read)
        if scheme == "ssh":
            self._ssh = Ssh(host, limits.connect)
            # Its way takes longer: each connection is a login.
            return Streams(self._ssh.dial, limits.connect + limits.read)
        return Sdk(self._endpoint, limits.connect, limits.read, limits.requests)

    @contextmanager
    def _told(self, seconds: float) -> Iterator[None]:
        with told(self._endpoint, (self._limits.connect, seconds), self._why):
            yield

    def _why(self) -> SshError | None:
        return self._ssh.why() if self._ssh else None


class Following:
    """An answer that goes on."""

    def __init__(self, answer: Followed, told: Callable[[], AbstractContextManager[None]]) -> None:
        self._answer = answer
        self._told = told

    def read(self) -> bytes:
        """What has come, at least a byte; nothing when it has ended. Raises :class:`SourceError`."""
        with self._told():
            return self._answer.read()

    def end(self) -> None:
        """End the connection, and wake whoever reads: from any thread."""
        self._answer.end()


def _unix(path: str, seconds: float) -> socket.socket:
    opened = socket.socket(socket.AF_UNIX)
    try:
        opened.settimeout(seconds)
        opened.connect(path)
    except TimeoutError:
        opened.close()
        raise ConnectTimeoutError from None
    except BaseException:
        opened.close()
        raise
    return opened


def _said(answer: object, body: bytes, status: int) -> str:
    """An error in the engine's own words; the first line is enough. Podman says the cause apart."""
    said = answer.get("message") if isinstance(answer, dict) else None
    text = said if isinstance(said, str) else body[:1000].decode("utf-8", "replace")
    return text.strip().split("\n")[0] or f"status {status}"


def _json(body: bytes) -> object:
    """The value of an answer; None for what is no JSON."""
    try:
        return cast("object", json.loads(body))
    except (ValueError, RecursionError):
        return None
