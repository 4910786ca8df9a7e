"""What of an engine decides who reaches whom: networks, containers, published ports, and settings of the daemon."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from policyengine.firewall.addresses import first_and_last
from policyengine.firewall.intervals import Intervals  # noqa: TC001 - structures are made by these types
from policyengine.firewall.rules import Family  # noqa: TC001 - as above
from policyengine.model.location import Location  # noqa: TC001 - as above

Version = tuple[int, ...]
"""Of an engine: (28, 0, 1), or as much of it as is known."""

GatewayMode = Literal["nat", "nat-unprotected", "routed", "isolated"]
"""Of a bridge network and a family, since Docker 27 (``com.docker.network.bridge.gateway_mode_ipv4``)."""


class Subnet(Struct, frozen=True):
    """A range of addresses of a network: ``text`` as CIDR, and the gateway that the bridge has of it."""

    family: Family
    text: str
    gateway: int | None = None

    @property
    def bounds(self) -> tuple[int, int]:
        """Its first and last address."""
        return first_and_last(self.text, self.family)


class EngineNetwork(Struct, frozen=True):
    """A network. ``bridge`` is the interface of the host that a network of the driver ``bridge`` has.

    ``known`` is False for one that is made elsewhere (``external`` of Compose) and of which nothing but its name is
    known. ``snat`` are the addresses that its containers appear by, by family, where they are not masqueraded.
    ``trusted`` are interfaces of the host that reach its containers directly. ``host_binding`` is the address that
    ports are published on by default. ``relay`` is the address that a Swarm's published ports are led to.
    """

    name: str
    driver: str = "bridge"
    bridge: str = ""
    subnets: tuple[Subnet, ...] = ()
    internal: bool = False
    icc: bool = True
    masquerade: bool = True
    modes: dict[Family, GatewayMode] = {}
    snat: dict[Family, str] = {}
    trusted: tuple[str, ...] = ()
    host_binding: str = ""
    relay: int | None = None
    known: bool = True
    where: Location | None = None

    def mode(self, family: Family) -> GatewayMode:
        """Its gateway mode, ``nat`` where none is set."""
        return self.modes.get(family, "nat")

    def has(self, family: Family) -> bool:
        """Whether it has addresses of a family."""
        return any(subnet.family == family for subnet in self.subnets)


class Attachment(Struct, frozen=True):
    """A container on a network, with its addresses there. Of several the one of the highest ``priority`` is its way
    out (``gw-priority``)."""

    network: str
    ipv4: int | None = None
    ipv6: int | None = None
    priority: int = 0

    def address(self, family: Family) -> int | None:
        """Its address of a family."""
        return self.ipv4 if family == 4 else self.ipv6


class Published(Struct, frozen=True):
    """A port of a container on ports ``first`` to ``last`` of the host (None: the engine's to choose).

    ``host_ip`` is "" where nobody has said which address of the host listens, which is then the network's to say.
    """

    target: int
    protocol: str
    first: int | None
    last: int | None
    host_ip: str = ""
    where: Location | None = None
    ingress: bool = False


class Unread(Struct, frozen=True):
    """Ports by protocol that a container may publish, and why that is not known."""

    ports: dict[str, Intervals]
    why: str


class EngineContainer(Struct, frozen=True):
    """A container. ``mode`` is "host", "none", "container:NAME" or "service:NAME"; "" for networks of its own.

    ``unread`` are the published ports of which not all is known; ``doubt`` says why its networks are not known.
    """

    name: str
    labels: dict[str, str] = {}
    attachments: tuple[Attachment, ...] = ()
    ports: tuple[Published, ...] = ()
    mode: str = ""
    service: str = ""
    where: Location | None = None
    unread: tuple[Unread, ...] = ()
    doubt: str = ""


class Engine(Struct, frozen=True):
    """An engine, or a project that one is to run.

    ``version`` None: any. ``ip6tables`` None: not known (before 27 it is off where nobody turns it on, and the API
    does not tell). ``filters_bridged``: whether frames within a bridge go through the rules (``br_netfilter``, which
    the engine turns on for a network without icc). ``userland_proxy`` and ``direct_routing`` are settings of the
    daemon that its API does not tell; these are their defaults. ``addressed``: whether the addresses are those that
    there are, or stand for those that an engine would choose. ``ingress_known``: whether it is known which ports a
    Swarm's services have on every node; workers are not told.
    """

    name: str
    version: Version | None = None
    networks: tuple[EngineNetwork, ...] = ()
    containers: tuple[EngineContainer, ...] = ()
    backend: Literal["iptables", "nftables"] = "iptables"
    iptables: bool = True
    ip6tables: bool | None = None
    userland_proxy: bool = True
    direct_routing: bool = False
    filters_bridged: bool | None = None
    forward_policy: Literal["accept", "drop"] | None = None
    addressed: bool = True
    ingress_known: bool = True

    def network(self, name: str) -> EngineNetwork | None:
        """The network of a name."""
        return next((one for one in self.networks if one.name == name), None)

    def bridges(self, family: Family) -> list[EngineNetwork]:
        """The bridge networks that have addresses of a family."""
        return [one for one in self.networks if one.driver == "bridge" and one.known and one.has(family)]


class Mapping(Struct, frozen=True):
    """A published port with what it comes to: from ports of an address of the host to a port of a container.

    ``family`` is that of the host's address, ``host`` None for any address of it; ``container`` the address that is
    led to, whose family may be another: then the proxy alone does it. Ports ``first`` to ``last`` of the host lead to
    ``target`` alike (of a range one is chosen); both are 0 where the host takes no port and the container's own is
    open (the gateway mode ``routed``).
    """

    family: Family
    host: int | None
    first: int
    last: int
    protocol: str
    container: int
    target: int
    name: str
    network: EngineNetwork
    where: Location | None = None
    translated: bool = True


def is_at_least(engine: Engine, major: int, minor: int = 0) -> bool:
    """Whether an engine is of a version or a later one; one of any version is taken for the latest."""
    return engine.version is None or engine.version >= (major, minor)


def holder(engine: Engine, container: EngineContainer) -> EngineContainer | None:
    """The container whose network one has: its own, or that of another (``container:NAME``, ``service:NAME``).

    None where that is not known.
    """
    seen: set[str] = set()
    here: EngineContainer | None = container
    while here is not None and ":" in here.mode:
        if here.name in seen:
            return None
        seen.add(here.name)
        kind, _, name = here.mode.partition(":")
        named = (one for one in engine.containers if name == (one.name if kind == "container" else one.service))
        here = next(named, None)
    return here
