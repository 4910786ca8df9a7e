"""What is predicted of a Compose project, from its file alone, is what connections do once it is up.

What all versions of Docker let through gets there, and nothing does that none lets through.
"""

from __future__ import annotations

import os
from itertools import product
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from policyengine.firewall.addresses import number, shown
from policyengine.firewall.docker.assembling import networks
from policyengine.sources import Reader
from tests.live.conftest import missing
from tests.live.firewall.lan import HERE, HERE6, Lan, lan
from tests.live.firewall.talking import Namespace, Reached, each_time, reached
from tests.live.firewall.test_docker_network import PORTS, of_container, within
from tests.live.projects import Made, plugin
from tests.once import ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from docker import DockerClient

    from policyengine.firewall.reach import Flows, Network, Place

pytestmark = [pytest.mark.live, ONCE]

PROJECT = f"""\
x-common: &common
  image: {{image}}
  stop_signal: SIGKILL
services:
  web:
    <<: *common
    ports: ["28190:80", "127.0.0.1:28191:81", "{HERE}:28192:82/udp"]
    networks: [front, back]
  app:
    <<: *common
    expose: ["80"]
    networks: [back]
  db:
    <<: *common
    ports: ["28193:80"]
    networks: [secret]
  cache: {{{{<<: *common, networks: [secret]}}}}
  agent: {{{{<<: *common, network_mode: host}}}}
  side: {{{{<<: *common, network_mode: "service:app"}}}}
  six:
    <<: *common
    ports: ["28194:80", "28194:81/udp"]
    networks: [wide]
networks:
  front: {{{{}}}}
  back: {{{{driver_opts: {{{{com.docker.network.bridge.enable_icc: "false"}}}}}}}}
  secret: {{{{internal: true}}}}
  wide: {{{{enable_ipv6: true, ipam: {{{{config: [{{{{subnet: "fd00:e6e:2::/64"}}}}]}}}}}}}}
"""

LISTENING = ("web", "app", "db", "cache", "six")
"""Those with a network of their own."""

PUBLISHED = (28190, 28191, 28192, 28193, 28194)


@pytest.fixture
def neighbourhood() -> Iterator[Lan]:
    with lan() as made:
        yield made


@pytest.fixture
def shop(engine: DockerClient, base: str, tmp_path: Path, neighbourhood: Lan) -> Iterator[Made]:
    """The project, up; it publishes on an address of the LAN."""
    plugins = plugin(tmp_path / "docker")
    if plugins is None:
        missing("Docker Compose is not here: pip install -e '.[ground-truth]'")
    directory = tmp_path / "shop"
    directory.mkdir()
    made = Made(engine, f"policyengine-test-{uuid4().hex[:10]}", directory, base, tmp_path / "state", plugins)
    made.write(PROJECT)
    try:
        made.up()
        yield made
    finally:
        made.down()


def predicted(shop: Made) -> tuple[Network, dict[str, Place]]:
    reader = Reader(dict(os.environ), (), (), None)
    found = [one for item in reader.items([str(shop.file)]) for one in reader.read(item).resources]
    (network,) = networks(found)
    places = {one.name: one for one in network.places()}
    return network, {**places, "lan": Lan.only(places["lan"])}


def told(flows: Flows) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    """What surely gets there, and what may."""
    return within(flows.allowed), within(flows.allowed) | within(flows.unknown)


def tried(shop: Made, outer: Namespace) -> set[Reached]:
    namespaces = {one: of_container(one, shop.client.containers.get(f"{shop.name}-{one}-1")) for one in LISTENING}
    addresses = [each for one in LISTENING for each in of_service(shop, one)]
    faces = [HERE, HERE6, "127.0.0.1", "::1", *gateways(shop)]
    host = {name: Namespace(name, "") for name in ("host", "agent")}
    side = {"side": namespaces["app"]._replace(name="side")}
    everybody = {**namespaces, **host, **side, "lan": outer}
    return reached(namespaces, everybody, PORTS, [*product(addresses, PORTS), *product(faces, PUBLISHED)])


def of_service(shop: Made, service: str) -> list[str]:
    told = shop.container(service)["NetworkSettings"]["Networks"].values()
    return [address for one in told for key in ("IPAddress", "GlobalIPv6Address") if (address := str(one[key]))]


def gateways(shop: Made) -> list[str]:
    mine = shop.client.networks.list(filters={"label": f"com.docker.compose.project={shop.name}"})
    for one in mine:
        one.reload()
    written = [each["Gateway"] for one in mine for each in one.attrs["IPAM"]["Config"] if each.get("Gateway")]
    return [shown(number(text, 6), 6) if ":" in text else text for text in written]


Wrong = tuple[str, str, str, str, int]


def differing(network: Network, places: dict[str, Place], truth: set[Reached]) -> Iterator[Wrong]:
    """What is surely told and is not so, and what is so and is not even possible as told."""
    for source, target in product(places, LISTENING):
        if source == target or {source, target} == {"app", "side"}:
            continue
        really = {(protocol, port) for one, other, protocol, port in truth if (one, other) == (source, target)}
        surely, perhaps = told(network.flows(places[source], places[target]))
        yield from ((source, target, "does not reach", *how) for how in surely - really)
        yield from ((source, target, "reaches", *how) for how in really - perhaps)


SURELY = {
    *(("lan", "web", "tcp", 80), ("lan", "web", "udp", 82), ("side", "web", "tcp", 80)),
    *(("lan", "six", "udp", 81), ("cache", "db", "udp", 80)),
}
"""What is so whatever anything says: the services listen, and those who try do try."""


def test_a_project_is_as_its_file_says(shop: Made, neighbourhood: Lan) -> None:
    network, places = predicted(shop)

    def wrong() -> set[Wrong]:
        truth = tried(shop, neighbourhood.neighbour)
        lacking = {
            (source, target, "does not reach", protocol, port) for source, target, protocol, port in SURELY - truth
        }
        return lacking | set(differing(network, places, truth))

    assert sorted(each_time(wrong)) == []
