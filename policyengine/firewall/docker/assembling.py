"""The parts that resources say of one scope, put together to its engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from policyengine.firewall.docker import ingress
from policyengine.firewall.docker.addressing import addressed
from policyengine.firewall.docker.facts import Attachment, Engine, EngineContainer, EngineNetwork
from policyengine.firewall.docker.network import DockerNetwork
from policyengine.firewall.docker.resources import NOTHING, ContainerPart, EnginePart, NetworkPart, part_of
from policyengine.firewall.docker.stack import stacked
from policyengine.firewall.docker.versions import AnyVersion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policyengine.firewall.docker.resources import Part
    from policyengine.firewall.reach import Network
    from policyengine.model.resource import Resource
    from policyengine.model.scope import Scope


class Live(Protocol):
    """Reads the rules of the host that an engine works on, and makes a network of them; None where there is no way."""

    def __call__(self, engine: Engine, scope: Scope) -> Network | None:
        """The network of the engine that a scope is."""


def networks(resources: Iterable[Resource], live: Live | None = None) -> list[Network]:
    """The networks of the engines and projects that resources are of, one for each scope."""
    parts: dict[tuple[str, str, str], list[Part]] = {}
    scopes: dict[tuple[str, str, str], Scope] = {}
    for resource in resources:
        part = part_of(resource)
        if part is not None:
            scopes[resource.scope.key] = resource.scope
            parts.setdefault(resource.scope.key, []).append(part)
    return [network_of(scopes[key], found, live) for key, found in parts.items()]


def network_of(scope: Scope, parts: Sequence[Part], live: Live | None = None) -> Network:
    """The network of one scope.

    A project may be run by an engine of any version (see ``AnyVersion``) that is as it is installed: it has turned
    forwarding on itself, and so has FORWARD's policy be DROP: https://docs.docker.com/engine/network/packet-filtering-firewalls/.
    """
    if scope.kind == "docker":
        engine = engine_of(f"docker://{scope.name}", parts)
        return (live and live(engine, scope)) or DockerNetwork(engine)
    project = replace(engine_of(f"compose:{scope.name}", parts), forward_policy="drop")
    return AnyVersion(*(addressed(one, parts) for one in _run_by(project, parts)))


def _run_by(project: Engine, parts: Sequence[Part]) -> list[Engine]:
    """The engines that a project may be run by: only a Swarm makes overlays, and heeds some of what is written."""
    if any(network.driver == "overlay" for network in project.networks):
        return [stacked(project)]
    if any(isinstance(part, ContainerPart) and part.of_swarm for part in parts):
        return [project, stacked(project)]
    return [project]


def engine_of(name: str, parts: Sequence[Part]) -> Engine:
    """The engine that the parts are of."""
    settings = next((part for part in parts if isinstance(part, EnginePart)), EnginePart(None, None, nftables=False))
    made = sorted((part for part in parts if isinstance(part, NetworkPart)), key=lambda part: part.created)
    containers = [part for part in parts if isinstance(part, ContainerPart)]
    known = [part.network for part in made]
    there = {network.name for network in known}
    named = dict.fromkeys(name for part in containers for name in part.networks if name not in there)
    networks = [*known, *(_absent(name) for name in named)]
    return Engine(
        name=name,
        version=settings.version,
        networks=tuple(networks),
        containers=tuple(_spread(_attached(part, made), settings) for part in containers),
        backend="nftables" if settings.nftables else "iptables",
        filters_bridged=settings.filters_bridged,
        ingress_known=settings.ingress is not None,
    )


def _spread(container: EngineContainer, settings: EnginePart) -> EngineContainer:
    """A container of a Swarm's service with the ports that every node takes for it."""
    own = tuple(port for name, port in settings.ingress or () if ingress.is_of(container, name))
    return replace(container, ports=(*container.ports, *own)) if own else container


def _absent(name: str) -> EngineNetwork:
    """A network that is named and not told of: the project's own ``default``, the engine's, or one made elsewhere."""
    if name in ("default", "bridge"):
        return EngineNetwork(name, bridge="docker0" if name == "bridge" else "")
    return EngineNetwork(name, driver="", known=False)


def _attached(part: ContainerPart, made: Sequence[NetworkPart]) -> EngineContainer:
    """A container with its addresses, as networks tell them. A Swarm's containers have a way out of their own."""
    told = {(one.network.name, each.container): each for one in made for each in one.endpoints}
    found = []
    for network in dict.fromkeys((*part.networks, *(one.network.name for one in made))):
        endpoint = told.get((network, part.container.name))
        asked = part.asked.get(network, NOTHING)
        if endpoint is not None:
            found.append(Attachment(network, endpoint.ipv4, endpoint.ipv6, asked.priority))
        elif network in part.networks:
            found.append(Attachment(network, asked.ipv4, asked.ipv6, asked.priority))
    return replace(part.container, attachments=tuple(found))
