"""The ways by which packets get from one place to another: through the rules, within a bridge, by the proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from policyengine.firewall.addresses import shown
from policyengine.firewall.docker.merging import all_of, best
from policyengine.firewall.explaining import packet as as_shown
from policyengine.firewall.explaining import path
from policyengine.firewall.interpreter import walk
from policyengine.firewall.intervals import contains
from policyengine.firewall.protocols import PROTOCOLS, WITH_PORTS
from policyengine.firewall.reach import PORTS, Explanation, Flows, Packet, Step
from policyengine.firewall.rules import NEW
from policyengine.firewall.witness import Wish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.answers import Decided
    from policyengine.firewall.decisions import Decisions
    from policyengine.firewall.docker.facts import Mapping
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.packets import Verdict
    from policyengine.firewall.queries import Query
    from policyengine.firewall.rules import Family, Field

EVERYTHING: dict[str, Intervals] = {"tcp": PORTS, "udp": PORTS, "sctp": PORTS, "icmp": PORTS}
"""What gets through where nothing is filtered."""


class Way(Protocol):
    """One way; what gets by it, and a packet to show it."""

    def flows(self) -> Flows:
        """What gets to the end of it."""

    def explain(self, protocol: str, port: int | None) -> Explanation:
        """What becomes of a connection that tries it."""


class Ruled(Struct, frozen=True):
    """A way through the rules of the host.

    ``tries`` are destinations to show it by, the most telling first: an address of the host, then the target's own.
    """

    decisions: Decisions
    query: Query
    tries: tuple[Intervals, ...] = ()

    def flows(self) -> Flows:
        """What the rules let through."""
        return self.decisions.flows(self.query)

    def explain(self, protocol: str, port: int | None) -> Explanation:
        """What the rules do with a packet, and which they are."""
        asked_ = asking(self.query, protocol, port)
        narrow = [replace(asked_, sent={**asked_.sent, "destination": each}) for each in self.tries]
        return best(self._tried(narrow, asked_, port), Explanation("denied", None))

    def _tried(self, narrow: list[Query], asked_: Query, port: int | None) -> Iterator[Explanation]:
        """One after the other what becomes of packets to each destination, and at last where the last one ends."""
        for query in (*narrow, asked_):
            yield self._explained(query)
        yield from (self._denied(query, port) for query in narrow[-1:] or [asked_])

    def _explained(self, query: Query) -> Explanation:
        flows = self.decisions.flows(query)
        if flows.allowed:
            return self._shown(self.decisions.decide(query), "accept", "allowed")
        if flows.unknown:
            return replace(self._shown(self.decisions.decide(query), "accept", "unknown"), why="; ".join(flows.why))
        return Explanation("denied", None)

    def _denied(self, query: Query, port: int | None) -> Explanation:
        """Where a packet ends that is sent to the target itself."""
        sent = query.sent if port is None else {**query.sent, "dport": ((port, port),)}
        decided = self.decisions.decide(replace(query, sent=sent, reached={}))
        return self._shown(decided, "drop", "denied")

    def _shown(
        self, decided: Decided, wanted: Verdict, verdict: Literal["allowed", "denied", "unknown"]
    ) -> Explanation:
        packet = decided.witness(wanted, Wish())
        if packet is None:
            return Explanation("denied", None)
        ruleset = self.decisions.ruleset
        return Explanation(verdict, as_shown(packet), path(walk(ruleset, self.decisions.host, packet), ruleset))


def asking(query: Query, protocol: str, port: int | None) -> Query:
    """The same question, about a protocol and a port that is reached."""
    number = PROTOCOLS["ipv6-icmp" if protocol == "icmp" and query.family == 6 else protocol]
    sent: dict[Field, Intervals] = {**query.sent, "protocol": ((number, number),)}
    if port is None or number not in WITH_PORTS:
        return replace(query, sent=sent)
    return replace(query, sent=sent, reached={**query.reached, "dport": ((port, port),)})


class Bridged(Struct, frozen=True):
    """From container to container of a network that nothing filters."""

    family: Family
    source: int | None
    target: int | None
    step: Step
    ports: dict[str, Intervals] = field(default_factory=lambda: EVERYTHING)

    def flows(self) -> Flows:
        """Everything, or what it is limited to."""
        return Flows(self.ports)

    def explain(self, protocol: str, port: int | None) -> Explanation:
        """It arrives."""
        among = self.ports.get(protocol, ())
        if not among or (port is not None and protocol != "icmp" and not contains(among, port)):
            return Explanation("denied", None)
        packet = None
        if self.source is not None and self.target is not None:
            ends = shown(self.source, self.family), shown(self.target, self.family)
            sport = None if port is None else 40000
            packet = Packet(self.family, protocol, *ends, sport, port)
        return Explanation("allowed", packet, (self.step,))


class Closed(Struct, frozen=True):
    """A way that is none."""

    step: Step

    def flows(self) -> Flows:
        """Nothing."""
        return Flows()

    def explain(self, protocol: str, port: int | None) -> Explanation:  # noqa: ARG002
        """It does not arrive."""
        return Explanation("denied", None, (self.step,))


class Proxied(Struct, frozen=True):
    """By a published port of the host, where the proxy of the engine listens, which opens a connection of its own.

    ``there`` is the way to the proxy, ``on`` that from the host to the container.
    """

    there: tuple[Ruled, ...]
    on: Ruled
    mapping: Mapping

    def flows(self) -> Flows:
        """The container's port, where the published one is reached."""
        port, name = self.mapping.target, self.mapping.protocol
        found = [way.flows() for way in self.there]
        onward = asked(self.on, name, port)
        sure = all(flows.allowed for flows in (*found, onward))
        possible = all(flows.allowed or flows.unknown for flows in (*found, onward))
        only: dict[str, Intervals] = {name: ((port, port),)}
        why = tuple(dict.fromkeys(reason for flows in (*found, onward) for reason in flows.why))
        return Flows(only) if sure else Flows(unknown=only, why=why) if possible else Flows()

    def explain(self, protocol: str, port: int | None) -> Explanation:
        """What becomes of a connection to the published port."""
        own = self.mapping
        if protocol != own.protocol or port not in (None, own.target):
            return Explanation("denied", None)
        flows = self.flows()
        to = f"hands it to {own.name}, port {own.target}"
        step = Step(own.where, f"docker-proxy listens on {_listening(own)}/{own.protocol}", to)
        parts = [way.explain(own.protocol, None) for way in self.there]
        first = parts[0]
        if not flows.allowed and not flows.unknown:
            return first if first.verdict == "denied" else self.on.explain(own.protocol, own.target)
        steps = tuple(step for part in parts for step in part.path)
        verdict = "allowed" if flows.allowed else "unknown"
        return Explanation(verdict, first.packet, (*steps, step), "; ".join(flows.why))  # type: ignore[arg-type]


