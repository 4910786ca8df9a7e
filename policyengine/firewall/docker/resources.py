"""What resources say of an engine's or a project's networks: the facts that decide who reaches whom.

Each resource is read by itself into something small (:func:`part_of`), so that a run need not keep it; the parts of a
scope make its engine (:func:`engine_of`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.firewall.addresses import number
from policyengine.firewall.docker.facts import EngineContainer, EngineNetwork, Published, Subnet
from policyengine.firewall.docker.unreading import NETWORKS, unknowns, unread
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.firewall.docker.facts import GatewayMode, Version
    from policyengine.firewall.rules import Family
    from policyengine.model.resource import Resource

ORIGINS = ("compose", "docker")
"""The input kinds whose resources are read."""

_VERSION = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})(?:\.([0-9]{1,4}))?").match
"""``28.0.1``, ``20.10.24+dfsg1``"""

_OPTION = "com.docker.network.bridge."
_SWARMS = ("endpoint_mode", "update_config", "rollback_config")
_GATEWAY_ENDPOINT = "gateway_"
_COMPOSE_SERVICE, _SWARM_SERVICE = "com.docker.compose.service", "com.docker.swarm.service.name"


class Endpoint(Struct, frozen=True):
    """A container's addresses on a network, as the network tells them."""

    container: str
    ipv4: int | None
    ipv6: int | None


class Asked(Struct, frozen=True):
    """What a container asks of a network: addresses, and its ``gw_priority``."""

    ipv4: int | None = None
    ipv6: int | None = None
    priority: int = 0


NOTHING = Asked()


class ContainerPart(Struct, frozen=True):
    """A container, its networks by name, and what is asked of these. ``of_swarm``: it is written for a Swarm."""

    container: EngineContainer
    networks: tuple[str, ...]
    asked: dict[str, Asked] = {}
    of_swarm: bool = False


class NetworkPart(Struct, frozen=True):
    """A network, when it was made, and who is on it."""

    network: EngineNetwork
    created: str = ""
    endpoints: tuple[Endpoint, ...] = ()
    ipv6: bool = False


class EnginePart(Struct, frozen=True):
    """An engine's settings."""

    version: Version | None
    filters_bridged: bool | None
    nftables: bool
    ingress: tuple[tuple[str, Published], ...] | None = ()
    """What services of a Swarm publish on every node, with their names; None: not known."""


Part = ContainerPart | NetworkPart | EnginePart


def part_of(resource: Resource) -> Part | None:
    """What a resource says of the network that it is in; None for one that says nothing of that."""
    if resource.origin in ORIGINS:
        if resource.kind == "container":
            return _container(resource)
        if resource.kind == "network":
            return _network(resource)
        if resource.kind == "engine":
            return _engine(resource)
    return None


def _container(resource: Resource) -> ContainerPart:
    facts = resource.facts
    networks = [name for name in _list(facts.get("networks")) if isinstance(name, str)]
    mode = facts.get("network_mode")
    labels = _labels(facts.get("labels"))
    service = labels.get(_COMPOSE_SERVICE) or labels.get(_SWARM_SERVICE) or ""
    if mode == "bridge":
        networks, mode = networks or ["bridge"], ""
    container = EngineContainer(
        name=resource.name,
        labels=labels,
        ports=tuple(_ports(resource)),
        mode=mode if isinstance(mode, str) else "",
        service=resource.name if resource.origin == "compose" else service,
        where=resource.where(),
        unread=tuple(unread(facts.get("ports"))),
        doubt=next((f"{NETWORKS}: {one.why}" for one in unknowns(facts.get("networks"), mode)), ""),
    )
    asked = _mapping(facts.get("network_attachments"))
    of_swarm = resource.origin == "compose" and _is_of_swarm(_mapping(facts.get("deploy")))
    wishes = {name: _asked(value) for name, value in asked.items()}
    return ContainerPart(container, tuple(networks), wishes, of_swarm)


def _is_of_swarm(deploy: Mapping[str, object]) -> bool:
    """Whether a service says what only a Swarm heeds: https://docs.docker.com/reference/compose-file/deploy/"""
    placement = _mapping(deploy.get("placement"))
    return deploy.get("mode") == "global" or any(placement.values()) or any(deploy.get(key) for key in _SWARMS)


def _asked(value: object) -> Asked:
    written = _mapping(value)
    priority = written.get("gw_priority")
    return Asked(
        _number(written.get("ipv4_address"), 4),
        _number(written.get("ipv6_address"), 6),
        priority if isinstance(priority, int) else 0,
    )


