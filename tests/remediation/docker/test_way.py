"""Which way a container can be replaced, and why: tables of what it has -> the way."""

from __future__ import annotations

from typing import Any

import pytest

from policyengine.remediation.docker.body import Body
from policyengine.remediation.docker.inspected import read
from policyengine.remediation.docker.way import way

RUNNING = {"Status": "running", "Running": True}
CHECKED = {**RUNNING, "Health": {"Status": "healthy"}}
FIXED = {"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}}


def container(host: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    host = {"NetworkMode": "net", **(host or {})}
    return {"Id": "a" * 64, "Name": "/web", "State": RUNNING, "Config": {}, "HostConfig": host, **more}


def written(path: str, source: str = "/var/lib/docker/x", **more: Any) -> dict[str, Any]:
    return {"Type": "volume", "Source": source, "Destination": path, "RW": True, **more}


def judged(told: dict[str, Any], endpoints: dict[str, Any] | None = None, **options: bool) -> tuple[str, str, object]:
    config = {**told["Config"], "HostConfig": told["HostConfig"]}
    return tuple(way(told, Body(config, endpoints or {"net": {}}), **options))  # type: ignore[return-value]


ANYTHING = ("side-by-side", "it has nothing that only one can have", 0.0)


@pytest.mark.parametrize(
    ("told", "endpoints", "expected"),
    [
        (container(), None, ANYTHING),
        (container({"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": ""}]}}), None, ANYTHING),
        (container({"PortBindings": {"80/tcp": None}}), None, ANYTHING),
        (container(Mounts=[written("/data", RW=False)]), None, ANYTHING),
        (container(Mounts=[written("/tmp", "", Type="tmpfs")]), None, ANYTHING),
        (container(Mounts=[written("/s", "/run/docker.sock", Type="bind")]), None, ANYTHING),
        (container(FIXED), None, ("warm", "its port 8080 of the host is fixed, which only one can have", 0.3)),
        (
            container(),
            {"net": {"IPAMConfig": {"IPv4Address": "10.0.0.7"}}},
            ("warm", "its address in net is fixed, which only one can have", 0.3),
        ),
        (
            container(Config={"MacAddress": "02:42:ac:11:00:99"}),
            None,
            ("warm", "its MAC address is fixed, which only one can have", 0.3),
        ),
        (
            container(FIXED, Mounts=[written("/data")]),
            None,
            ("stop-first", "two at once might harm each other's data in /data", 1.0),
        ),
        (
            container({"NetworkMode": "host"}, State=CHECKED),
            None,
            ("stop-first", "it listens in the network of the host, where two may want the same port", 31.0),
        ),
        (
            container({"NetworkMode": "container:b"}),
            None,
            ("stop-first", "it shares the network of another container, where two may want the same port", 1.0),
        ),
        (
            container({"Links": ["/db:/web/db"]}),
            None,
            ("stop-first", "it is linked to others, which engines set up as it starts", 1.0),
        ),
        (
            container({"Devices": [{"PathOnHost": "/dev/ttyS0"}]}),
            None,
            ("stop-first", "it has devices, which two may not be able to use at once", 1.0),
        ),
        (container(FIXED, State={"Status": "exited"}), None, ("stop-first", "it does not run", None)),
    ],
)
def test_the_way(told: dict[str, Any], endpoints: dict[str, Any] | None, expected: tuple[str, str, object]) -> None:
    assert judged(told, endpoints) == expected


def test_what_somebody_knows_of_its_volumes() -> None:
    told = container(FIXED, Mounts=[written("/data")])
    assert judged(told, volumes_shared=True)[0] == "warm"


def test_one_that_is_replaced_with_another_whose_network_it_shares() -> None:
    assert judged(container({"NetworkMode": "container:b"}), {}, following=True) == ANYTHING


def test_what_is_told_of_networks() -> None:
    told = container(
        Config={"MacAddress": "02:42:ac:11:00:99"},
        NetworkSettings={
            "Networks": {
                "net": {
                    "Aliases": ["web", "a" * 12],
                    "IPAMConfig": {},
                    "Links": None,
                    "IPAddress": "10.0.0.2",
                    "DriverOpts": {"k": "v"},
                }
            }
        },
    )
    assert read(told).networks == {
        "net": {"Aliases": ["web"], "DriverOpts": {"k": "v"}, "MacAddress": "02:42:ac:11:00:99"}
    }
    assert read({**told, "HostConfig": {"NetworkMode": "host"}}).networks == {}
