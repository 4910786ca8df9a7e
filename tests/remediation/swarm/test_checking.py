"""Which healthchecks of a service first run when nobody waits any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policyengine.connections.docker import connected
from policyengine.connections.docker_context import Endpoint
from policyengine.errors import RemedyError
from policyengine.remediation.swarm.checking import in_time
from tests.connections.engines import answering

if TYPE_CHECKING:
    from pathlib import Path

SECOND = 10**9
TEST = ["CMD", "true"]
OF_IMAGE = {"Test": TEST, "Interval": 300 * SECOND}


def refused(path: Path, check: dict[str, Any] | None, update: dict[str, Any], *, here: bool = True) -> str:
    spec: dict[str, object] = {
        "TaskTemplate": {"ContainerSpec": {"Image": "app", **({} if check is None else {"Healthcheck": check})}},
        "UpdateConfig": update,
    }
    answers: dict[str, object] = {"/version": {"ApiVersion": "1.41"}}
    if here:
        answers["/images/app/json"] = {"Id": "i", "Config": {"Healthcheck": OF_IMAGE}}
    with answering(path / "s", answers) as host, connected(Endpoint("local", host, api_version="1.41")) as engine:
        try:
            in_time(engine, "shop_web", spec, gate=60)
        except RemedyError as error:
            return str(error)
    return ""


@pytest.mark.parametrize(
    ("check", "update", "within"),
    [
        (None, {}, 65),
        ({"Retries": 2, "Interval": 0}, {}, 65),
        ({"Test": TEST, "Interval": 66 * SECOND}, {"Delay": 0, "Monitor": 0}, 65),
        (None, {"Delay": 230 * SECOND, "Monitor": 10 * SECOND}, 300),
    ],
)
def test_those_that_come_too_late(
    check: dict[str, Any] | None, update: dict[str, Any], within: int, tmp_path: Path
) -> None:
    first = 66 if check and check["Interval"] else 300
    assert refused(tmp_path, check, update) == (
        f"the healthcheck of shop_web first runs after {first} s, and it is to be healthy in {within} s "
        f"(set --gate-seconds or remediate.gate to more than {first})"
    )


@pytest.mark.parametrize(
    ("check", "update", "here"),
    [
        ({"Test": ["NONE"]}, {}, True),
        ({"Interval": 64 * SECOND}, {}, True),
        (None, {"Delay": 231 * SECOND, "Monitor": 10 * SECOND}, True),
        (None, {}, False),  # what the image says is not known
        ({"Interval": 300 * SECOND}, {}, False),
    ],
)
def test_those_that_may_be_in_time(
    check: dict[str, Any] | None, update: dict[str, Any], here: bool, tmp_path: Path
) -> None:
    assert refused(tmp_path, check, update, here=here) == ""
