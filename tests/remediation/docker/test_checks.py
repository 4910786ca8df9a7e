"""When healthchecks first run, and which gates close before that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policyengine.connections.docker import connected
from policyengine.connections.docker_context import Endpoint
from policyengine.errors import RemedyError
from policyengine.remediation.docker.body import Body
from policyengine.remediation.docker.checks import check_of, first, in_time
from policyengine.remediation.docker.order import Gate
from tests.connections.engines import answering

if TYPE_CHECKING:
    from pathlib import Path

SECOND = 10**9
TEST = ["CMD", "true"]


@pytest.mark.parametrize(
    ("check", "api", "seconds"),
    [
        ({}, (1, 41), None),
        ({"Test": ["NONE"], "Interval": SECOND}, (1, 41), None),
        ({"Test": TEST}, (1, 41), 30),
        ({"Test": TEST, "Interval": 300 * SECOND}, (1, 41), 300),
        ({"Test": TEST, "Interval": 300 * SECOND, "StartPeriod": SECOND}, (1, 43), 300),
        ({"Test": TEST, "Interval": 300 * SECOND, "StartPeriod": SECOND}, (1, 44), 5),
        ({"Test": TEST, "Interval": 300 * SECOND, "StartPeriod": SECOND, "StartInterval": 2 * SECOND}, (1, 44), 2),
        ({"Test": TEST, "Interval": SECOND, "StartPeriod": SECOND}, (1, 44), 1),
        ({"Test": TEST, "Interval": 300 * SECOND, "StartInterval": SECOND}, (1, 44), 300),
    ],
)
def test_the_first_run(check: dict[str, Any], api: tuple[int, int], seconds: float | None) -> None:
    assert first(check, api) == seconds


def test_what_is_not_said_is_the_image_s() -> None:
    image = {"Healthcheck": {"Test": TEST, "Interval": 300 * SECOND}}
    assert check_of(Body({"Healthcheck": {"Retries": 2, "Interval": 0}}, defaults=image)) == {
        "Test": TEST,
        "Interval": 300 * SECOND,
        "Retries": 2,
    }
    assert check_of(Body({"Healthcheck": {"Test": ["NONE"]}}, defaults=image))["Test"] == ["NONE"]


def tried(path: Path, version: dict[str, Any], gate: float = 60) -> None:
    check = {"Test": TEST, "Interval": 60 * SECOND, "StartPeriod": SECOND}
    with (
        answering(path / "s", {"/version": {"ApiVersion": "1.41", **version}}) as host,
        connected(Endpoint("local", host, api_version="1.41")) as engine,
    ):
        in_time(engine, "web", check, Gate(gate))


def test_a_gate_that_closes_before(tmp_path: Path) -> None:
    with pytest.raises(RemedyError) as refused:
        tried(tmp_path, {})
    assert str(refused.value) == (
        "the healthcheck of web first runs after 60 s, and it is to be healthy in 60 s "
        "(set --gate-seconds or remediate.gate to more than 60)"
    )


@pytest.mark.parametrize(
    ("version", "gate"),
    [({}, 61), ({"ApiVersion": "1.44"}, 60), ({"Components": [{"Name": "Podman Engine"}]}, 60)],
)
def test_gates_that_may_be_passed(version: dict[str, Any], gate: float, tmp_path: Path) -> None:
    tried(tmp_path, version, gate)
