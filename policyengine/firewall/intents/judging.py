"""Whether a network keeps to intents: violated, perhaps violated for what is not known, or kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from policyengine.errors import BudgetError
from policyengine.firewall.intents.intent import TRANSPORTS, Item, Ports
from policyengine.firewall.intents.selecting import Peers
from policyengine.firewall.intervals import Intervals, contains, difference, intersection, union
from policyengine.firewall.reach import PORTS, Explanation, Flows, Place, lacking
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from policyengine.firewall.intents.addresses import Addresses
    from policyengine.firewall.intents.intent import Intents, Selector
    from policyengine.firewall.reach import Network

Why = str | Unknown | None
"""What is not known, in words; or which rules are not there."""

Intent = Literal["accepts_only", "reaches_only", "never_reaches", "must_reach"]


class Crossing(Struct, frozen=True):
    """What goes, or does not go, from one place to another against an intent: ports by protocol.

    ``apart`` explains what does not get there, where only some does not of what comes from one and goes to the other.
    """

    source: Place
    target: Place
    ports: Ports
    apart: Explanation | None = None


class Breach(Struct, frozen=True):
    """An intent that is not kept, or perhaps not.

    ``item`` is the number of its line that is not kept, None where it is the whole that is not; ``crossings`` are all
    that break it, ``explanation`` is of the first. ``sought`` says what is not there at all that must be reached.
    ``untold``: all that is not known is what rules say that are not there.
    """

    intent: Intent
    item: int | None
    surely: bool
    crossings: tuple[Crossing, ...]
    why: str = ""
    explanation: Explanation | None = None
    sought: str = ""
    untold: Unknown | None = None


def judge(
    intents: Intents, target: Place, network: Network, declared: Mapping[str, Addresses] | None = None
) -> list[Breach]:
    """What of the intents about a place of a network is not kept. ``declared`` are the zones of the settings."""
    judging = _Judging(network, Peers(network, declared or {}), target)
    return list(judging.breaches(intents))


class _Judging(Struct, frozen=True):
    network: Network
    peers: Peers
    target: Place

    def breaches(self, intents: Intents) -> Iterator[Breach]:
        if intents.accepts_only is not None:
            senders = self._senders(intents.senders, intents.accepts_only)
            yield from self._only("accepts_only", intents.accepts_only, [(one, self.target, one) for one in senders])
        if intents.reaches_only is not None:
            reached = self._peers((), intents.reaches_only)
            yield from self._only("reaches_only", intents.reaches_only, [(self.target, one, one) for one in reached])
        for number, item in enumerate(intents.never_reaches):
            yield from self._never(number, item)
        for number, item in enumerate(intents.must_reach):
            yield from self._must(number, item)

    def _senders(self, among: Sequence[Selector], items: Sequence[Item]) -> Iterator[Place]:
        """Who may reach the target. A host reaches what it runs whatever the rules: it counts where it is named."""
        runs = self.target.kind in ("container", "pod")
        return (one for one in self._peers(among, items) if among or not (runs and one.kind == "host"))

    def _peers(self, among: Sequence[Selector], items: Sequence[Item]) -> Iterator[Place]:
        """All that the target may have to do with: what the network knows, and the rest of the world by its parts.

        A Service is a way to its Pods, which are asked about themselves.
        """
        for place in self.peers.places:
            named = not among or any(self.peers.means(one, place) for one in among)
            if named and place.name != self.target.name and place.kind != "service":
                yield place
        yield from self.peers.outside(among, [one for item in items for one in item.peers])

    def _only(
        self, intent: Intent, items: Sequence[Item], ways: Iterable[tuple[Place, Place, Place]]
    ) -> Iterator[Breach]:
        """Breaches of an intent that allows some flows: all others, of the protocols that it is about."""
        about = _protocols(items)
        sure: list[Crossing] = []
        unsure: list[tuple[Crossing, Why]] = []
        for source, target, peer in ways:
            allowed = self._allowed(items, peer)
            flows = self._flows(source, target)
            past = _minus(_of(flows.allowed, about), allowed)
            if past:
                sure.append(Crossing(source, target, past))
                continue
            perhaps, rest = (_minus(_of(ports, about), allowed) for ports in (flows.unknown, _rest(flows, about)))
            if perhaps:
                unsure.append((Crossing(source, target, perhaps), _why(flows)))
            elif rest:
                unsure.append((Crossing(source, target, rest), flows.untold))
        yield from self._told(intent, None, sure, unsure)

    def _allowed(self, items: Sequence[Item], peer: Place) -> Ports:
        found: Ports = {}
        for item in items:
            if not item.peers or any(self.peers.means(one, peer) for one in item.peers):
                for protocol, ports in _wanted(item).items():
                    found[protocol] = union(found.get(protocol, ()), ports)
        return found

    def _never(self, number: int, item: Item) -> Iterator[Breach]:
        sure: list[Crossing] = []
        unsure: list[tuple[Crossing, Why]] = []
        for source, target in self._ways(item):
            flows = self._flows(source, target)
            wanted = _wanted(item)
            past, perhaps, rest = (
                _common(told, wanted) for told in (flows.allowed, flows.unknown, _rest(flows, list(wanted)))
            )
            if past:
                sure.append(Crossing(source, target, past))
            elif perhaps:
                unsure.append((Crossing(source, target, perhaps), _why(flows)))
            elif rest:
                unsure.append((Crossing(source, target, rest), flows.untold))
        yield from self._told("never_reaches", number, sure, unsure)

    def _must(self, number: int, item: Item) -> Iterator[Breach]:
        ways = list(self._ways(item))
        if not ways and not self.peers.meant(item.peers):  # what is meant is not the target itself
            sought = ", ".join(one.text for one in (*item.senders, *item.peers))
            yield Breach("must_reach", number, False, (), f"there is no {sought} in {self.network.name}", None, sought)
        sure: list[Crossing] = []
        unsure: list[tuple[Crossing, Why]] = []
        for source, target in ways:
            missing, perhaps, why = self._missing(source, target, item)
            if missing is not None:
                sure.append(missing)
            elif perhaps is not None:
                unsure.append((perhaps, why))
        yield from self._told("must_reach", number, sure, unsure)

    def _missing(self, source: Place, target: Place, item: Item) -> tuple[Crossing | None, Crossing | None, str]:
        """What of a line does not get from one to the other, what perhaps does not, and why that is not known."""
        flows = self._flows(source, target)
        both = {one: union(flows.allowed.get(one, ()), flows.unknown.get(one, ())) for one in _names(flows)}
        if item.ports is None:
            missing, perhaps = ({} if both else _wanted(item)), ({} if flows.allowed else _wanted(item))
        else:
            missing, perhaps = _minus(item.ports, both), _minus(item.ports, flows.allowed)
        if missing:
            return Crossing(source, target, missing), None, ""
        doubtful = None
        for ports, apart in self._lacking(source, target, item):
            if apart.verdict == "denied":
                return Crossing(source, target, ports, apart), None, ""
            doubtful = doubtful or Crossing(source, target, ports, apart)
        if perhaps:
            return None, Crossing(source, target, perhaps), _why(flows)
        return None, doubtful, (doubtful.apart.why if doubtful and doubtful.apart else "")

    def _lacking(self, source: Place, target: Place, item: Item) -> Iterator[tuple[Ports, Explanation]]:
        """What of a line some of a zone's addresses do not reach, or do not offer."""
        asked = (
            [(None, None, _wanted(item))] if item.ports is None else [(*one, dict([one])) for one in item.ports.items()]
        )
        for protocol, ports, told in asked:
            among = ports if protocol in TRANSPORTS else None
            try:
                found = lacking(self.network, source, target, protocol, among)
            except BudgetError as error:
                found = Explanation("unknown", None, why=error.message)
            if found is not None:
                yield told, found

    def _ways(self, item: Item) -> Iterator[tuple[Place, Place]]:
        sources = self.peers.meant(item.senders) if item.senders else [self.target]
        for source in sources:
            yield from ((source, one) for one in self.peers.meant(item.peers) if one.name != source.name)

    def _told(
        self, intent: Intent, item: int | None, sure: Sequence[Crossing], unsure: Sequence[tuple[Crossing, Why]]
    ) -> Iterator[Breach]:
        """One breach of an intent: what is sure where anything is, else what may be."""
        if sure:
            yield Breach(intent, item, True, tuple(sure), explanation=self._explained(sure[0]))
        elif unsure:
            crossings = tuple(crossing for crossing, _ in unsure)
            untold = next((why for _, why in unsure if isinstance(why, Unknown)), None)
            why = next((why for _, why in unsure if isinstance(why, str) and why), "")
            if untold is not None and not why:
                yield Breach(intent, item, False, crossings, untold.why, untold=untold)
                return
            yield Breach(intent, item, False, crossings, why, self._explained(crossings[0]))

    def _flows(self, source: Place, target: Place) -> Flows:
        try:
            return self.network.flows(source, target)
        except BudgetError as error:
            return Flows(unknown=dict.fromkeys((*TRANSPORTS, "icmp"), PORTS), why=(error.message,))

    def _explained(self, crossing: Crossing) -> Explanation | None:
        if crossing.apart is not None:
            return crossing.apart
        protocol, ports = next(iter(crossing.ports.items()))
        port = _shown(ports) if protocol in TRANSPORTS else None
        try:
            return self.network.explain(crossing.source, crossing.target, protocol, port)
        except BudgetError:
            return None


