"""What was decided about the packets of a query: asked of one packet, of all, or for an example."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.budget import deep
from policyengine.firewall.diagram import NOTHING
from policyengine.firewall.intervals import contains
from policyengine.firewall.leaves import ABSENT, ACCEPT, DROP, REJECT, TRANSLATED, UNCHOSEN, UNDECIDED
from policyengine.firewall.rules import KINDS
from policyengine.firewall.universe import (
    ATOMS,
    CARD,
    DESTINATION,
    DESTINATION_KIND,
    DPORT,
    FLAGS,
    ICMP,
    IN,
    NAT,
    NEW_DESTINATION,
    NEW_DPORT,
    NEW_KIND,
    NEW_SOURCE,
    NEW_SPORT,
    OUT,
    PROTOCOL,
    SOURCE,
    SOURCE_KIND,
    SPORT,
    STATE,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.firewall.diagram import Diagrams
    from policyengine.firewall.host import Host
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.packets import Concrete, Verdict
    from policyengine.firewall.queries import Query
    from policyengine.firewall.reach import Flows
    from policyengine.firewall.rules import Ruleset
    from policyengine.firewall.translations import Translation
    from policyengine.firewall.universe import Universe
    from policyengine.firewall.witness import Wish

NAMES: dict[int, Verdict] = {
    ACCEPT: "accept",
    DROP: "drop",
    REJECT: "reject",
    UNDECIDED: "undecided",
    ABSENT: "absent",
    UNCHOSEN: "absent",
}


def verdict(leaf: int) -> Verdict:
    """What a leaf means. Raises ValueError for packets that were not asked about."""
    if leaf == NOTHING:
        raise ValueError("the packet is none of those that were asked about")
    return "accept" if leaf <= TRANSLATED else NAMES[leaf]


class Decided:
    """``diagram`` says what becomes of each packet; ``known`` is the query's slice by dimension."""

    def __init__(
        self,
        ruleset: Ruleset,
        host: Host,
        query: Query,
        universe: Universe,
        diagrams: Diagrams,
        diagram: int,
        known: Mapping[int, Intervals],
        translations: tuple[Translation, ...],
    ) -> None:
        self.ruleset = ruleset
        self.host = host
        self.query = query
        self.universe = universe
        self.diagrams = diagrams
        self.diagram = diagram
        self.known = known
        self.translations = translations

    def verdict_of(self, packet: Concrete) -> Verdict:
        """What becomes of one packet. Raises ValueError where it is none of the query's."""
        leaf = ABSENT
        for values in self.values(packet):
            if not all(contains(those, values[dimension]) for dimension, those in self.known.items()):
                raise ValueError("the packet is none of those that were asked about")
            leaf = self.diagrams.leaf(self.diagram, values)
            if leaf != UNCHOSEN:
                break
        return verdict(leaf)

    def verdicts(self) -> frozenset[Verdict]:
        """All that becomes of any of the packets that take the query's path."""
        leaves = self.diagrams.leaves(self.diagram) - {NOTHING, ABSENT, UNCHOSEN}
        return frozenset(verdict(leaf) for leaf in leaves)

    def flows(self) -> Flows:
        """The destination ports, as they are after translation, on which packets get through."""
        from policyengine.firewall.ports import flows

        with deep():
            return flows(self)

    def witness(self, wanted: Verdict, wish: Wish | None = None) -> Concrete | None:
        """A packet that fares so, as readable as there is one; None: no packet does.

        It is walked through the rules before it is given. ``wish`` says which packets are preferred.
        """
        from policyengine.firewall.witness import witness

        with deep():
            return witness(self, wanted, wish)

    def values(self, packet: Concrete) -> Iterator[list[int]]:
        """The packet by dimension, with each choice that translation may have made of it."""
        sent = self._sent(packet)
        yield sent
        for destination in (None, *self._choosing("destination")):
            for source in (None, *self._choosing("source")):
                if destination or source:
                    yield _with(_with(sent, destination), source)

    def _choosing(self, side: str) -> list[Translation]:
        return [one for one in self.translations if one.side == side and (one.addresses or one.ports)]

    def _sent(self, packet: Concrete) -> list[int]:
        values = [0] * len(self.universe.tops)
        values[NEW_DESTINATION] = packet.chosen.get("destination", 0)
        values[NEW_DPORT] = packet.chosen.get("dport", 0)
        values[NEW_SOURCE] = packet.chosen.get("source", 0)
        values[NEW_SPORT] = packet.chosen.get("sport", 0)
        values[IN] = self.universe.interface(packet.into)
        values[OUT] = self.universe.interface(packet.out)
        values[PROTOCOL], values[STATE] = packet.protocol, packet.state
        values[SOURCE], values[DESTINATION] = packet.source, packet.destination
        values[DPORT], values[SPORT] = packet.dport, packet.sport
        values[FLAGS], values[ICMP], values[NAT] = packet.flags, packet.icmp, packet.nat
        values[CARD] = packet.card
        received = "local" if packet.path in ("input", "loopback") else "unicast"
        values[SOURCE_KIND] = KINDS.index(packet.kinds.get("source", "unicast"))
        values[DESTINATION_KIND] = KINDS.index(packet.kinds.get("destination", received))
        values[NEW_KIND] = KINDS.index(packet.kinds.get("translated", received))
        for name, holds in packet.atoms.items():
            if name in self.universe.atoms:
                values[self.universe.atoms[name]] = int(holds)
        return values


def _with(values: list[int], translation: Translation | None) -> list[int]:
    if translation is None:
        return values
    is_destination = translation.side == "destination"
    address, port = (NEW_DESTINATION, NEW_DPORT) if is_destination else (NEW_SOURCE, NEW_SPORT)
    found = list(values)
    found[address] = _chosen(translation.addresses, values[address])
    found[port] = _chosen(translation.ports, values[port])
    return found


def _chosen(choices: Intervals | None, chosen: int) -> int:
    """What is chosen, where it can be; else the first that can."""
    return chosen if choices is None or contains(choices, chosen) else choices[0][0]


def unknown(dimension: int) -> bool:
    """Whether a dimension is an unknown match, rather than a property of packets."""
    return dimension >= ATOMS
