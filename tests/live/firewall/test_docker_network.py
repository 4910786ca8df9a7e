"""What is predicted of an engine's networks and published ports is what connections really do.

Containers on bridges of all kinds, the host, and a network namespace that is a neighbour on its LAN all try to connect
to each other, by TCP and UDP, by IPv4 and IPv6: straight, by published ports of every address of the host, and to a
port of its loopback from outside.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Literal

import pytest
from docker.types import IPAMConfig, IPAMPool
from msgspec.structs import replace

from policyengine.firewall.addresses import shown
from policyengine.firewall.docker.assembling import engine_of
from policyengine.firewall.docker.facts import is_at_least
from policyengine.firewall.docker.network import LIVE, DockerNetwork
from policyengine.firewall.docker.predicted import predicted, whose
from policyengine.firewall.docker.resources import part_of
from policyengine.firewall.docker.surroundings import surroundings
from policyengine.inputs import docker
from policyengine.inputs.context import Context
from policyengine.networks import engines
from tests.firewall.docker.engines import lines
from tests.live.firewall.lan import HERE, HERE6, HOST, Lan, lan, run
from tests.live.firewall.talking import Namespace, Reached, each_time, reached
from tests.once import ONCE
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.firewall.docker.facts import Engine
    from policyengine.firewall.reach import Flows, Network, Place
    from policyengine.firewall.rules import Family
    from policyengine.model.resource import Resource
    from tests.live.conftest import Workbench

pytestmark = [pytest.mark.live, ONCE]

PORTS = (80, 81, 82)
"""What every container listens on."""

PROTOCOLS = ("tcp", "udp")


@pytest.fixture
def neighbourhood() -> Iterator[Lan]:
    with lan() as made:
        yield made


class Town:
    """Containers on networks of all kinds, with what they publish."""

    def __init__(self, bench: Workbench, base: str, host: Namespace = HOST) -> None:
        self.bench = bench
        self.host = host
        self.base = base
        self.published: list[int] = []
        without = {"com.docker.network.bridge.enable_icc": "false"}
        self.open = bench.network("open")
        self.apart = bench.network("apart", options=without)
        self.shut = bench.network("shut", internal=True)
        self.six = bench.network("six", enable_ipv6=True, ipam=_pools("fd00:e6e:1::/64"))
        self.start("web", self.open, {"80/tcp": 28180, "81/tcp": ("127.0.0.1", 28181), "82/tcp": (HERE, 28182)})
        self.start("peer", self.open, {"80/udp": 28180, "81/udp": ("127.0.0.1", 28181)})
        self.start("app", self.apart, {"81/tcp": 28183, "82/udp": 28183})
        self.start("other", self.apart, {})
        self.start("db", self.shut, {"80/tcp": 28184})
        self.start("cache", self.shut, {})
        self.start("dual", self.six, {"80/tcp": 28186, "81/udp": 28186, "82/tcp": ("::1", 28187)})
        self.start("twin", self.six, {})
        both = self.start("both", self.shut, {"82/tcp": 28185})
        bench.client.networks.get(self.apart).connect(both)
        self.start("shared", "", {}, network_mode=f"container:{both}")

    def start(self, short: str, network: str, ports: dict[str, Any], **options: object) -> str:
        self.published += [bound[1] if isinstance(bound, tuple) else bound for bound in ports.values()]
        where = {"network": network, "ports": ports} if network else {}
        return self.bench.create(self.base, short, start=True, **where, **options)

    def engine(self) -> Engine:
        """What the engine tells of its networks and containers."""
        parts = [part for one in told_by_engine() if (part := part_of(one)) is not None]
        found = engine_of("docker://local", parts)
        return replace(found, forward_policy=self.forward_policy(), ip6tables=is_at_least(found, 27))

    def forward_policy(self) -> Literal["accept", "drop"]:
        return "drop" if "-P FORWARD DROP" in self.run("iptables", "-S", "FORWARD") else "accept"

    def run(self, *command: str) -> str:
        """What a program says on the host."""
        return run(*self.host.entering, *command)

    def own(self, network: Network) -> dict[str, Place]:
        """The places of this test, by their short names."""
        places = network.places()
        found = {place.name.removeprefix(f"{self.bench.prefix}-"): place for place in places}
        mine = {short: place for short, place in found.items() if short != place.name}
        return {**mine, "host": found["host"], "lan": Lan.only(found["lan"])}

    def namespaces(self) -> dict[str, Namespace]:
        """Those of the containers that have one of their own."""
        own = f"{self.bench.prefix}-"
        mine = self.bench.client.containers.list(filters={"name": own})
        names = [str(one.name).removeprefix(own) for one in mine]
        return {short: self.namespace(short) for short in names if short != "shared"}

    def namespace(self, short: str) -> Namespace:
        return of_container(short, self.bench.client.containers.get(self.bench.name(short)))

    @property
    def networks(self) -> tuple[str, ...]:
        return self.open, self.apart, self.shut, self.six


def _pools(subnet: str) -> IPAMConfig:
    return IPAMConfig(pool_configs=[IPAMPool(subnet=subnet)])


def of_container(short: str, container: Any) -> Namespace:
    return Namespace(short, f"/proc/{container.attrs['State']['Pid']}/ns/net")


def told_by_engine() -> list[Resource]:
    return list(docker.read_live("docker://", Context()))


def by_live_rules() -> Network:
    """The engine's network by the live rules; asked again where another test's network went away meanwhile."""
    found: list[Network] = []

    def is_live() -> bool:
        found[:] = [engines.network(("", "", ""), told_by_engine())]
        return found[0].rules == LIVE

    until(is_live, "the engine's network goes by the live rules")
    return found[0]


def within(flows: Mapping[str, tuple[tuple[int, int], ...]]) -> set[tuple[str, int]]:
    return {
        (protocol, port)
        for protocol, port in product(PROTOCOLS, PORTS)
        if any(low <= port <= high for low, high in flows.get(protocol, ()))
    }


def sure(flows: Flows) -> set[tuple[str, int]]:
    assert not within(flows.unknown), flows.why
    return within(flows.allowed)


def told(network: Network, places: Mapping[str, Place]) -> set[Reached]:
    """Who reaches which container on what, as the network says."""
    containers = [short for short, place in places.items() if place.kind == "container"]
    return {
        (source, target, *flow)
        for source, target in product(places, containers)
        if is_asked(source, target)
        for flow in sure(network.flows(places[source], places[target]))
    }


def is_asked(source: str, target: str) -> bool:
    """The container ``shared`` is where ``both`` is: they are one, and nobody is asked about itself."""
    return source != target and {source, target} != {"both", "shared"}


def tried(network: DockerNetwork, town: Town, outer: Namespace) -> set[Reached]:
    """Who reaches which container on what, in truth. The container ``shared`` is where ``both`` listens."""
    places, namespaces = town.own(network), town.namespaces()
    straight = [
        shown(address, family)
        for short in namespaces
        for family in (4, 6)
        for address, _ in (places[short].ipv4 if family == 4 else places[short].ipv6) or ()
    ]
    own = [one for one in network.engine.networks if one.name in town.networks]
    gates = [shown(each.gateway, each.family) for one in own for each in one.subnets if each.gateway]
    faces = [HERE, HERE6, "127.0.0.1", "::1", *gates]
    targets = [*product(straight, PORTS), *product(faces, sorted(set(town.published)))]
    senders = {**namespaces, "shared": town.namespace("both")._replace(name="shared")}
    everybody = {**senders, "host": town.host, "lan": outer}
    found = reached(namespaces, everybody, PORTS, targets)
    found |= {(source, "shared", protocol, port) for source, target, protocol, port in found if target == "both"}
    return {one for one in found if is_asked(*one[:2])}


def rules(town: Town, engine: Engine, family: Family) -> tuple[list[str], list[str]]:
    """The rules about the bridges of the town: those that are predicted, and those that there are."""
    mine = [one.bridge for one in engine.networks if one.name in town.networks]
    texts = lines(predicted(engine), family)
    made = [f"{table}: {line}" for table in ("filter", "nat") for line in texts.get(table, ())]
    dump, there = "", []
    for line in town.run("iptables-save" if family == 4 else "ip6tables-save").splitlines():
        dump = line[1:] if line.startswith("*") else dump
        there.append(f"{dump}: {line}")
    return tuple(sorted(line for line in side if any(one in line for one in mine)) for side in (made, there))  # type: ignore[return-value]


SURELY = {
    *(("peer", "web", "tcp", 80), ("lan", "web", "tcp", 80), ("host", "db", "tcp", 80)),
    *(("lan", "peer", "udp", 80), ("twin", "dual", "udp", 81), ("lan", "dual", "tcp", 80)),
}
"""What is so whatever anything says: the containers listen, and those who try do try."""


def test_predicted_and_live_rules_say_what_connections_do(bench: Workbench, base: str, neighbourhood: Lan) -> None:
    town = Town(bench, base)
    engine = town.engine()
    by_model = DockerNetwork(engine, host=neighbourhood.around(surroundings(engine)))
    assert by_model.rules == whose(engine)
    made, there = rules(town, engine, 4)
    assert made == there

    def wrong() -> set[tuple[str, Reached]]:
        by_rules = by_live_rules()
        as_told = {"model": told(by_model, town.own(by_model)), "rules": told(by_rules, town.own(by_rules))}
        truth = tried(by_model, town, neighbourhood.neighbour)
        lacking = {("nobody", one) for one in SURELY - truth}
        return lacking | {(by, one) for by, found in as_told.items() for one in found ^ truth}

    assert sorted(each_time(wrong)) == []
