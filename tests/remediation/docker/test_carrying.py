"""What is carried over, where no engine is needed to tell."""

from __future__ import annotations

from typing import Any

import pytest

from policyengine.errors import RemedyError
from policyengine.remediation.docker.carrying import carried
from tests.remediation.docker.inspects import ID, container, image

ANONYMOUS = "f" * 64


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            container(HostConfig={"AutoRemove": True}),
            "web: it is removed as soon as it stops (--rm), so that nothing could be put back (run it without --rm)",
        ),
        (container(State={"Status": "dead"}), "web: the engine is about to remove it: it is dead"),
        (container(State={"Status": "removing"}), "web: the engine is about to remove it: it is removing"),
        (container(Platform="windows"), "web: only Linux containers are replaced"),
        (
            container(NetworkSettings={"Networks": {}}),
            "web: it is disconnected from all its networks, and a new one would be attached again "
            "(connect it to a network, or remove it)",
        ),
    ],
)
def test_refused(answer: dict[str, Any], said: str) -> None:
    with pytest.raises(RemedyError) as error:
        carried(answer, image())
    assert str(error.value) == said


def test_an_image_that_is_gone() -> None:
    answer = container(Config={"Env": ["A=1"], "User": "5"})
    with pytest.raises(RemedyError) as error:
        carried(answer, None)
    assert str(error.value) == (
        "web: its image is gone from the engine: what comes from that cannot be told from what was asked for "
        "(pull the image again, or have all that it has carried over)"
    )
    body = carried(answer, None, image(User="7"), keep_all=True)
    assert (body.config["Env"], body.config["User"]) == (["A=1"], "5")
    assert body.notes == ("its image is gone: all that it had from that is kept as if it had been asked for",)
    assert body.defaults == {"User": "7"}


def test_anonymous_volumes_are_pinned() -> None:
    mounts = [
        {"Type": "volume", "Name": ANONYMOUS, "Destination": "/data", "RW": True},
        {"Type": "volume", "Name": "named", "Destination": "/named", "RW": True},
        {"Type": "volume", "Name": "a" * 64, "Destination": "/mounted", "RW": True},
        {"Type": "bind", "Source": "/srv", "Destination": "/srv", "RW": True},
        {"Type": "volume", "Name": "b" * 64, "Destination": "/others", "RW": True},
    ]
    host = {
        "Binds": ["named:/named", "/srv:/srv"],
        "Mounts": [{"Type": "volume", "Target": "/mounted"}],
        "VolumesFrom": ["db"],
    }
    body = carried(container(Mounts=mounts, HostConfig=host, Config={"Volumes": {"/data": {}}}), image())
    asked = body.config["HostConfig"]
    assert isinstance(asked, dict)
    assert asked["Binds"] == ["named:/named", "/srv:/srv", f"{ANONYMOUS}:/data:nocopy"]
    assert asked["Mounts"] == [{"Type": "volume", "Target": "/mounted", "Source": "a" * 64}]
    assert body.volumes == (ANONYMOUS, "a" * 64)
    assert body.notes == (
        "2 anonymous volumes are kept and mounted by name: no longer removed together with the container",
        "what it mounts of other containers (--volumes-from) is as they have it then",
    )


def test_endpoints() -> None:
    """Only what was asked for; the network that it was made with comes first."""
    networks: dict[str, Any] = {
        "b": {
            "IPAMConfig": {"IPv4Address": "10.0.0.5"},
            "Aliases": ["api", ID[:12]],
            "Links": ["db:sql"],
            "DriverOpts": {"x": "y"},
            "IPAddress": "10.0.0.5",
            "MacAddress": "02:42:0a:00:00:05",
            "NetworkID": "1",
            "EndpointID": "2",
            "DNSNames": ["web"],
        },
        "a": {"IPAMConfig": {}, "Aliases": [ID[:12]], "IPAddress": "10.1.0.7", "GwPriority": 7},
    }
    answer = container(HostConfig={"NetworkMode": "b"}, NetworkSettings={"Networks": networks})
    body = carried(answer, image())
    assert body.endpoints == {
        "b": {
            "IPAMConfig": {"IPv4Address": "10.0.0.5"},
            "Aliases": ["api"],
            "Links": ["db:sql"],
            "DriverOpts": {"x": "y"},
        },
        "a": {"GwPriority": 7},
    }
    assert list(body.endpoints) == ["b", "a"]
    assert body.notes == (
        "MAC addresses that were asked for of networks other than the first are not told, and not carried over",
    )


@pytest.mark.parametrize(
    ("config", "host", "machine", "expected"),
    [
        ({"Hostname": ID[:12]}, {}, "", None),
        ({"Hostname": "web"}, {}, "", "web"),
        ({"Hostname": "node1"}, {"NetworkMode": "host"}, "node1", None),
        ({"Hostname": "node1"}, {"NetworkMode": "host"}, "", "node1"),
        ({"Hostname": "web"}, {"NetworkMode": "host"}, "node1", "web"),
        ({"Hostname": "node1"}, {}, "node1", "node1"),
        ({"Hostname": ID[:12]}, {"UTSMode": "host"}, "", None),
        ({"Hostname": "node1"}, {"UTSMode": "host"}, "", None),
        ({"Hostname": "other"}, {"NetworkMode": "container:other"}, "", None),
    ],
)
def test_host_names(config: dict[str, str], host: dict[str, str], machine: str, expected: str | None) -> None:
    networks: dict[str, Any] = {"host": {}} if host.get("NetworkMode") == "host" else {"bridge": {}}
    answer = container(Config=config, HostConfig=host, NetworkSettings={"Networks": networks})
    assert carried(answer, image(), machine=machine).config.get("Hostname") == expected


def test_what_shares_another_s_network_has_its_ports_and_names() -> None:
    config = {"Hostname": "other", "Domainname": "example.org", "ExposedPorts": {"80/tcp": {}}}
    answer = container(Config=config, HostConfig={"NetworkMode": "container:other"}, NetworkSettings={"Networks": {}})
    body = carried(answer, None, keep_all=True)
    assert body.endpoints == {}
    assert not {"Hostname", "Domainname", "ExposedPorts"} & set(body.config)
