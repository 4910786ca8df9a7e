"""What may differ between a container and the one in its place: no more than the table says."""

from __future__ import annotations

from typing import Any

import pytest

from policyengine.remediation.docker.differences import CHANGES, unexpected
from tests.remediation.docker.inspects import ID, container

NEW = "e" * 64
ANONYMOUS = "f" * 64
VOLUME = {"Type": "volume", "Name": ANONYMOUS, "Destination": "/data", "RW": True, "Mode": ""}


def new(**parts: Any) -> dict[str, Any]:
    return container(id_=NEW, **parts)


@pytest.mark.parametrize(
    ("old", "anew"),
    [
        (container(), new(Created="now", State={}, RestartCount=1, LogPath="/x")),
        (container(Config={"Env": ["A=1", "B=2"]}), new(Config={"Env": ["B=2", "A=1"]})),
        (container(Mounts=[VOLUME]), new(Mounts=[VOLUME], HostConfig={"Binds": [f"{ANONYMOUS}:/data:nocopy"]})),
        (
            container(Mounts=[VOLUME], HostConfig={"Mounts": [{"Type": "volume", "Target": "/data"}]}),
            new(Mounts=[VOLUME], HostConfig={"Mounts": [{"Type": "volume", "Target": "/data", "Source": ANONYMOUS}]}),
        ),
        (container(HostConfig={"Links": ["/db:/web/sql"]}), new(HostConfig={"Links": ["/db:/web.new/sql"]})),
        (container(), new(Config={"Labels": {"ours": "1"}})),
    ],
)
def test_expected(old: dict[str, Any], anew: dict[str, Any]) -> None:
    old, anew = ({"Mounts": [], **one} for one in (old, anew))
    for key in ("Binds", "Mounts"):
        for one in (old, anew):
            one["HostConfig"].setdefault(key, None)
    assert unexpected(old, anew, frozenset({"ours"})) == []


@pytest.mark.parametrize(
    ("old", "anew", "path"),
    [
        (container(), new(Config={"Hostname": "web"}), "Config.Hostname"),
        (container(Config={"Env": ["A=1"]}), new(Config={"Env": ["A=2"]}), "Config.Env"),
        (container(), new(Config={"User": "0"}), "Config.User"),
        (container(), new(Config={"Labels": {"theirs": "1"}}), "Config.Labels.theirs"),
        (container(), new(HostConfig={"Privileged": True}), "HostConfig.Privileged"),
        (container(), new(HostConfig={"Binds": ["/:/host"]}), "HostConfig.Binds"),
        (container(HostConfig={"Binds": ["/a:/a"]}), new(HostConfig={"Binds": None}), "HostConfig.Binds"),
        (container(Mounts=[VOLUME]), new(Mounts=[{**VOLUME, "Name": "other"}]), "Mounts"),
        (container(Mounts=[VOLUME]), new(Mounts=[{**VOLUME, "RW": False}]), "Mounts"),
        (container(Mounts=[VOLUME]), new(), "Mounts"),
        (
            container(HostConfig={"Links": ["/db:/web/sql"]}),
            new(HostConfig={"Links": ["/x:/web/sql"]}),
            "HostConfig.Links",
        ),
        (container(), new(NetworkSettings={"Networks": {"bridge": {"Aliases": ["a"]}}}), "NetworkSettings"),
        (container(), new(NetworkSettings={"Networks": {}}), "NetworkSettings"),
        (container(Config={"ExposedPorts": {"1/tcp": {}}}), new(Config={"ExposedPorts": {}}), "Config.ExposedPorts"),
    ],
)
def test_unexpected(old: dict[str, Any], anew: dict[str, Any], path: str) -> None:
    assert unexpected(old, anew) == [path]


def test_each_has_its_reason() -> None:
    assert all(change.reason for change in CHANGES.values())
    assert unexpected(container(), container()) == []
    assert ID != NEW
