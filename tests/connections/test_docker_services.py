"""What a manager of a Swarm is asked, to the letter, and what its answers are taken for."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from policyengine.connections.docker_acting import acting
from policyengine.connections.docker_context import Endpoint
from policyengine.connections.docker_services import Note, Services
from tests.connections.engines import answering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVICE: dict[str, object] = {
    "ID": "s1",
    "Version": {"Index": 7},
    "Spec": {"Name": "web"},
    "PreviousSpec": {"Name": "web", "Labels": {}},
}
CONFIG = {
    "ID": "c1",
    "Version": {"Index": 3},
    "Spec": {"Name": "policyengine-s1", "Labels": {"a": "1"}, "Data": "eyJhIjoxfQ=="},
}
ANSWERS: dict[str, object] = {
    "/info": {"Swarm": {"ControlAvailable": True}},
    "/services": [SERVICE],
    "/services/web": SERVICE,
    "/tasks": [{"ID": "t1"}],
    "/configs": [CONFIG],
    "POST /services/s1/update": {"Warnings": None},
    "POST /configs/create": {"ID": "c1"},
    "POST /configs/c1/update": 200,
    "DELETE /configs/c1": 204,
}


@contextmanager
def services(place: Path) -> Iterator[tuple[Services, list[str]]]:
    seen: list[str] = []
    with answering(place / "s", ANSWERS, seen) as host, acting(Endpoint("there", host)) as way:
        seen.clear()
        yield Services(way), seen


def test_what_is_read(tmp_path: Path) -> None:
    with services(tmp_path) as (asked, seen):
        assert asked.is_manager()
        assert (asked.every(), asked.one("web")) == ([SERVICE], SERVICE)
        assert asked.tasks("s1") == [{"ID": "t1"}]
    assert seen == [
        "/v1.41/info",
        "/v1.41/services",
        "/v1.41/services/web",
        "/v1.41/tasks?filters=%7B%22service%22%3A%20%7B%22s1%22%3A%20true%7D%7D",
    ]


def test_what_is_changed(tmp_path: Path) -> None:
    with services(tmp_path) as (asked, seen):
        asked.update(SERVICE, {"Name": "web", "Labels": {"a": "1"}}, "identity")
        asked.put_back(SERVICE)
    assert seen == [
        'POST /v1.41/services/s1/update?version=7 {"Name": "web", "Labels": {"a": "1"}}',
        'POST /v1.41/services/s1/update?version=7&rollback=previous {"Name": "web"}',
    ]


def test_notes(tmp_path: Path) -> None:
    note = Note("c1", "policyengine-s1", 3, {"a": "1"}, b'{"a":1}')
    with services(tmp_path) as (asked, seen):
        assert asked.notes("a") == [note]
        assert (asked.note("policyengine-s1"), asked.note("policyengine-s")) == (note, None)
        asked.write("n", {"b": "2"}, b"x")
        asked.label(note, {"b": "2"})
        asked.erase(note)
        asked.erase(Note("gone", "n", 1, {}, b""))
    filters = ("label", "a"), ("name", "policyengine-s1"), ("name", "policyengine-s")
    paths = [f"/v1.41/configs?filters=%7B%22{key}%22%3A%20%7B%22{value}%22%3A%20true%7D%7D" for key, value in filters]
    assert seen[:3] == paths, "a name is searched for as a part of names"
    written = [(line.partition(" {")[0], json.loads("{" + line.partition(" {")[2])) for line in seen[3:5]]
    assert written == [
        ("POST /v1.41/configs/create", {"Name": "n", "Labels": {"b": "2"}, "Data": "eA=="}),
        (
            "POST /v1.41/configs/c1/update?version=3",
            {"Name": "policyengine-s1", "Labels": {"b": "2"}, "Data": "eyJhIjoxfQ=="},
        ),
    ]
    assert seen[5:] == ["DELETE /v1.41/configs/c1", "DELETE /v1.41/configs/gone"]
