"""The services of a Swarm, asked of an engine that is a manager of it.

https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Service
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct

from policyengine.connections.docker import Answer, as_object, as_objects, as_path
from policyengine.connections.docker_errors import NotThereError
from policyengine.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.connections.docker_acting import Acting

_OUT_OF_SEQUENCE = "out of sequence"
"""What a manager answers to an update of a version that is not the newest any more."""


class MovedError(SourceError):
    """A service is not what it was when it was read: somebody, or the Swarm itself, has changed it since."""


class Note(Struct, frozen=True):
    """A config of the Swarm that no service uses: something written down where the services themselves are.

    ``id`` and ``version`` are the Swarm's; ``labels`` may be changed, ``data`` never.
    """

    id: str
    name: str
    version: int
    labels: Mapping[str, str]
    data: bytes


class Services:
    """What a manager can be asked about services. Errors are those of :class:`Acting`."""

    def __init__(self, acting: Acting) -> None:
        self._acting = acting

    def is_manager(self) -> bool:
        """Whether this engine may be asked at all: workers know nothing of services."""
        swarm = self._acting.engine.info().get("Swarm")
        return isinstance(swarm, dict) and swarm.get("ControlAvailable") is True

    def every(self) -> list[Answer]:
        """All services in full."""
        return self._many("/services")

    def one(self, name: str) -> Answer:
        """One service in full, by name or id. What nobody wrote down is not filled in."""
        return self._one(f"/services/{as_path(name)}")

    def tasks(self, service: str) -> list[Answer]:
        """All tasks of a service that the Swarm remembers, by the service's id."""
        return self._many(f"/tasks?filters={_filter('service', service)}")

    def update(self, service: Answer, spec: Mapping[str, object], auth: str = "") -> None:
        """Give a service another specification; what it was before becomes its previous one.

        ``service`` is as it was read: raises :class:`MovedError` where it has changed since. ``auth`` is a header that
        lets nodes pull its image; without one they go on with what the service has.
        """
        headers = {"X-Registry-Auth": auth} if auth else {}
        self._change(service, spec, {}, headers)

    def put_back(self, service: Answer) -> None:
        """Have the Swarm give a service its previous specification again. Raises :class:`MovedError`."""
        spec = service.get("Spec")
        self._change(service, spec if isinstance(spec, dict) else {}, {"rollback": "previous"}, {})

    def notes(self, label: str) -> list[Note]:
        """The notes that have a label."""
        return [_note(answer) for answer in self._many(f"/configs?filters={_filter('label', label)}")]

    def note(self, name: str) -> Note | None:
        """The note of a name, None where there is none."""
        found = [_note(answer) for answer in self._many(f"/configs?filters={_filter('name', name)}")]
        return next((note for note in found if note.name == name), None)

    def write(self, name: str, labels: Mapping[str, str], data: bytes) -> None:
        """Write a note. Raises :class:`ConflictError` where there is one of that name."""
        body = {"Name": name, "Labels": dict(labels), "Data": b64encode(data).decode()}
        self._acting.post("/configs/create", body)

    def label(self, note: Note, labels: Mapping[str, str]) -> None:
        """Change the labels of a note."""
        body = {"Name": note.name, "Labels": dict(labels), "Data": b64encode(note.data).decode()}
        self._acting.post(f"/configs/{as_path(note.id)}/update", body, query={"version": str(note.version)})

    def erase(self, note: Note) -> None:
        """Remove a note; that it is gone already is as good."""
        try:
            self._acting.delete(f"/configs/{as_path(note.id)}")
        except NotThereError:
            return

    def _change(
        self, service: Answer, spec: Mapping[str, object], query: Mapping[str, str], headers: Mapping[str, str]
    ) -> None:
        path = f"/services/{as_path(str(service.get('ID')))}/update"
        try:
            self._acting.post(path, spec, query={"version": str(_version(service)), **query}, headers=headers)
        except SourceError as error:
            if _OUT_OF_SEQUENCE in error.message:
                raise MovedError(error.message, path=error.path) from None
            raise

    def _one(self, path: str) -> Answer:
        return as_object(self._acting.engine.endpoint, self._acting.get(path))

    def _many(self, path: str) -> list[Answer]:
        return as_objects(self._acting.engine.endpoint, self._acting.get(path) or [])


def _filter(key: str, value: str) -> str:
    return quote(json.dumps({key: {value: True}}))


def _version(answer: Answer) -> int:
    version = answer.get("Version")
    index = version.get("Index") if isinstance(version, dict) else None
    return index if isinstance(index, int) else 0


def _note(answer: Answer) -> Note:
    spec = answer.get("Spec")
    told = spec if isinstance(spec, dict) else {}
    labels = told.get("Labels")
    return Note(
        id=str(answer.get("ID")),
        name=str(told.get("Name")),
        version=_version(answer),
        labels=labels if isinstance(labels, dict) else {},
        data=b64decode(str(told.get("Data") or "")),
    )
