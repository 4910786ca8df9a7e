"""When a new container is let through: tables of what an engine tells -> the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policyengine.connections.docker_acting import acting
from policyengine.connections.docker_context import Endpoint
from policyengine.remediation.docker.gate import UnfitError, is_fit, let_through, unfit
from policyengine.remediation.docker.inspected import read
from policyengine.remediation.docker.order import Gate
from tests.connections.engines import answering

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.connections.docker_acting import Acting


def told(restarts: int = 0, **state: Any) -> dict[str, Any]:
    return {"Id": "c", "Name": "/web", "RestartCount": restarts, "State": {"Running": True, **state}}


def health(status: str, *said: str) -> dict[str, Any]:
    return {"Status": status, "Log": [{"ExitCode": 1, "Output": one} for one in said]}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (told(), None),
        (told(Health=health("starting")), None),
        (told(Health=health("healthy")), None),
        (told(Health=health("none")), None),
        (told(Running=False, ExitCode=3), "ended with exit code 3"),
        (
            told(Running=False, ExitCode=127, Error="exec: /x: not found"),
            "ended with exit code 127: exec: /x: not found",
        ),
        (told(Restarting=True, ExitCode=1), "ended with exit code 1 and was restarted"),
        (told(restarts=1), "ended and was restarted"),
        (told(OOMKilled=True, Running=False), "ran out of memory"),
        (told(Paused=True), "was paused"),
        (
            told(Health=health("unhealthy", "first", "password=hunter2\n  is wrong\n")),
            "is unhealthy: password=**** is wrong",
        ),
    ],
)
def test_what_does_not_work(answer: dict[str, Any], problem: str | None) -> None:
    assert unfit(read(answer)) == problem


@pytest.mark.parametrize(
    ("answer", "ran", "probe", "fit"),
    [
        (told(), 9.9, (), False),
        (told(), 10, (), True),
        (told(), 0, ("true",), True),
        (told(Health=health("none")), 9.9, (), False),
        (told(Health=health("starting")), 100, (), False),
        (told(Health=health("starting")), 100, ("true",), False),
        (told(Health=health("healthy")), 0, (), True),
    ],
)
def test_what_is_healthy(answer: dict[str, Any], ran: float, probe: tuple[str, ...], fit: bool) -> None:
    assert is_fit(read(answer), Gate(stable=10, probe=probe), ran) is fit


def test_what_it_said_last_is_told(tmp_path: Path) -> None:
    log = b"\x02\0\0\0\0\0\0\x1dstarting\nAPI_TOKEN=very-secret"
    answers = {"/containers/c/json": told(Running=False, ExitCode=1), "/containers/c/logs": log}
    with answering(tmp_path / "s", answers) as host, acting(Endpoint("local", host)) as engine:
        with pytest.raises(UnfitError) as caught:
            let_through(engine, "c", Gate())
        assert str(caught.value) == ("the new container ended with exit code 1 (it said: starting\nAPI_TOKEN=****)")
        with pytest.raises(UnfitError, match="the new container is gone"):
            let_through(engine, "d", Gate())


def test_why_it_is_late_is_told(tmp_path: Path) -> None:
    """Of a probe only where there is one."""
    starting = told(Health=health("starting", "connection refused"))
    answers = {"/containers/c/json": told(), "/containers/h/json": starting, "/containers/c/exec": {"Id": "e"}}
    with answering(tmp_path / "s", answers) as host, acting(Endpoint("local", host)) as engine:
        late = [
            _late(engine, "c", Gate(0.1, 10)),
            _late(engine, "h", Gate(0.1, 10)),
            _late(engine, "c", Gate(0.1, 0, ("true",))),
        ]
    assert late == [
        "the new container is not healthy after 0.1 s: it is to run undisturbed for 10 s",
        "the new container is not healthy after 0.1 s: its healthcheck says starting: connection refused",
        "the new container is not healthy after 0.1 s: its probe fails",
    ]


def _late(engine: Acting, id_: str, gate: Gate) -> str:
    with pytest.raises(UnfitError) as caught:
        let_through(engine, id_, gate)
    return caught.value.message
