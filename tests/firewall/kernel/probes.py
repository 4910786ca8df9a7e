"""Packets by lot, at the bounds of what rules match, in every state of connection tracking.

What the tracker says of a first packet is known from what is in it: linux/net/netfilter/nf_conntrack_proto_tcp.c
(``tcp_valid_flags``, ``tcp_conntracks``), nf_conntrack_proto_icmp.c and nf_conntrack_proto_icmpv6.c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from policyengine.firewall.rules import STATES
from tests.firewall.kernel.lab import DEVICES
from tests.firewall.kernel.values import ANYCAST, is_unicast
from tests.firewall.kernel.wire import (
    ACK,
    FIN,
    ICMP,
    ICMPV6,
    PSH,
    RST,
    SCTP,
    SYN,
    TCP,
    UDP,
    UDPLITE,
    UNTRACKED_TTL,
    URG,
    Content,
    made,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.firewall.kernel.lab import Lab
    from tests.firewall.kernel.values import Values

NEW, ESTABLISHED, RELATED, INVALID, UNTRACKED = range(len(STATES))
STRANGE = 0.06
"""Of packets that come in: those from or to addresses that should not be there."""
GRE, ESP, PIM = 47, 50, 103
OTHERS = (GRE, ESP, PIM, 200)
"""Protocols that the tracker knows by their addresses alone."""

BEGINNING = (SYN, SYN, SYN, SYN, SYN | URG, ACK, ACK | PSH, ACK | URG)
"""Flags of a first packet that begins a connection, or is taken for the middle of one (``tcp_loose``)."""
ODD = (0, SYN | FIN, SYN | RST, FIN, SYN | ACK, RST, FIN | ACK, FIN | PSH | URG, 63, RST | ACK, SYN | RST | ACK)
"""Flags of packets that begin nothing, or are of none of the sets that TCP has."""
FOLLOWING = (ACK, ACK | PSH, ACK | URG, FIN | ACK)
ASKING = {4: (8 << 8, 13 << 8), 6: (128 << 8,)}
"""ICMP that begins something: type * 256 + code."""
ANSWERING = {4: (0, 14 << 8), 6: (129 << 8,)}
COMPLAINING = {4: (3 << 8 | 3, 3 << 8 | 1, 11 << 8), 6: (1 << 8 | 4, 1 << 8, 3 << 8)}
ANY_ICMP = {
    4: (8 << 8, 0, 3 << 8 | 3, 3 << 8 | 1, 3 << 8, 11 << 8, 13 << 8, 8 << 8 | 1, 42 << 8),
    6: (128 << 8, 129 << 8, 1 << 8 | 4, 1 << 8, 3 << 8, 139 << 8, 4 << 8 | 1, 128 << 8 | 1, 200 << 8),
}


class Probe(NamedTuple):
    """A packet to send by an interface ("": the host's own), its state, and the connection that it belongs to.

    ``before`` are that connection's packets, and from where each is sent, that must have passed first.
    """

    into: str
    state: int
    content: Content
    before: tuple[tuple[str, Content], ...] = ()


class Prober:
    """Draws packets; no two of one rule set are of one connection.

    ``translated``: there are rules that translate addresses. Then no two connections can become one by it: a source
    port is used once, and is no destination port; of a protocol without ports there is one packet.
    ``original``: there are rules that ask for what a connection was at first, so all packets go its way.
    """

    def __init__(self, values: Values, *, translated: bool = False, original: bool = False) -> None:
        self.values = values
        self.lot = values.lot
        self.family = values.family
        self.translated = translated
        self.original = original
        self.icmp = ICMP if self.family == 4 else ICMPV6
        self._taken: set[tuple[int, ...]] = set()
        self._sources: set[tuple[int, int]] = set()
        self._targets: set[tuple[int, int]] = set()

    def drawn(self, way: str, count: int) -> list[Probe]:
        """Packets that come in by interfaces ("routed": to others and to this host), or are the host's ("own")."""
        found: list[Probe] = []
        while len(found) < count:
            probe = self._probe(way)
            if probe is not None:
                found.append(probe)
        return found

    def _probe(self, way: str) -> Probe | None:
        state = self.lot.choice((NEW, NEW, NEW, NEW, ESTABLISHED, UNTRACKED, INVALID, RELATED, RELATED))
        protocol = self._protocol(state)
        into = "" if way == "own" else self.lot.choice(DEVICES).name
        if into and state in (NEW, INVALID, UNTRACKED) and self.lot.random() < STRANGE:
            return self._strange(into, state, protocol)
        content = Content(self.family, protocol, *self._addresses(way), *self._ports(protocol))
        backwards = state == RELATED or (state == ESTABLISHED and content.destination in self.values.local)
        if (backwards and self.original) or not self._take(content):
            return None
        return (self._new, self._established, self._related, self._invalid, self._untracked)[state](into, content)

    def _strange(self, into: str, state: int, protocol: int) -> Probe | None:
        """A packet from where none comes from, or to where none is sent to."""
        values = self.values
        source, destination = self._addresses("routed")
        if self.lot.random() < 0.6:
            source = self.lot.choice(values.strangers)
        else:
            destination = self.lot.choice(values.odd_targets)
        content = Content(self.family, protocol, source, destination, *self._ports(protocol))
        if source == destination or not self._take(content):
            return None
        return {NEW: self._new, INVALID: self._invalid, UNTRACKED: self._untracked}[state](into, content)

    def _take(self, content: Content) -> bool:
        """Whether the connection is one of its own."""
        ends = (content.source, content.sport), (content.destination, content.dport)
        one, other = sorted(ends)
        key = (content.protocol, *one, *other)
        source, target = (content.protocol, content.sport), (content.protocol, content.dport)
        if key in self._taken or (self.translated and not self._is_apart(content.protocol, source, target)):
            return False
        self._taken.add(key)
        self._sources.add(source)
        self._targets.add(target)
        return True

    def _is_apart(self, protocol: int, source: tuple[int, int], target: tuple[int, int]) -> bool:
        if protocol == self.icmp:
            return True  # echoes have identifiers of their own
        return source not in self._sources | self._targets and target not in self._sources

    def _protocol(self, state: int) -> int:
        others = tuple(range(140, 240)) if self.translated else OTHERS
        other = self.lot.choice(others)
        several = {
            NEW: (TCP, TCP, TCP, UDP, UDP, UDP, self.icmp, SCTP, other),
            ESTABLISHED: (TCP, TCP, UDP, self.icmp, other),
            RELATED: (self.icmp,),
            INVALID: (TCP, TCP, self.icmp),
            UNTRACKED: (TCP, TCP, UDP, SCTP, UDPLITE, self.icmp, other),
        }
        return self.lot.choice(several[state])

    def _addresses(self, way: str) -> tuple[int, int]:
        while True:
            source, destination = self._address(), self._address()
            if way == "own":
                source = self.lot.choice(self.values.local)
            elif self.lot.random() < 0.3:
                destination = self.lot.choice(self.values.local)
            if source != destination and self._travels(source, destination, way):
                return source, destination

    def _address(self) -> int:
        if self.lot.random() < 0.15:
            return self.values.some_address()
        return self.lot.choice(self.values.addresses) + self.lot.choice((0, 0, 0, 1, -1))

    def _travels(self, source: int, destination: int, way: str) -> bool:
        """The kernel routes neither martians nor what is local to a link; the host sends nothing to itself here."""
        local = self.values.local
        if (destination if way == "own" else source) in local or {source, destination} & ANYCAST:
            return False
        return all(is_unicast(self.family, address) for address in (source, destination))

    def _ports(self, protocol: int) -> tuple[int, int]:
        if protocol not in (TCP, UDP, SCTP, UDPLITE):
            return 0, 0
        apart = self.translated and self.lot.random() < 0.95
        return self.lot.randrange(1, 65536) if apart else self._port(), self._port()

    def _port(self) -> int:
        if self.lot.random() < 0.2:
            return self.lot.randrange(1, 65536)
        return min(65535, max(1, self.lot.choice(self.values.ports) + self.lot.choice((0, 0, 0, 1, -1))))

    def _new(self, into: str, content: Content) -> Probe:
        if content.protocol == TCP:
            content = content._replace(flags=self.lot.choice(BEGINNING))
        elif content.protocol == self.icmp:
            content = content._replace(icmp=self.lot.choice(ASKING[self.family]))
        return Probe(into, NEW, content)

    def _established(self, into: str, content: Content) -> Probe:
        """A packet of who began, after an answer; to the host itself: an answer to what the host began.

        Input ends before the tracker remembers what begins there.
        """
        asking, answering = ASKING[self.family][0], ANSWERING[self.family][0]
        if content.protocol != self.icmp:
            asking = answering = 0
        begun = content.destination in self.values.local
        following = content._replace(icmp=answering if begun else asking)
        if content.protocol == TCP:
            following = following._replace(flags=self.lot.choice(FOLLOWING))
        first = content._replace(flags=SYN, icmp=asking)
        answer = content._replace(flags=SYN | ACK, icmp=answering)
        if begun:
            return Probe(into, ESTABLISHED, following, (("", _turned(first)), (into, answer)))
        return Probe(into, ESTABLISHED, following, ((into, first), (DEVICES[0].name, _turned(answer))))

    def _related(self, into: str, content: Content) -> Probe | None:
        """An ICMP error about a datagram that its destination has sent before."""
        first = self._datagram(content, into)
        if first is None:
            return None
        error = content._replace(icmp=self.lot.choice(COMPLAINING[self.family]), inner=made(first, 0))
        return Probe(into, RELATED, error, (("" if first.source in self.values.local else DEVICES[0].name, first),))

    def _datagram(self, content: Content, into: str) -> Content | None:
        """One from the destination to the source of an ICMP error; if that is this host, to somebody else."""
        sport, dport = self._port(), self._port()
        target = content.source if into else self.lot.choice(self.values.addresses)
        first = content._replace(protocol=UDP, source=content.destination, destination=target, sport=sport, dport=dport)
        known = target not in self.values.local and target != first.source and is_unicast(self.family, target)
        return first if known and self._take(first) else None

    def _invalid(self, into: str, content: Content) -> Probe | None:
        if content.protocol == TCP:
            return Probe(into, INVALID, content._replace(flags=self.lot.choice(ODD)))
        if self.lot.random() < 0.5:
            return Probe(into, INVALID, content._replace(icmp=self.lot.choice(ANSWERING[self.family])))
        unknown = self._datagram(content, into)
        if unknown is None:
            return None
        error = content._replace(icmp=self.lot.choice(COMPLAINING[self.family]), inner=made(unknown, 0))
        return Probe(into, INVALID, error)

    def _untracked(self, into: str, content: Content) -> Probe:
        if content.protocol == TCP:
            content = content._replace(flags=self.lot.choice((*BEGINNING, *ODD)))
        elif content.protocol == self.icmp:
            content = content._replace(icmp=self.lot.choice(ANY_ICMP[self.family]))
        return Probe(into, UNTRACKED, content._replace(ttl=UNTRACKED_TTL))


def prepared(lab: Lab, probes: Sequence[Probe]) -> None:
    """The connections that packets belong to are there. To be called while there are no rules but the lab's.

    Packets have serials from 1 on: of what a host sends itself, the kernel changes an identification of 0.
    """
    for serial, probe in enumerate(probes, 1):
        for interface, content in probe.before:
            lab.sent(made(content, serial), interface)
    lab.settle()


def _turned(content: Content) -> Content:
    """The other way."""
    return content._replace(
        source=content.destination, destination=content.source, sport=content.dport, dport=content.sport
    )
