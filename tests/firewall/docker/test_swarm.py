"""Ports that a Swarm's services have on every node: an engine's answers, and the whole matrix."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.firewall.docker.test_projects import matrix, read

if TYPE_CHECKING:
    from pathlib import Path

OWN = "the rules of the host itself: an engine does not tell them"
FORWARD_DROPS = "the chain FORWARD has the policy DROP, as where the engine has turned forwarding on"
MANAGERS = "the ports that its service has on every node: only managers of a Swarm know them"


def container(name: str, id_: str, service: str, *networks: str) -> dict[str, Any]:
    labels = {"com.docker.swarm.service.name": service} if service else {}
    return {
        "Id": id_,
        "Name": f"/{name}",
        "Config": {"Labels": labels},
        "HostConfig": {"NetworkMode": "default"},
        "NetworkSettings": {"Networks": {one: {} for one in networks}},
    }


def network(name: str, driver: str, subnet: str, **containers: tuple[str, str]) -> dict[str, Any]:
    options = {"com.docker.network.bridge.name": name, "com.docker.network.bridge.enable_icc": "false"}
    found = {id_: {"Name": called, "IPv4Address": address} for id_, (called, address) in containers.items()}
    gateway = f"{subnet.rpartition('.')[0]}.1"
    ipam = {"Config": [{"Subnet": subnet, "Gateway": gateway}]}
    options = options if driver == "bridge" else {}
    return {"Name": name, "Driver": driver, "Options": options, "IPAM": ipam, "Containers": found}


PORTS = [
    {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080, "PublishMode": "ingress"},
    {"Protocol": "udp", "TargetPort": 53, "PublishedPort": 5353},
    {"Protocol": "tcp", "TargetPort": 22, "PublishedPort": 2222, "PublishMode": "host"},
]
SNAPSHOT: dict[str, Any] = {
    "docker_snapshot": 1,
    "context": "node",
    "info": {"Name": "node", "ServerVersion": "27.5.1", "Swarm": {"LocalNodeState": "active"}},
    "containers": [
        container("web.1.x", "a1", "web", "ingress", "front"),
        container("app.1.y", "b2", "app", "front"),
        container("db.1.z", "c3", "db", "back"),
    ],
    "networks": [
        network(
            "docker_gwbridge",
            "bridge",
            "172.18.0.0/16",
            **{"ingress-sbox": ("gateway_ingress-sbox", "172.18.0.2/16")},
            a1=("gateway_1", "172.18.0.3/16"),
            b2=("gateway_2", "172.18.0.4/16"),
            c3=("gateway_3", "172.18.0.5/16"),
        ),
        network("ingress", "overlay", "10.0.0.0/24", a1=("web.1.x", "10.0.0.3/24")),
        network("front", "overlay", "10.0.1.0/24", a1=("web.1.x", "10.0.1.3/24"), b2=("app.1.y", "10.0.1.4/24")),
        network("back", "overlay", "10.0.2.0/24", c3=("db.1.z", "10.0.2.3/24")),
    ],
    "services": [{"ID": "s1", "Spec": {"Name": "web"}, "Endpoint": {"Ports": PORTS}}],
}

MATRIX = f"""\
app.1.y -> db.1.z: tcp/8080, udp/5353
app.1.y -> host: perhaps everything but tcp/8080, udp/5353: {OWN}
app.1.y -> lan: everything
app.1.y -> web.1.x: everything
db.1.z -> app.1.y: tcp/8080, udp/5353
db.1.z -> host: perhaps everything but tcp/8080, udp/5353: {OWN}
db.1.z -> lan: everything
db.1.z -> web.1.x: tcp/80, tcp/8080, udp/53, udp/5353
host -> app.1.y: everything
host -> db.1.z: everything
host -> lan: everything
host -> web.1.x: everything
lan -> app.1.y: tcp/8080, udp/5353, perhaps everything but tcp/8080, udp/5353: {FORWARD_DROPS}
lan -> db.1.z: tcp/8080, udp/5353, perhaps everything but tcp/8080, udp/5353: {FORWARD_DROPS}
lan -> host: perhaps everything: {OWN}
lan -> web.1.x: tcp/80, tcp/8080, udp/53, udp/5353, perhaps everything but tcp/80, udp/53: {FORWARD_DROPS}
web.1.x -> app.1.y: everything
web.1.x -> db.1.z: tcp/8080, udp/5353
web.1.x -> host: perhaps everything but tcp/8080, udp/5353: {OWN}
web.1.x -> lan: everything
"""
"""What DOCKER-INGRESS accepts it accepts to whatever address: a container that a packet is sent to straight, too."""


def told(home: Path, snapshot: dict[str, Any]) -> str:
    return matrix(read(home, "snapshot.json", json.dumps(snapshot)))


def test_every_node_takes_what_services_publish(tmp_path: Path) -> None:
    assert told(tmp_path, SNAPSHOT) == MATRIX


def test_workers_do_not_know(tmp_path: Path) -> None:
    found = told(tmp_path, {name: part for name, part in SNAPSHOT.items() if name != "services"})
    lines = dict(line.split(": ", 1) for line in found.splitlines())
    assert lines["lan -> web.1.x"].endswith(f"{FORWARD_DROPS}; {MANAGERS}")
    assert lines["db.1.z -> web.1.x"] == f"perhaps tcp/0, udp/0, sctp/0: {MANAGERS}"
    assert lines["app.1.y -> web.1.x"] == "everything"
