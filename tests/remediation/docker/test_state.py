"""What counts as the state that a plan is made for."""

from __future__ import annotations

from typing import Any

import pytest

from policyengine.remediation.docker.state import names, state
from tests.remediation.docker.inspects import container

MOUNTS = [{"Destination": "/a", "Source": "/1"}, {"Destination": "/b", "Source": "/2"}]


def networks(**endpoint: Any) -> dict[str, Any]:
    return {"NetworkSettings": {"Networks": {"bridge": {"Aliases": None, **endpoint}}}}


@pytest.mark.parametrize(
    "moved",
    [
        container(id_="e" * 64),
        container("other"),
        container(Image="sha256:2"),
        container(State={"Running": False}),
        container(State={"Running": True, "Paused": True}),
        container(Config={"Env": ["A=1"]}),
        container(HostConfig={"Memory": 1}),
        container(HostConfig={"RestartPolicy": {"Name": "always"}}),
        container(Mounts=MOUNTS),
        container(**networks(Aliases=["api"])),
        container(NetworkSettings={"Networks": {"bridge": {}, "shop": {}}}),
    ],
)
def test_moved(moved: dict[str, Any]) -> None:
    assert state(moved) != state(container())


@pytest.mark.parametrize(
    ("same", "other"),
    [
        (container(), container(RestartCount=3, Created="2026", ExecIDs=["1"])),
        (container(), container(State={"Running": True, "Paused": False, "Pid": 7, "Health": {"Status": "healthy"}})),
        (container(), container(**networks(IPAddress="172.17.0.9", MacAddress="02:42:ac:11:00:09"))),
        (container(Mounts=MOUNTS), container(Mounts=MOUNTS[::-1])),
        (container(HostConfig={"A": 1, "B": 2}), container(HostConfig={"B": 2, "A": 1})),
    ],
)
def test_not_moved(same: dict[str, Any], other: dict[str, Any]) -> None:
    assert state(same) == state(other)


def test_it_is_a_hash() -> None:
    assert len(state(container(Config={"Env": ["PASSWORD=hunter2"]}))) == 64
    assert len(names) == len(set(names)) == 9