def asked(way: Ruled, protocol: str, port: int | None) -> Flows:
    """What gets through of a protocol to a port."""
    return way.decisions.flows(asking(way.query, protocol, port))


def _listening(mapping: Mapping) -> str:
    everywhere = "0.0.0.0" if mapping.family == 4 else "::"  # noqa: S104 - told, not bound
    address = everywhere if mapping.host is None else shown(mapping.host, mapping.family)
    ports = str(mapping.first) if mapping.first == mapping.last else f"{mapping.first}-{mapping.last}"
    return f"[{address}]:{ports}" if mapping.family == 6 else f"{address}:{ports}"


FIRST: dict[Field, Intervals] = {"state": ((NEW, NEW),)}
"""Of a connection."""


class Relayed(Struct, frozen=True):
    """By a port of the host that a Swarm's service has on every node, which is then spread over its tasks."""

    way: Ruled
    protocol: str
    port: int
    target: int
    step: Step

    def flows(self) -> Flows:
        """The port of the tasks, where the published one is reached."""
        found = asked(self.way, self.protocol, self.port)
        only: dict[str, Intervals] = {self.protocol: ((self.target, self.target),)}
        if found.allowed:
            return Flows(only)
        return Flows(unknown=only, why=found.why) if found.unknown else Flows()

    def explain(self, protocol: str, port: int | None) -> Explanation:
        """What becomes of a connection to the published port."""
        if protocol != self.protocol or port not in (None, self.target):
            return Explanation("denied", None)
        found = self.way.explain(self.protocol, self.port)
        return found if found.verdict == "denied" else replace(found, path=(*found.path, self.step))


class Unsure(Struct, frozen=True):
    """One of these ways is what there is, and perhaps none: ``why`` is what that depends on."""

    ways: tuple[Way, ...]
    why: str

    def flows(self) -> Flows:
        """What all of them let through where there are several; else nothing that is sure."""
        found = [way.flows() for way in self.ways]
        return all_of(found if len(found) > 1 else [*found, Flows()], self.why)

    def explain(self, protocol: str, port: int | None) -> Explanation:
        """Nobody knows, where they differ."""
        found = [way.explain(protocol, port) for way in self.ways]
        verdicts = {one.verdict for one in found}
        if verdicts == {"denied"} or (len(found) > 1 and len(verdicts) == 1):
            return found[0]
        told = next(one for one in found if one.verdict != "denied")
        return replace(told, verdict="unknown", why="; ".join(filter(None, (self.why, told.why))))
