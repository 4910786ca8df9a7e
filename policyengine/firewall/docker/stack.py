"""A project as a Swarm would run it: ``docker stack deploy``.

https://docs.docker.com/engine/swarm/ingress/. Its networks are overlays; what leads out of its containers is a bridge
of each node, without icc; published ports are taken by every node on all of its addresses, whatever address is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.firewall.docker.facts import Attachment, EngineNetwork, Subnet
from policyengine.firewall.docker.ingress import GATEWAY, SERVICE

if TYPE_CHECKING:
    from policyengine.firewall.docker.facts import Engine, EngineContainer, Published

_SUBNET = Subnet(4, "172.18.0.0/16", (172 << 24) + (18 << 16) + 1)
"""The range that the bridge has where nothing else was there before it; one that stands for whichever it is."""

_CHOSEN = 30000
"""The first of the ports that a Swarm chooses from, where none is written."""


def stacked(engine: Engine) -> Engine:
    """The engine of a node that runs all of a project."""
    relay = (_SUBNET.gateway or 0) + 1
    bridge = EngineNetwork(GATEWAY, bridge=GATEWAY, subnets=(_SUBNET,), icc=False, relay=relay)
    networks = [
        replace(one, driver="overlay") if one.driver == "bridge" and one.known else one for one in engine.networks
    ]
    containers = [_task(one, relay + 1 + index) for index, one in enumerate(engine.containers)]
    return replace(engine, networks=(*networks, bridge), containers=tuple(containers))


def _task(container: EngineContainer, address: int) -> EngineContainer:
    if container.mode:
        return container
    return replace(
        container,
        labels={**container.labels, SERVICE: container.service},
        attachments=(*container.attachments, Attachment(GATEWAY, address)),
        ports=tuple(_taken(port, index) for index, port in enumerate(container.ports)),
    )


def _taken(port: Published, index: int) -> Published:
    first = _CHOSEN + index if port.first is None else port.first
    return replace(port, first=first, last=first, host_ip="", ingress=True)
