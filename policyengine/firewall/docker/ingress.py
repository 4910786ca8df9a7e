"""What a Swarm's nodes do for ports that services publish by the mesh: every node takes them on every address.

``libnetwork/service_linux.go`` (``programIngress``): the chains DOCKER-INGRESS lead them to the sandbox of the network
``ingress``, on the bridge ``docker_gwbridge``; from there IPVS spreads them over the tasks of the service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from policyengine.firewall.docker.facts import Engine, EngineContainer
    from policyengine.firewall.docker.spelling import Sheet
    from policyengine.model.location import Location

GATEWAY = "docker_gwbridge"
SANDBOX = "ingress-sbox"
"""The endpoint on that bridge that all such packets are led to."""


SERVICE = "com.docker.swarm.service.name"
"""The label by which a container tells the service that it is of."""


def is_of(container: EngineContainer, service: str) -> bool:
    """Whether a container is of a Swarm's service."""
    return container.labels.get(SERVICE) == service


class Spread(Struct, frozen=True):
    """A port that every node takes, and the port of the service's tasks that it leads to."""

    port: int
    protocol: str
    target: int
    service: str
    where: Location | None


def spread(engine: Engine) -> list[Spread]:
    """All such ports, each once."""
    found = {
        (port.first, port.protocol): Spread(port.first, port.protocol, port.target, one.service or one.name, port.where)
        for one in engine.containers
        for port in one.ports
        if port.ingress and port.first is not None
    }
    return list(found.values())


def sandbox(engine: Engine) -> int | None:
    """The address of the sandbox; None where the engine is in no Swarm."""
    bridge = engine.network(GATEWAY)
    return bridge.relay if bridge else None


def forward(sheet: Sheet, engine: Engine, chain: str) -> None:
    """The chain of the table ``filter``, and the way into it."""
    say, ports = sheet.language, spread(engine)
    if say.family != 4 or sandbox(engine) is None:
        return
    sheet.chain("DOCKER-INGRESS")
    sheet.add(chain, [], say.jump("DOCKER-INGRESS"))
    for one in ports:
        sheet.add("DOCKER-INGRESS", [say.port(one.protocol, one.port)], say.accept(), one.where)
        old = [say.from_port(one.protocol, one.port), say.known()]
        sheet.add("DOCKER-INGRESS", old, say.accept(), one.where)
    sheet.add("DOCKER-INGRESS", [], say.back())


def nat(sheet: Sheet, engine: Engine) -> None:
    """The chain of the table ``nat``, before the engine's own."""
    say, address = sheet.language, sandbox(engine)
    if say.family != 4 or address is None:
        return
    sheet.chain("DOCKER-INGRESS")
    for chain in ("PREROUTING", "OUTPUT"):
        sheet.add(chain, [say.local("destination")], say.jump("DOCKER-INGRESS"))
    for one in spread(engine):
        parts = [say.port(one.protocol, one.port)]
        sheet.add("DOCKER-INGRESS", parts, say.dnat(address, one.port), one.where)
    sheet.add("DOCKER-INGRESS", [], say.back())
    sheet.add("POSTROUTING", [say.out(GATEWAY), say.local("source")], say.masquerade())
