"""A Docker Engine that answers, or an error that says why it does not and what to try."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from policyengine.connections.docker_errors import (
    NoEngineError,
    NonsenseError,
    NotThereError,
    StuckError,
    nonsense,
)
from policyengine.connections.docker_line import DEFAULTS, Limits, Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.connections.docker_context import Endpoint

__all__ = [
    "DEFAULTS",
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


@contextmanager
def connected(endpoint: Endpoint, limits: Limits = DEFAULTS) -> Iterator[Engine]:
    """The engine at an endpoint. Raises :class:`NoEngineError` when it does not answer; closes all connections."""
    with dialled(endpoint, limits) as (_, engine):
        yield engine


@contextmanager
def dialled(endpoint: Endpoint, limits: Limits) -> Iterator[tuple[Line, Engine]]:
    """The same, with the line that leads there: for who asks for more than an :class:`Engine` does."""
    line = Line(endpoint, limits)
    try:
        version = as_object(endpoint, line.get("/version"))
        if not version.get("ApiVersion"):
            raise nonsense(endpoint)
        yield line, Engine(endpoint, limits, line.get, version)
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
        self.prefix = f"/v{endpoint.api_version or _spoken(version)}"

    @property
    def api(self) -> tuple[int, int]:
        """The version of the API that is spoken."""
        major, _, minor = self.prefix.removeprefix("/v").partition(".")
        return int(major), int(minor)

    def ping(self) -> None:
        """Ask for no more than an answer."""
        self._get("/version")

    def info(self) -> Answer:
        """The engine as it describes itself."""
        return self._one("/info")

    def containers(self) -> list[Answer]:
        """All containers, in short."""
        return self._many("/containers/json?all=1")

    def container(self, name: str) -> Answer:
        """One container in full, by name or id."""
        return self._one(f"/containers/{as_path(name)}/json")

    def exec(self, id_: str) -> Answer:
        """One command that was started in a container, by id."""
        return self._one(f"/exec/{as_path(id_)}/json")

    def images(self) -> list[Answer]:
        """All images but intermediate ones, in short."""
        return self._many("/images/json")

    def image(self, reference: str) -> Answer:
        """One image in full, by reference or id."""
        return self._one(f"/images/{as_path(reference)}/json")

    def history(self, reference: str) -> list[Answer]:
        """How an image came about, the newest layer first, by reference or id."""
        return self._many(f"/images/{as_path(reference)}/history")

    def networks(self) -> list[Answer]:
        """All networks, in short."""
        return self._many("/networks")

    def network(self, name: str) -> Answer:
        """One network in full, by name or id."""
        return self._one(f"/networks/{as_path(name)}")

    def volumes(self) -> list[Answer]:
        """All volumes in full."""
        return as_objects(self.endpoint, self._one("/volumes").get("Volumes") or [])

    def volume(self, name: str) -> Answer:
        """One volume in full, by name."""
        return self._one(f"/volumes/{as_path(name)}")

    def services(self) -> list[Answer]:
        """All services of the Swarm, as its managers alone know them."""
        return self._many("/services")

    def service(self, id_: str) -> Answer:
        """One service of the Swarm, by name or id, as its managers alone know it."""
        return self._one(f"/services/{as_path(id_)}")

    def _one(self, path: str) -> Answer:
        return as_object(self.endpoint, self._get(self.prefix + path))

    def _many(self, path: str) -> list[Answer]:
        return as_objects(self.endpoint, self._get(self.prefix + path))


def as_path(name: str) -> str:
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


def as_object(endpoint: Endpoint, answer: object) -> Answer:
    """An answer that is to be an object."""
    if not isinstance(answer, dict):
        raise nonsense(endpoint)
    return answer


def as_objects(endpoint: Endpoint, answer: object) -> list[Answer]:
    """An answer that is to be a list of objects."""
    if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
        raise nonsense(endpoint)
    return answer
