"""States of a container in which it is not replaced, which a test's engine cannot be brought to everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policyengine.connections.docker import connected
from policyengine.connections.docker_context import Endpoint
from policyengine.errors import RemedyError
from policyengine.remediation.docker.body import Body
from policyengine.remediation.docker.order import Order
from policyengine.remediation.docker.refusing import refuse
from tests.connections.engines import answering

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.remediation.docker.order import Way


def refused(path: Path, way: Way = "stop-first", **state: Any) -> str:
    told: dict[str, Any] = {"Id": "c", "Name": "/web", "State": state, "HostConfig": {"NetworkMode": "host"}}
    answers = {"/containers/web/json": told, "/containers/json": []}
    order = Order(told, Body({}), "app", "run", way)
    with answering(path / "s", answers) as host, connected(Endpoint("local", host)) as engine:
        with pytest.raises(RemedyError) as caught:
            refuse(engine, order)
        return str(caught.value)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (
            {"Running": True, "Paused": True, "Status": "paused"},
            "web is paused: what it would do when it goes on is not known (unpause it first)",
        ),
        ({"Status": "dead"}, "web is being removed, or could not be: it is dead"),
        ({"Status": "removing"}, "web is being removed, or could not be: it is removing"),
    ],
)
def test_states(state: dict[str, Any], said: str, tmp_path: Path) -> None:
    assert refused(tmp_path, **state) == said


def test_a_way_that_is_none(tmp_path: Path) -> None:
    assert refused(tmp_path, "warm", Running=True) == (
        "web is joined to no network that could change hands; the way for it is stop-first"
    )
