"""What an engine tells as it happens, and what else may come in its place."""

from __future__ import annotations

import json
import time
from threading import Timer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from policyengine.connections.docker import NoEngineError, NonsenseError, StuckError, connected
from policyengine.connections.docker_context import Endpoint
from policyengine.connections.docker_events import MAX_LINE, Event, events
from policyengine.errors import SourceError
from tests.connections.engines import PATIENT, telling

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


def said(action: str, kind: str = "container", id_: str = "1", at: int = 7, **attributes: str) -> bytes:
    """A line as an engine writes it: that of 20.10, recorded."""
    actor = {"ID": id_, "Attributes": attributes}
    whole = {"status": action, "id": id_, "Type": kind, "Action": action, "Actor": actor, "timeNano": at}
    return json.dumps(whole).encode() + b"\n"


def told(
    path: Path, pieces: Iterable[bytes], quiet: float = 60, seen: list[str] | None = None, **how: Any
) -> tuple[list[Event | None], SourceError | None]:
    """The events that are made of what an engine says piece by piece, and the error that they end with."""
    found: list[Event | None] = []
    with telling(path, pieces, seen=seen, **how) as host, connected(Endpoint("local", host), PATIENT) as engine:
        try:
            with events(engine, limits=PATIENT, quiet=quiet) as stream:
                found.extend(stream)
        except SourceError as error:
            return found, error
    return found, None


def test_events_of_containers_and_of_their_networks(tmp_path: Path) -> None:
    pieces = [
        said("start", name="web", at=1),
        said("rename", name="shop", oldName="/web", at=2),
        said("connect", "network", id_="n", container="1", name="front", at=3),
        said("destroy", name="shop", at=4),
    ]
    assert told(tmp_path / "e", pieces) == (
        [
            Event("start", "1", "web", 1),
            Event("rename", "1", "shop", 2),
            Event("connect", "1", "", 3),
            Event("destroy", "1", "shop", 4),
        ],
        None,
    )


def test_what_is_nothing_of_ours_is_passed_over(tmp_path: Path) -> None:
    pieces = [
        said("health_status: healthy", name="web"),
        said("exec_start: sh", name="web"),
        said("pull", "image", name="nginx"),
        said("connect", "network", id_="n"),
        b'{"Type": "container", "Action": "start"}\n{"Type": "container", "Action": ["start"], "Actor": {}}\n\n{}\n',
        said("start", name="web"),
    ]
    assert told(tmp_path / "e", pieces) == ([Event("start", "1", "web", 7)], None)


def test_lines_come_in_whatever_pieces(tmp_path: Path) -> None:
    line = said("start", name="web")
    pieces = [*(line[at : at + 1] for at in range(len(line))), line * 3, line[:20], line[20:] + line[:1], line[1:]]
    assert told(tmp_path / "e", pieces) == ([Event("start", "1", "web", 7)] * 6, None)


@pytest.mark.parametrize("length", [MAX_LINE + 1, 3 * MAX_LINE])
def test_a_line_that_is_too_long_is_something_that_happened(tmp_path: Path, length: int) -> None:
    pieces = [said("start", name="x" * length), said("start", name="web")]
    assert told(tmp_path / "e", pieces) == ([None, Event("start", "1", "web", 7)], None)


def test_a_line_that_never_ends_takes_no_memory(tmp_path: Path) -> None:
    import tracemalloc

    tracemalloc.start()
    found, _ = told(tmp_path / "e", (b"x" * 2**16 for _ in range(2**10)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == []
    assert most < 8 * MAX_LINE


@pytest.mark.parametrize("garbage", [b"what?\n", b"\xff\xfe\x00\n", b"[]\n", b"null\n", b"[" * 10**5 + b"\n"])
def test_garbage_is_no_engine(tmp_path: Path, garbage: bytes) -> None:
    found, error = told(tmp_path / "e", [said("start", name="web"), garbage])
    assert found == [Event("start", "1", "web", 7)]
    assert isinstance(error, NonsenseError)
    assert error.message == f"what answers at unix://{tmp_path}/e is no Docker Engine"


def test_a_stream_that_is_cut_is_an_engine_that_is_gone(tmp_path: Path) -> None:
    found, error = told(tmp_path / "e", [said("start", name="web"), said("start", name="cut")[:30]], cut=True)
    assert found == [Event("start", "1", "web", 7)]
    assert isinstance(error, NoEngineError)
    assert error.message == f"the connection to the engine at unix://{tmp_path}/e broke off"


def test_silence_ends_when_it_was_long_enough(tmp_path: Path) -> None:
    began = time.monotonic()
    found, error = told(tmp_path / "e", [said("start", name="web")], quiet=1, stays=True)
    assert found == [Event("start", "1", "web", 7)]
    assert isinstance(error, StuckError)
    assert 0.9 < time.monotonic() - began < 30  # who did not heed it would wait for as long as the engine stays


def test_an_engine_that_tells_no_events(tmp_path: Path) -> None:
    _, error = told(tmp_path / "e", [b'{"message": "no events here"}'], status=500)
    assert str(error) == f"docker://local: the engine at unix://{tmp_path}/e answers: no events here"


@pytest.mark.parametrize(("since", "expected"), [(0, None), (1795746983018683374, ["1795746983.018683374"])])
def test_what_is_asked_for(tmp_path: Path, since: int, expected: Sequence[str] | None) -> None:
    seen: list[str] = []
    with (
        telling(tmp_path / "e", [], seen=seen) as host,
        connected(Endpoint("local", host), PATIENT) as engine,
        events(engine, since=since, limits=PATIENT) as stream,
    ):
        assert list(stream) == []
    asked = urlsplit(seen[-1])
    query = parse_qs(asked.query)
    assert asked.path == "/v1.41/events"
    assert query.get("since") == expected
    assert json.loads(query["filters"][0]) == {
        "type": ["container", "network"],
        "event": ["connect", "create", "destroy", "die", "disconnect", "rename", "start", "update"],
    }


def test_whoever_waits_is_woken_by_the_end(tmp_path: Path) -> None:
    with (
        telling(tmp_path / "e", [], stays=True) as host,
        connected(Endpoint("local", host), PATIENT) as engine,
        events(engine, limits=PATIENT) as stream,
    ):
        Timer(0.2, stream.end).start()
        began = time.monotonic()
        with pytest.raises(NoEngineError):
            list(stream)
        assert time.monotonic() - began < 30
