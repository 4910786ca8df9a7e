"""An engine that is asked to do something: containers made, started, stopped, renamed, removed, joined to networks.

Nothing is asked twice: where no answer comes, the request may have taken effect or not, and who asked looks.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from policyengine.connections.docker import Answer, Engine, as_object, as_objects, as_path, dialled
from policyengine.connections.docker_errors import NonsenseError, nonsense, url
from policyengine.connections.docker_line import Limits, Line
from policyengine.connections.http import Request
from policyengine.errors import SourceError
from policyengine.model.masking import concealed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.connections.docker_context import Endpoint

__all__ = ["ACTING", "Acting", "NonsenseError", "acting"]

ACTING = Limits(read=60)
"""Starting a container may wait for drivers of volumes and networks."""

Query = dict[str, str]
_FRAME = 8
GRACE = 10
"""How many seconds an engine lets a container end that says nothing about it:
https://docs.docker.com/reference/cli/docker/container/stop/"""


@contextmanager
def acting(endpoint: Endpoint, limits: Limits = ACTING) -> Iterator[Acting]:
    """The engine at an endpoint, to be asked for changes. Raises :class:`NoEngineError`; closes all connections."""
    with dialled(endpoint, limits) as (line, engine):
        yield Acting(line, engine)


class Acting:
    """What an engine can be asked to do. ``engine`` is its reading half; errors are those of it, and

    :class:`ConflictError` where the state of a thing forbids it. What is as it is asked to be is no error.
    """

    def __init__(self, line: Line, engine: Engine) -> None:
        self.engine = engine
        self._line = line

    def get(self, path: str, query: Query | None = None) -> object:
        """The JSON at a path of the API; None where it says null."""
        return self._line.ask(Request("GET", self._url(path, query)))

    def post(
        self,
        path: str,
        body: object = None,
        *,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> object:
        """The JSON that answers a POST, None where it answers nothing. A body of bytes goes out as it is."""
        return self._line.ask(self._posted(path, body, query, headers, seconds))

    def messages(
        self,
        path: str,
        body: object = None,
        *,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> list[Answer]:
        """What a POST says that tells how it gets on (pulling, building, pushing), when it has ended.

        Raises :class:`SourceError` where one of the messages is an error: the status is 200 even so.
        """
        said = self.raw(path, body, query=query, headers=headers, seconds=seconds)
        found = [self._message(line) for line in said.splitlines() if line.strip()]
        for message in found:
            if "error" in message:
                raise SourceError(concealed(str(message["error"])), path=url(self.engine.endpoint))
        return found

    def raw(
        self,
        path: str,
        body: object = None,
        *,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> bytes:
        """What answers a POST, when it has ended, as it came."""
        return self._line.raw(self._posted(path, body, query, headers, seconds))

    def delete(self, path: str, query: Query | None = None) -> object:
        """The JSON that answers a DELETE, None where it answers nothing."""
        return self._line.ask(Request("DELETE", self._url(path, query)))

    def create(self, body: Mapping[str, object], name: str, platform: str | None = None) -> str:
        """Make a container; gives its id. ``platform`` as ``linux/arm64/v8``."""
        query = {"name": name, "platform": platform} if platform else {"name": name}
        return self._id(self.post("/containers/create", body, query=query))

    def start(self, container: str) -> None:
        """Start a container. That it started is not that it runs."""
        self._container("start", container)

    def stop(self, container: str, seconds: int | None = None) -> None:
        """Stop a container, by force after so many seconds; None for what it says itself, or the engine's own."""
        query = {} if seconds is None else {"t": str(seconds)}
        patience = self._grace(container) if seconds is None else seconds
        self._container("stop", container, query, patience + self.engine.limits.read)

    def rename(self, container: str, name: str) -> None:
        """Give a container another name."""
        self._container("rename", container, {"name": name})

    def pause(self, container: str) -> None:
        """Freeze a container that runs."""
        self._container("pause", container)

    def unpause(self, container: str) -> None:
        """Let a container go on that is frozen."""
        self._container("unpause", container)

    def remove(self, container: str, *, volumes: bool = False, force: bool = False) -> None:
        """Remove a container; with ``volumes`` its anonymous ones, with ``force`` also while it runs."""
        query = {"v": str(volumes).lower(), "force": str(force).lower()}
        self.delete(f"/containers/{as_path(container)}", query)

    def update(self, container: str, body: Mapping[str, object]) -> None:
        """Change limits or the restart policy of a container. Whatever else the body holds, the engine ignores."""
        self.post(f"/containers/{as_path(container)}/update", body)

    def connect(self, network: str, container: str, endpoint: Mapping[str, object] | None = None) -> None:
        """Join a container to a network, with the settings of its endpoint there."""
        body = {"Container": container, "EndpointConfig": endpoint or {}}
        self.post(f"/networks/{as_path(network)}/connect", body)

    def disconnect(self, network: str, container: str, *, force: bool = False) -> None:
        """Part a container from a network."""
        self.post(f"/networks/{as_path(network)}/disconnect", {"Container": container, "Force": force})

    def create_network(self, name: str, **settings: object) -> str:
        """Make a network; gives its id. ``settings`` as the API spells them; fails where the name is taken."""
        return self._id(self.post("/networks/create", {"Name": name, "CheckDuplicate": True, **settings}))

    def remove_network(self, network: str) -> None:
        """Remove a network that nobody is joined to."""
        self.delete(f"/networks/{as_path(network)}")

    def changes(self, container: str) -> list[Answer]:
        """What a container's own files differ in from its image's: ``Path``, and ``Kind`` 0 changed, 1 new, 2 gone."""
        found = self.get(f"/containers/{as_path(container)}/changes")
        return as_objects(self.engine.endpoint, found or [])

    def said(self, container: str, lines: int) -> str:
        """The last lines that a container wrote. Raises :class:`SourceError` where its log cannot be read."""
        query = {"stdout": "1", "stderr": "1", "tail": str(lines)}
        log = self._line.raw(Request("GET", self._url(f"/containers/{as_path(container)}/logs", query)))
        return _payload(log).decode("utf-8", "replace")

    def _container(self, verb: str, container: str, query: Query | None = None, seconds: float | None = None) -> None:
        self.post(f"/containers/{as_path(container)}/{verb}", query=query, seconds=seconds)

    def _grace(self, container: str) -> int:
        config = self.engine.container(container).get("Config")
        stated = config.get("StopTimeout") if isinstance(config, dict) else None
        return stated if isinstance(stated, int) else GRACE

    def _posted(
        self,
        path: str,
        body: object,
        query: Query | None,
        headers: Mapping[str, str] | None,
        seconds: float | None,
    ) -> Request:
        sent = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        stated = {} if body is None or isinstance(body, bytes) else {"Content-Type": "application/json"}
        return Request("POST", self._url(path, query), sent, {**stated, **(headers or {})}, seconds)

    def _url(self, path: str, query: Query | None) -> str:
        return f"{self.engine.prefix}{path}?{urlencode(query)}" if query else f"{self.engine.prefix}{path}"

    def _message(self, line: bytes) -> Answer:
        try:
            return as_object(self.engine.endpoint, json.loads(line))
        except (ValueError, RecursionError):
            raise nonsense(self.engine.endpoint) from None

    def _id(self, answer: object) -> str:
        found = as_object(self.engine.endpoint, answer).get("Id")
        if not isinstance(found, str):
            raise nonsense(self.engine.endpoint)
        return found


def _payload(log: bytes) -> bytes:
    """A log without what tells the streams apart: of each frame eight bytes, the last four of which are its length.

    https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
    """
    text, at = b"", 0
    while log[at : at + 1] in (b"\x01", b"\x02") and log[at + 1 : at + 4] == bytes(3):
        end = at + _FRAME + int.from_bytes(log[at + 4 : at + _FRAME], "big")
        text, at = text + log[at + _FRAME : end], end
    return text + log[at:]  # that of a terminal has no frames