def _ports(resource: Resource) -> Iterable[Published]:
    for index, port in enumerate(_list(resource.facts.get("ports"))):
        if not isinstance(port, dict):
            continue
        target, protocol = port.get("target"), port.get("protocol", "tcp")
        if not isinstance(target, int) or not isinstance(protocol, str) or isinstance(port.get("host_ip"), Unknown):
            continue  # see :func:`unread`
        first, last = _range(port.get("published"))
        yield Published(
            target, protocol, first, last, _host_ip(resource, index, port), resource.where(("ports", index))
        )


def _host_ip(resource: Resource, index: int, port: Mapping[str, object]) -> str:
    """The address that somebody wrote; "" where the platform says which."""
    written = port.get("host_ip")
    if not isinstance(written, str) or resource.provenance(("ports", index, "host_ip")).how == "default":
        return ""
    return written


def _range(published: object) -> tuple[int | None, int | None]:
    text = str(published) if isinstance(published, str | int) else ""
    first, _, last = text.partition("-")
    if not first.isascii() or not first.isdigit():
        return None, None
    return int(first), int(last) if last.isascii() and last.isdigit() else int(first)


def _network(resource: Resource) -> NetworkPart:
    facts = resource.facts
    options = _labels(facts.get("options"))
    driver = facts.get("driver")
    modes: dict[Family, GatewayMode] = {}
    for family, key in ((4, "gateway_mode_ipv4"), (6, "gateway_mode_ipv6")):
        if mode := options.get(f"{_OPTION}{key}"):
            modes[family] = mode  # type: ignore[index, assignment]
    host_ipv4, host_ipv6 = options.get("com.docker.network.host_ipv4"), options.get("com.docker.network.host_ipv6")
    endpoints = tuple(_endpoint(one) for one in _list(facts.get("endpoints")) if isinstance(one, dict))
    network = EngineNetwork(
        name=resource.name,
        driver=driver if isinstance(driver, str) else "bridge",
        bridge=str(facts.get("bridge") or options.get(f"{_OPTION}name") or ""),
        subnets=tuple(_subnets(facts)),
        internal=facts.get("internal") is True,
        icc=options.get(f"{_OPTION}enable_icc", "true").lower() not in ("false", "0"),
        masquerade=options.get(f"{_OPTION}enable_ip_masquerade", "true").lower() not in ("false", "0"),
        modes=modes,
        snat={**({4: host_ipv4} if host_ipv4 else {}), **({6: host_ipv6} if host_ipv6 else {})},
        trusted=tuple(filter(None, options.get(f"{_OPTION}trusted_host_interfaces", "").split(":"))),
        host_binding=options.get(f"{_OPTION}host_binding_ipv4", ""),
        relay=next((one.ipv4 for one in endpoints if one.container == f"{_GATEWAY_ENDPOINT}ingress-sbox"), None),
        where=resource.where(),
    )
    return NetworkPart(network, str(facts.get("created") or ""), endpoints, facts.get("enable_ipv6") is True)


def _subnets(facts: Mapping[str, object]) -> Iterable[Subnet]:
    gateways = [text.partition("/")[0] for text in _list(facts.get("gateways")) if isinstance(text, str)]
    for text in _list(facts.get("subnets")):
        if isinstance(text, str):
            family: Family = 6 if ":" in text else 4
            found = (_number(each, family) for each in gateways)
            yield Subnet(family, text, next((each for each in found if each is not None), None))


def _endpoint(one: Mapping[str, object]) -> Endpoint:
    ipv4, ipv6 = _number(one.get("ipv4_address"), 4), _number(one.get("ipv6_address"), 6)
    return Endpoint(str(one.get("container")), ipv4, ipv6)


def _number(text: object, family: Family) -> int | None:
    """An address; None for what is none of the family."""
    try:
        return number(text, family) if isinstance(text, str) else None
    except ValueError:
        return None


def _engine(resource: Resource) -> EnginePart:
    facts = resource.facts
    told = _VERSION(str(facts.get("version") or ""))
    version = tuple(int(part) for part in told.groups() if part) if told else None
    filters = facts.get("bridge_nf_iptables")
    nftables = str(facts.get("firewall_backend") or "").startswith("nftables")
    ports = facts.get("ingress_ports")
    ingress = None if isinstance(ports, Unknown) else tuple(_ingress(resource, _list(ports)))
    return EnginePart(version, filters if isinstance(filters, bool) else None, nftables, ingress)


def _ingress(resource: Resource, ports: list[object]) -> Iterable[tuple[str, Published]]:
    for index, port in enumerate(ports):
        told = _mapping(port)
        target, published = told.get("target"), told.get("published")
        if isinstance(target, int) and isinstance(published, int):
            where = resource.where(("ingress_ports", index))
            protocol = str(told.get("protocol") or "tcp")
            one = Published(target, protocol, published, published, where=where, ingress=True)
            yield str(told.get("service")), one


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _labels(value: object) -> dict[str, str]:
    return {key: text for key, text in _mapping(value).items() if isinstance(text, str)}