_KNOWN = (80, 443, 22, 53)
"""Ports that everybody knows: of many that fare alike one of these is shown."""


def _shown(ports: Intervals) -> int:
    """The port of a set that a packet is shown for; 0, which nothing connects to, only where there is no other."""
    return next((port for port in _KNOWN if contains(ports, port)), ports[0][0] or min(ports[0][1], 1))


def _wanted(item: Item) -> Ports:
    return dict.fromkeys(TRANSPORTS, PORTS) if item.ports is None else item.ports


def _protocols(items: Sequence[Item]) -> list[str]:
    """The protocols that an intent is about: those with ports, and such as it names."""
    return list(dict.fromkeys((*TRANSPORTS, *(one for item in items for one in item.ports or ()))))


def _of(flows: Mapping[str, Intervals], protocols: Sequence[str]) -> Ports:
    return {protocol: flows[protocol] for protocol in protocols if flows.get(protocol)}


def _rest(flows: Flows, protocols: Sequence[str]) -> Ports:
    """What may get there by rules that are not there."""
    return dict.fromkeys(protocols, PORTS) if flows.untold is not None else {}


def _minus(flows: Mapping[str, Intervals], allowed: Mapping[str, Intervals]) -> Ports:
    left = {protocol: difference(ports, allowed.get(protocol, ())) for protocol, ports in flows.items()}
    return {protocol: ports for protocol, ports in left.items() if ports}


def _common(flows: Mapping[str, Intervals], wanted: Mapping[str, Intervals]) -> Ports:
    both = {protocol: intersection(flows.get(protocol, ()), ports) for protocol, ports in wanted.items()}
    return {protocol: ports for protocol, ports in both.items() if ports}


def _names(flows: Flows) -> list[str]:
    return list(dict.fromkeys((*flows.allowed, *flows.unknown)))


def _why(flows: Flows) -> str:
    return flows.why[0] if flows.why else "what decides it is not known"
