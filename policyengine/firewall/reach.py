"""Who reaches whom on what: what intents, the matrix and explanations ask of every kind of network alike.

A rule set with its host, an engine's networks and published ports, a cluster's policies: each is a ``Network``.
All of it is about NEW connections: replies come with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from msgspec import Struct

from policyengine.firewall.intervals import Intervals  # noqa: TC001 - structures are made by these types
from policyengine.model.location import Location  # noqa: TC001 - as above
from policyengine.model.unknown import Unknown  # noqa: TC001 - as above

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.model.resource import Resource

PORTS: Intervals = ((0, 65535),)
"""All ports."""


class Place(Struct, frozen=True):
    """What sends or is reached: a container, a Pod, a host, or the addresses of a zone.

    ``name`` is unique within its network (``web``, ``shop/web``, ``host``, ``internet``). ``addresses`` are by family
    (None: not known, or without meaning, as of a Pod that does not run). ``services`` are the names of those that it
    is of: of Compose, of a Swarm, of Kubernetes.
    """

    name: str
    kind: Literal["container", "pod", "service", "host", "zone"]
    namespace: str = ""
    labels: dict[str, str] = {}
    ipv4: Intervals | None = None
    ipv6: Intervals | None = None
    where: Location | None = None
    services: tuple[str, ...] = ()


class Flows(Struct, frozen=True):
    """The destination ports by protocol ("tcp", "udp", "sctp", "icmp"; all ports where a protocol has none).

    ``allowed`` get there, ``unknown`` may (``why`` says what is not known); the rest does not. ``untold``: of one
    family of packets nothing is known, for its rules are not there, and by these all of the rest may get there too.
    """

    allowed: dict[str, Intervals] = {}
    unknown: dict[str, Intervals] = {}
    why: tuple[str, ...] = ()
    untold: Unknown | None = None


class Step(Struct, frozen=True):
    """A rule (a policy, a published port) that a packet meets on its way, where it is written, and what it does."""

    where: Location | None
    text: str
    does: str


class Packet(Struct, frozen=True):
    """A witness: the first packet of a connection, as its sender makes it.

    ``icmp`` is the type of what is of ICMP.
    ``card`` is the network card (MAC) that it must come from; empty where it is not to be one that rules name.
    """

    family: Literal[4, 6]
    protocol: str
    source: str
    destination: str
    sport: int | None = None
    dport: int | None = None
    into: str = ""
    out: str = ""
    card: str = ""
    icmp: int | None = None


class Explanation(Struct, frozen=True):
    """What becomes of one kind of packet, a packet to show it, and the path that it takes.

    ``verdict``: "allowed", "denied" or "unknown", with ``why``. ``set_`` says in words which packets fare alike.
    ``rules`` are those of the network. ``apart`` is of other packets that the question may mean as well and that fare
    otherwise: those from other addresses of the source, or those that are sent to the port and translated.
    """

    verdict: Literal["allowed", "denied", "unknown"]
    packet: Packet | None
    path: tuple[Step, ...] = ()
    why: str = ""
    set_: str = ""
    rules: str = ""
    apart: Explanation | None = None


class Network(Protocol):
    """A network of any kind. Both methods raise ``BudgetError`` where a decision would take too much."""

    @property
    def name(self) -> str:
        """What a report calls it: ``docker://local``, ``rules.v4``, ``cluster prod``."""

    @property
    def rules(self) -> str:
        """Which rules decide, where there are several answers: ``live rules``, ``the rules of Docker 20.10``."""

    def places(self) -> Sequence[Place]:
        """All that it knows of."""

    def flows(self, source: Place, target: Place) -> Flows:
        """What gets from one to the other. A place may be one that the network does not know: then it goes by its
        addresses."""

    def explain(self, source: Place, target: Place, protocol: str, port: int | None) -> Explanation:
        """What becomes of a connection, and why."""


@runtime_checkable
class Divided(Protocol):
    """A network in which of a zone's addresses some may reach what others do not."""

    def lacking(
        self, source: Place, target: Place, protocol: str | None, ports: Intervals | None
    ) -> Explanation | None:
        """Of an address from which nothing gets there, or to which, or perhaps nothing; None: all do.

        Without a protocol: nothing of any. It is about each of ``ports`` (None: any). Raises ``BudgetError``.
        """


def lacking(
    network: Network, source: Place, target: Place, protocol: str | None, ports: Intervals | None
) -> Explanation | None:
    """The same of any network: where places are not divided, what one address reaches all do."""
    return network.lacking(source, target, protocol, ports) if isinstance(network, Divided) else None


class Networks(Protocol):
    """The networks that the resources of a run are in."""

    def judges(self, origin: str, kind: str) -> bool:
        """Whether resources of a kind from an input kind are in networks, so that flows can be demanded of them."""

    def of(self, resource: Resource) -> tuple[Network, Place] | Unknown:
        """The network that a resource is in, and its place there; or why there is none."""
