"""What a container has mounted, and what an engine makes for it."""

from __future__ import annotations

from policyengine.remediation.docker.mounts import places
from tests.remediation.docker.inspects import container


def test_where_an_engine_makes_something_by_itself() -> None:
    made = container(
        Config={"WorkingDir": "/work"},
        HostConfig={
            "Init": True,
            "Tmpfs": {"/scratch": "size=1m"},
            "Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/opt/null", "CgroupPermissions": "r"}],
        },
        Mounts=[{"Type": "volume", "Name": "data", "Destination": "/data"}],
    )
    assert places(made) == ["/data", "/scratch", "/opt/null", "/sbin/docker-init", "/work"]


def test_without_anything_of_that_kind() -> None:
    assert places(container(Mounts=None)) == ["/sbin/docker-init"]
