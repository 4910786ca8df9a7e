"""What a service is asked for, while others, and the Swarm itself, change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from policyengine.connections.docker_services import MovedError
from policyengine.remediation.swarm.asking import Doing, release
from policyengine.remediation.swarm.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.connections.docker_services import Services

OWN, OURS = {"Order": "stop-first"}, {"Order": "start-first"}
RECORD = Record("1", "web", "run", {"UpdateConfig": OWN}, {"UpdateConfig": OURS}, {"UpdateConfig": OWN})


class Moving:
    """A service whose version goes up by the Swarm's own doing, ``moves`` times before a change is taken."""

    def __init__(self, spec: dict[str, Any], moves: int) -> None:
        self.spec, self._moves = spec, moves

    def one(self, _: str) -> dict[str, Any]:
        return {"Spec": self.spec}

    def update(self, service: Mapping[str, Any], spec: dict[str, Any], _: str = "") -> None:
        assert service == {"Spec": self.spec}
        self._moves -= 1
        if self._moves >= 0:
            raise MovedError("update out of sequence")
        self.spec = spec


def released(service: Moving) -> dict[str, Any]:
    release(Doing(cast("Services", service), 0, lambda _: None), RECORD)
    return service.spec


def test_our_settings_of_updates_are_taken_back_however_often_the_swarm_moves_the_service() -> None:
    theirs = {"UpdateConfig": OURS, "Labels": {"a": "theirs"}}
    assert released(Moving(theirs, 0)) == released(Moving(theirs, 3)) == {**theirs, "UpdateConfig": OWN}


def test_settings_of_updates_that_are_not_ours_stay() -> None:
    theirs = {"UpdateConfig": {"Order": "stop-first", "Parallelism": 7}}
    assert released(Moving(theirs, 0)) == theirs
