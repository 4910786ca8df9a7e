"""Published ports that the host's own rules for input would keep shut: translation leads packets past these.

A packet to a port of the host whose destination is translated passes the host, and so its rules for ``forward`` are
asked, and those for ``input`` are not: that INPUT drops all but SSH says nothing of what Docker publishes.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.firewall.addresses import BITS
from policyengine.firewall.deciding import decide
from policyengine.firewall.defaults import without_translation
from policyengine.firewall.explaining import alike
from policyengine.firewall.host import LOOPBACK, UNKNOWN_HOST
from policyengine.firewall.interpreter import walk
from policyengine.firewall.intervals import Intervals, complement, contains, intersection, normalised
from policyengine.firewall.protocols import PROTOCOL_NAMES, SCTP, TCP, UDP
from policyengine.firewall.queries import Query
from policyengine.firewall.rules import NEW, Numbers, Translate
from policyengine.firewall.settling import asked, settled
from policyengine.firewall.universe import DESTINATION, DPORT, PROTOCOL, SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.answers import Decided
    from policyengine.firewall.firewall import Firewall
    from policyengine.firewall.packets import Concrete, Verdict
    from policyengine.firewall.rules import Condition, Family, Field, Rule

_SYN: Intervals = ((2, 2),)
_SHUT: tuple[Verdict, ...] = ("drop", "reject")
_PERHAPS_SHUT: tuple[Verdict, ...] = (*_SHUT, "undecided")
_THROUGH: tuple[Verdict, ...] = ("accept",)
_PERHAPS_THROUGH: tuple[Verdict, ...] = ("accept", "undecided")
_MATCHES = "matches that are not modelled"


class Published(Struct, frozen=True):
    """A rule that publishes ports of a protocol, and a packet that it leads past the rules for input.

    ``unknown``: what that hangs on, where it is not certain: unknown matches, and targets that nobody knows.
    """

    family: Family
    protocol: str
    ports: Intervals
    rule: Rule
    packet: Concrete
    unknown: tuple[str, ...] = ()


def past_input(firewall: Firewall) -> Iterator[Published]:
    """What is published though the host's rules for input drop or reject the same packets, or may. Raises BudgetError.

    It is about rules of translation that name the port that they publish, and for each packets of one protocol.
    """
    families: tuple[Family, ...] = (4, 6)
    for family in families:
        rules = list(_publishing(firewall, family))
        if rules:
            yield from _Past(firewall, family, rules).found()


class _Rule(Struct, frozen=True):
    """A rule that publishes, for packets of one protocol."""

    rule: Rule
    protocol: int
    ports: Intervals
    sent_to: Intervals
    new: Intervals


def _publishing(firewall: Firewall, family: Family) -> Iterator[_Rule]:
    for table in firewall.ruleset.tables:
        for chain in table.chains if family in table.families else ():
            for rule in chain.rules:
                action = rule.action
                if isinstance(action, Translate) and action.does == "dnat" and action.addresses:
                    yield from (one for case in rule.any_of for one in _of_case(case, rule, action.addresses, family))


def _of_case(case: tuple[Condition, ...], rule: Rule, new: Intervals, family: Family) -> Iterator[_Rule]:
    """Each protocol whose ports are named; none where conditions name no port."""
    ports, protocols = _all(case, "dport", 65535), _all(case, "protocol", 255)
    if ports != complement((), 65535):
        for protocol in (TCP, UDP, SCTP):
            if contains(protocols, protocol):
                yield _Rule(rule, protocol, ports, _all(case, "destination", _top(family)), new)


def _all(case: tuple[Condition, ...], field: Field, top: int) -> Intervals:
    """The numbers that a field may have by all conditions of a case."""
    found = complement((), top)
    for one in case:
        if isinstance(one, Numbers) and one.field == field:
            found = intersection(found, one.values)
    return found


def _top(family: Family) -> int:
    return (1 << BITS[family]) - 1


class _Past:
    """The packets of all rules of a family are decided at once, with and without translation; then rule by rule."""

    def __init__(self, firewall: Firewall, family: Family, rules: list[_Rule]) -> None:
        self.firewall = firewall
        self.shut = replace(firewall, ruleset=without_translation(firewall.ruleset))
        self.family = family
        self.rules = rules
        new = normalised(pair for one in rules for pair in one.new)
        sent: dict[Field, Intervals] = {
            "protocol": normalised((one.protocol, one.protocol) for one in rules),
            "dport": normalised(pair for one in rules for pair in one.ports),
            "state": ((NEW, NEW),),
            "flags": _SYN,
            "source": complement(LOOPBACK[family], _top(family)),
            "destination": firewall.host.local(family) or complement(new, _top(family)),
        }
        self.held = decide(self.shut.ruleset, firewall.host, Query(family, "input", sent, beyond=True))
        query = Query(family, "forward", sent, {"destination": new}, beyond=True)
        self.passing = decide(firewall.ruleset, firewall.host, query)

    def found(self) -> Iterator[Published]:
        surely = settled(self.held), settled(self.passing)
        for one in self.rules:
            packet = self._packet(one, *surely, _SHUT, _THROUGH)
            unknown: tuple[str, ...] = ()
            if packet is None or not self._is_held_surely(surely[0], packet):
                packet = self._packet(one, self.held, self.passing, _PERHAPS_SHUT, _PERHAPS_THROUGH)
                unknown = self._unknown(packet) if packet else ()
            if packet is not None:
                yield Published(self.family, PROTOCOL_NAMES[one.protocol], one.ports, one.rule, packet, unknown)

    def _packet(
        self,
        rule: _Rule,
        held: Decided,
        passing: Decided,
        shut: tuple[Verdict, ...],
        through: tuple[Verdict, ...],
    ) -> Concrete | None:
        """A packet that gets through by the rule, and is dropped where nothing is translated."""
        of = {PROTOCOL: ((rule.protocol, rule.protocol),), DPORT: rule.ports, DESTINATION: rule.sent_to}
        held = _narrowed(held, of)
        for verdict in shut:
            dropped = held.witness(verdict)
            if dropped is None:
                continue
            alike_ = {SOURCE: alike(held, dropped, SOURCE).values, DPORT: ((dropped.dport, dropped.dport),)}
            narrowed = _narrowed(passing, {**of, **alike_})
            for packet in filter(None, map(narrowed.witness, through)):
                is_held = any(_would_be(self.shut, packet, atoms) in shut for atoms in (packet.atoms, dropped.atoms))
                if is_held and self._is_led(packet, rule):
                    return packet
        return None

    def _is_led(self, packet: Concrete, rule: _Rule) -> bool:
        """Whether it is this rule that translates the packet."""
        return any(one is rule.rule for one in walk(self.firewall.ruleset, self.firewall.host, packet).rules)

    def _is_held_surely(self, held: Decided, packet: Concrete) -> bool:
        """Whether the same packet is dropped where nothing is translated, whatever unknown matches say."""
        received = _received(packet)
        return not asked(self.held, received) or held.verdict_of(received) in _SHUT

    def _unknown(self, packet: Concrete) -> tuple[str, ...]:
        """What it hangs on whether a packet gets past."""
        matches = [*asked(self.held, _received(packet)), *asked(self.passing, packet)]
        targets = [
            walk(self.firewall.ruleset, self.firewall.host, packet).why,
            walk(self.shut.ruleset, UNKNOWN_HOST, _received(packet)).why,
        ]
        return tuple(dict.fromkeys(filter(None, (*matches, *targets)))) or (_MATCHES,)


def _narrowed(decided: Decided, by: dict[int, Intervals]) -> Decided:
    """The same decision, of fewer of its packets."""
    known = {
        at: intersection(decided.known[at], values) if at in decided.known else values for at, values in by.items()
    }
    found = copy(decided)
    found.known = {**decided.known, **known}
    return found


def _received(packet: Concrete) -> Concrete:
    """The same packet, sent to the host itself."""
    kinds = {**packet.kinds, "destination": "local", "translated": "local"}
    return replace(packet, path="input", out="", kinds=kinds, chosen={})


def _would_be(shut: Firewall, packet: Concrete, atoms: dict[str, bool]) -> Verdict:
    """What becomes of it where nothing is translated."""
    return walk(shut.ruleset, UNKNOWN_HOST, replace(_received(packet), atoms=atoms)).verdict
