"""What hangs on a container is replaced with it, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policyengine.connections.docker import connected
from policyengine.connections.docker_context import Endpoint
from policyengine.remediation.docker.carrying import carried
from policyengine.remediation.docker.order import Gate, Order
from policyengine.remediation.docker.ordering import together
from tests.connections.engines import answering
from tests.remediation.docker.inspects import ID, container, image

if TYPE_CHECKING:
    from pathlib import Path

OTHER = "f" * 64
CHECKED = {"Status": "running", "Running": True, "Health": {"Status": "healthy"}}
STOPPED = {"Status": "exited", "Running": False}


@pytest.mark.parametrize(
    ("leader", "follower", "gap"),
    [
        ({}, {}, 22),  # each starts, and is watched
        ({}, {"State": CHECKED}, 11 + 31),  # a healthcheck says something after its interval
        ({}, {"State": STOPPED}, 11),
        ({"State": STOPPED}, {"State": STOPPED}, None),
    ],
)
def test_the_gap_to_expect(leader: dict[str, Any], follower: dict[str, Any], gap: float | None, tmp_path: Path) -> None:
    data = {"Type": "volume", "Name": "data", "Source": "/data", "Destination": "/data", "RW": True}
    web = container(Mounts=[data], **leader)
    side = container("side", OTHER, HostConfig={"NetworkMode": f"container:{ID}"}, **follower)
    answers = {
        "/containers/json": [{"Id": ID}, {"Id": OTHER}],
        f"/containers/{ID}/json": web,
        f"/containers/{OTHER}/json": side,
        f"/images/{image()['Id']}/json": image(),
        "/images/app:1/json": image(),
    }
    order = Order(web, carried(web, image()), "app:1", "run", "stop-first", Gate(stable=10))
    with answering(tmp_path / "s", answers) as host, connected(Endpoint("local", host)) as engine:
        found, how = together(engine, order)
    assert (found.way, how.gap, [one.container["Name"] for one in found.followers]) == ("stop-first", gap, ["/side"])
