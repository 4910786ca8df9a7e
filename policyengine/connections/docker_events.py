"""What happens on an engine, as it happens: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/System."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from policyengine.connections.docker import DEFAULTS
from policyengine.connections.docker_errors import nonsense
from policyengine.connections.docker_line import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.connections.docker import Engine, Limits
    from policyengine.connections.docker_context import Endpoint
    from policyengine.connections.docker_line import Following

MAX_LINE = 2**20
"""No event of an engine is longer, unless labels make it so: all labels of a container are in each of its events."""

QUIET = 15 * 60
"""For so many seconds an engine may have nothing to tell."""

ACTIONS = {
    "container": ("create", "start", "update", "rename", "die", "destroy"),
    "network": ("connect", "disconnect"),
}
"""The events that bear on what containers are. ``health_status`` and what is executed in them do not."""


class Event(NamedTuple):
    """That something happened to a container.

    ``name`` is its name afterwards, empty where the event does not tell; ``at`` the engine's own time in nanoseconds.
    ``action`` is as the engine calls it, ``connect`` and ``disconnect`` those of its networks.
    """

    action: str
    id: str
    name: str
    at: int


class Events:
    """The events of one engine, until it ends or is ended.

    Iterating gives events, and None for one that could not be read because it is too long: something happened.
    Raises :class:`NoEngineError` when the connection breaks, :class:`StuckError` when nothing was told for long, and
    :class:`NonsenseError` for what no engine says.
    """

    def __init__(self, endpoint: Endpoint, answer: Following) -> None:
        self._endpoint = endpoint
        self._answer = answer

    def __iter__(self) -> Iterator[Event | None]:
        for line in self._lines():
            if line is None:
                yield None
            elif event := self._event(line):
                yield event

    def end(self) -> None:
        """End the connection, and wake whoever waits for an event: from any thread."""
        self._answer.end()

    def _lines(self) -> Iterator[bytes | None]:
        """The lines that are not empty; None for each that is too long, of which no more than that is kept."""
        held, too_long = b"", False
        while data := self._answer.read():
            *whole, rest = (held + data).split(b"\n")
            for line in whole:
                if too_long or len(line) > MAX_LINE:
                    yield None
                elif line.strip():
                    yield line
                too_long = False
            too_long = too_long or len(rest) > MAX_LINE
            held = b"" if too_long else rest

    def _event(self, line: bytes) -> Event | None:
        """An event; None for one that is about nothing of ours."""
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            raise nonsense(self._endpoint) from None
        if not isinstance(said, dict):
            raise nonsense(self._endpoint)
        return _read(said)


@contextmanager
def events(engine: Engine, since: int = 0, limits: Limits = DEFAULTS, quiet: float = QUIET) -> Iterator[Events]:
    """What happens from now on, on a connection of its own; ``since`` a time of the engine's, what it still knows of.

    When this is entered, the engine has begun to tell. Raises :class:`SourceError` where it does not.
    """
    line = Line(engine.endpoint, limits)
    try:
        with line.following(_path(engine.prefix, since), quiet) as answer:
            yield Events(engine.endpoint, answer)
    finally:
        line.close()


def _path(prefix: str, since: int) -> str:
    actions = sorted(action for of in ACTIONS.values() for action in of)
    query = {"filters": json.dumps({"type": sorted(ACTIONS), "event": actions})}
    if since:
        query["since"] = f"{since // 10**9}.{since % 10**9:09d}"
    return f"{prefix}/events?{urlencode(query)}"


def _read(said: Mapping[str, object]) -> Event | None:
    kind, action, actor = said.get("Type"), said.get("Action"), said.get("Actor")
    if not isinstance(actor, dict) or action not in ACTIONS.get(str(kind), ()):
        return None
    attributes = actor.get("Attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    of_network = kind == "network"
    id_ = attributes.get("container") if of_network else actor.get("ID")
    name = "" if of_network else str(attributes.get("name") or "")
    at = said.get("timeNano")
    return Event(str(action), str(id_), name, at if isinstance(at, int) else 0) if id_ else None
