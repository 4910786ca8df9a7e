"""What waits to be judged: a container once, whatever happens to it meanwhile."""

from __future__ import annotations

import time
from threading import Timer

import pytest

from policyengine.commands.engine_watch import changes as module
from policyengine.commands.engine_watch.changes import Batch, Changes
from policyengine.connections.docker import NoEngineError
from policyengine.connections.docker_events import Event


def taken(*events: Event | None) -> Batch:
    changes = Changes()
    for event in events:
        changes.put(event)
    return changes.take(0)


def event(action: str, id_: str = "1", name: str = "web", at: int = 0) -> Event:
    return Event(action, id_, name, at)


def changed(batch: Batch) -> dict[str, tuple[list[str], str]]:
    return {id_: (list(change.why), change.name) for id_, change in batch.changed.items()}


def test_a_container_waits_once() -> None:
    batch = taken(event("update"), event("rename", name="shop"), event("update", name="shop"), event("update", "2"))
    assert changed(batch) == {"1": (["update", "rename"], "shop"), "2": (["update"], "web")}


def test_being_connected_is_a_part_of_starting() -> None:
    batch = taken(event("create"), event("connect", name=""), event("start"), event("connect", name=""))
    assert changed(batch) == {"1": (["start", "connect"], "web")}
    assert batch.made == {"1": None}


@pytest.mark.parametrize(
    ("actions", "vanished"),
    [
        (["create", "start", "die", "destroy"], {"1": "web"}),
        (["update", "die", "destroy"], {}),
        (["create", "destroy"], {}),
    ],
)
def test_what_is_gone_before_it_is_judged(actions: list[str], vanished: dict[str, str]) -> None:
    batch = taken(*map(event, actions))
    assert batch.vanished == vanished
    assert (batch.changed, batch.made, batch.removed) == ({}, {}, {"1": "web"})


def test_what_ended_and_began_again_has_not_ended() -> None:
    batch = taken(event("die"), event("start"))
    assert batch.ended == {}
    assert taken(event("start"), event("die")).ended == {"1": None}


def test_an_event_that_could_not_be_read_is_everything() -> None:
    assert taken(None).everything
    assert not taken(event("start")).everything


def test_no_more_waits_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    batch = taken(*(event("start", str(number)) for number in range(4)))
    assert batch.everything
    assert batch.changed == {}


def test_the_last_event_tells_how_late_it_is() -> None:
    assert taken(event("start", at=5), event("die", at=9), event("start", at=7)).at == 9


def test_who_takes_is_woken() -> None:
    changes = Changes()
    Timer(0.1, changes.lose, [NoEngineError("gone")]).start()
    began = time.monotonic()
    batch = changes.take(20)
    assert str(batch.lost) == "gone"
    assert time.monotonic() - began < 10
    assert changes.take(0).is_empty()
