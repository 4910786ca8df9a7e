"""A Docker Engine that answers, or an error that says why it does not and what to try."""

from __future__ import annotations

import json
import re
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from msgspec import Struct

from policyengine.connections.docker_errors import (
    NoEngineError,
    NonsenseError,
    NotThereError,
    StuckError,
    nonsense,
    refused,
    told,
)
from policyengine.connections.docker_sdk import Sdk
from policyengine.connections.http import ConnectTimeoutError, Streams
from policyengine.connections.ssh import Ssh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.connections.docker_context import Endpoint
    from policyengine.connections.http import Transport
    from policyengine.connections.ssh import SshError

__all__ = [
    "NEWEST_API",
    "Answer",
    "Engine",
    "Limits",
    "NoEngineError",
    "NonsenseError",
    "NotThereError",
    "StuckError",
    "connected",
]

NEWEST_API = (1, 51)
"""The newest version of the API whose answers are understood: https://docs.docker.com/reference/api/engine/"""

Answer = dict[str, object]
_OK = 200


class Limits(Struct, frozen=True):
    """How long to wait for an engine, in seconds, for connecting and for each answer; and how often to ask at once."""

    connect: float = 5
    read: float = 30
    requests: int = 4


DEFAULTS = Limits()


@contextmanager
def connected(endpoint: Endpoint, limits: Limits = DEFAULTS) -> Iterator[Engine]:
    """The engine at an endpoint. Raises :class:`NoEngineError` when it does not answer; closes all connections."""
    line = _Line(endpoint, limits)
    try:
        version = _object(endpoint, line.get("/version"))
        if not version.get("ApiVersion"):
            raise nonsense(endpoint)
        yield Engine(endpoint, limits, line.get, version)
    finally:
        line.close()


class Engine:
    """What an engine can be asked. Every answer is the API's JSON; may be asked from several threads at once.

    Raises :class:`NotThereError` for a thing that is not there, :class:`NoEngineError` when the engine is not there
    (any more), :class:`NonsenseError` for an answer that is none, :class:`SourceError` for errors that it answers with.
    """

    def __init__(self, endpoint: Endpoint, limits: Limits, get: Callable[[str], object], version: Answer) -> None:
        self.endpoint = endpoint
        self.limits = limits
        self.version = version
        self._get = get
        self._prefix = f"/v{endpoint.api_version or _spoken(version)}"

    def info(self) -> Answer:
        """The engine as it describes itself."""
        return self._one("/info")

    def containers(self) -> list[Answer]:
        """All containers, in short."""
        return self._many("/containers/json?all=1")

    def container(self, name: str) -> Answer:
        """One container in full, by name or id."""
        return self._one(f"/containers/{_path(name)}/json")

    def exec(self, id_: str) -> Answer:
        """One command that was started in a container, by id."""
        return self._one(f"/exec/{_path(id_)}/json")

    def images(self) -> list[Answer]:
        """All images but intermediate ones, in short."""
        return self._many("/images/json")

    def image(self, reference: str) -> Answer:
        """One image in full, by reference or id."""
        return self._one(f"/images/{_path(reference)}/json")

    def history(self, reference: str) -> list[Answer]:
        """How an image came about, the newest layer first, by reference or id."""
        return self._many(f"/images/{_path(reference)}/history")

    def networks(self) -> list[Answer]:
        """All networks, in short."""
        return self._many("/networks")

    def network(self, name: str) -> Answer:
        """One network in full, by name or id."""
        return self._one(f"/networks/{_path(name)}")

    def volumes(self) -> list[Answer]:
        """All volumes in full."""
        return _objects(self.endpoint, self._one("/volumes").get("Volumes") or [])

    def volume(self, name: str) -> Answer:
        """One volume in full, by name."""
        return self._one(f"/volumes/{_path(name)}")

    def _one(self, path: str) -> Answer:
        return _object(self.endpoint, self._get(self._prefix + path))

    def _many(self, path: str) -> list[Answer]:
        return _objects(self.endpoint, self._get(self._prefix + path))


class _Line:
    """The way to an engine: a Unix socket, ``ssh``, or TCP."""

    def __init__(self, endpoint: Endpoint, limits: Limits) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._ssh: Ssh | None = None
        with self._told():
            self._transport = self._opened()

    def get(self, path: str) -> object:
        """The JSON that answers a GET. Raises :class:`SourceError`."""
        with self._told():
            status, body = self._transport.get(path)
        answer = self._json(body)
        if status != _OK:
            raise refused(self._endpoint, status, _said(answer, body, status))
        if answer is None:
            raise nonsense(self._endpoint)
        return answer

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
    def _told(self) -> Iterator[None]:
        with told(self._endpoint, (self._limits.connect, self._limits.read), self._why):
            yield

    def _why(self) -> SshError | None:
        return self._ssh.why() if self._ssh else None

    def _json(self, body: bytes) -> object:
        """The value of an answer; None for what is no JSON."""
        try:
            return cast("object", json.loads(body))
        except (ValueError, RecursionError):
            return None


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


def _path(name: str) -> str:
    """A name as a part of a path; the slashes of a reference stay."""
    return quote(name, safe="/:@")


def _spoken(version: Mapping[str, object]) -> str:
    """The version of the API to speak: the engine's newest; the newest that is understood where it speaks that too."""
    newest, oldest = (_number(version.get(key)) for key in ("ApiVersion", "MinAPIVersion"))
    chosen = max(min(newest or NEWEST_API, NEWEST_API), oldest or (0, 0))
    return ".".join(map(str, chosen))


def _number(text: object) -> tuple[int, int] | None:
    match = re.fullmatch(r"([0-9]{1,4})\.([0-9]{1,4})", text) if isinstance(text, str) else None
    return (int(match[1]), int(match[2])) if match else None


def _object(endpoint: Endpoint, answer: object) -> Answer:
    if not isinstance(answer, dict):
        raise nonsense(endpoint)
    return answer


def _objects(endpoint: Endpoint, answer: object) -> list[Answer]:
    if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
        raise nonsense(endpoint)
    return answer
