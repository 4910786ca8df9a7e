"""The network of a host: who reaches whom through its rules, and through what it translates and routes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from policyengine.firewall.deciding import decide
from policyengine.firewall.describing import addresses
from policyengine.firewall.explaining import does, packet, path, set_in_words
from policyengine.firewall.host import LOOPBACK, UNKNOWN_HOST, Host
from policyengine.firewall.interpreter import walk
from policyengine.firewall.intervals import Intervals, difference, intersection, normalised, union
from policyengine.firewall.led_on import led_on, translates, translating
from policyengine.firewall.ports import protocols
from policyengine.firewall.queries import Query
from policyengine.firewall.reach import PORTS, Explanation, Flows, Place
from policyengine.firewall.rules import NEW, Family, Field, Ruleset
from policyengine.firewall.settling import settled
from policyengine.firewall.throughout import Lacking, apart, lacking
from policyengine.firewall.universe import DESTINATION, DPORT, SOURCE, universe
from policyengine.firewall.untold import FAMILIES, families_untold, rules_untold
from policyengine.firewall.witness import Wish

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.firewall.answers import Decided
    from policyengine.firewall.packets import Path, Verdict
    from policyengine.firewall.universe import Universe
    from policyengine.model.unknown import Unknown

SYN: Intervals = ((2, 2),)
"""The flags of the first packet of a connection by TCP."""

SEVERAL = 8
"""A source that may come by more interfaces than these is asked about once for all of them."""

EVERYTHING: dict[str, Intervals] = {"tcp": PORTS, "udp": PORTS, "sctp": PORTS, "icmp": PORTS}
"""All that flows can be of."""

HOST = "host"
"""The name of the place that the host itself is."""


class HostNetwork:
    """A ``Network``: the host, and the places that are given; any other place is known by its addresses.

    Ports are those that a packet has when it arrives: of a published port, that of the container.
    """

    rules = ""
    """Those that it was given are all that there are."""

    def __init__(
        self, name: str, ruleset: Ruleset, host: Host | None = None, places: Sequence[Place] = (), own: str = HOST
    ) -> None:
        self.name = name
        self.ruleset = ruleset
        self.host = host or UNKNOWN_HOST
        self.own = Place(own, "host", ipv4=self.host.addresses(4), ipv6=self.host.addresses(6))
        self._places = (self.own, *places)
        self._universes: dict[Family, Universe] = {}
        self._decided: dict[tuple[str, str, str, int | None], list[Decided]] = {}

    def places(self) -> Sequence[Place]:
        """The host, and the places that it was given."""
        return self._places

    def flows(self, source: Place, target: Place) -> Flows:
        """On which ports new connections get from one to the other, in either family. Raises BudgetError.

        Where the rules of one family are not there, those of the other tell what gets through; that the rest does not
        they cannot tell, which ``untold`` says, and ``why`` where nothing does.
        """
        found = Flows()
        decisions = list(self._decisions(source, target))
        for decided in decisions:
            found = _either(found, self._settled(decided)[1])
        untold = self._untold(source, target)
        if untold is not None and not _all(found):
            return Flows({}, {} if decisions else dict(EVERYTHING), (untold.why,), untold)
        unclear = _unclear(source, target)
        if unclear and _all(found):
            return Flows({}, _all(found), (*found.why, unclear), untold)
        return found if untold is None else replace(found, untold=untold)

    def explain(self, source: Place, target: Place, protocol: str, port: int | None) -> Explanation:
        """What becomes of a new connection, with a packet that shows it, and the rules that this meets."""
        decisions = list(self._decisions(source, target, protocol, _of_one(port)))
        best: tuple[str, Decided, Flows] | None = None
        for one in decisions:
            decided, flows = self._settled(one)
            verdict = "allowed" if flows.allowed else "unknown" if flows.unknown else "denied"
            if best is None or _RANK[verdict] < _RANK[best[0]]:
                best = verdict, decided, flows
        if best is None:
            untold = self._untold(source, target)
            why = untold.why if untold else f"{source.name} and {target.name} have no addresses of one family"
            return Explanation("unknown" if untold else "denied", None, why=why)
        found = self._explained(best, source, target, port)
        if found.verdict == "denied" and port is not None and self._translates:
            return replace(found, apart=self._led_on(source, target, protocol, port))
        return found

    @cached_property
    def _translates(self) -> bool:
        return translates(self.ruleset)

    def _led_on(self, source: Place, target: Place, protocol: str, port: int) -> Explanation | None:
        """What is sent to the port and translated, where that gets through, or may."""
        for query in self._asked(source, target, protocol, _of_one(port)):
            for decided in led_on(self.ruleset, self.host, query, self._universe(query.family)):
                flows = decided.flows()
                if flows.allowed or flows.unknown:
                    verdict: Literal["allowed", "unknown"] = "allowed" if flows.allowed else "unknown"
                    wish = self._wish(decided, source, target, port)
                    shown = self._shown(verdict, decided, source, wish, "; ".join(flows.why))
                    if shown is not None:
                        return replace(
                            shown, why="; ".join(filter(None, (self._sent_on(decided, wish, port), shown.why)))
                        )
        return None

    def _sent_on(self, decided: Decided, wish: Wish, port: int) -> str:
        """Which rule translates the port, and to what."""
        found = decided.witness("accept", wish)
        rule = None if found is None else translating(walk(self.ruleset, self.host, found))
        if rule is None:
            return f"port {port} is translated"
        return f"port {port} is translated: {rule.where} {does(rule.action, decided.query.family)}"

    def _settled(self, decided: Decided) -> tuple[Decided, Flows]:
        """What gets there. What does only if the address that it is translated to is the host's own, of which nothing
        is known, may; the decision is of what gets there in any case where anything does."""
        flows, query = decided.flows(), decided.query
        doubted = _doubted(decided) if query.path in ("input", "loopback") and self.host.interfaces is None else ()
        if not doubted or not flows.allowed:
            return decided, flows
        certain = decide(self.ruleset, self.host, replace(query, sure=True), known=decided.universe)
        sure = certain.flows()
        perhaps = _joined(flows.allowed, flows.unknown)
        unknown = {
            one: rest for one, ports in perhaps.items() if (rest := difference(ports, sure.allowed.get(one, ())))
        }
        why = f"whether {', '.join(doubted)} is the host itself"
        found = Flows(sure.allowed, unknown, (*flows.why, why) if unknown else ())
        return certain if sure.allowed else decided, found

    def _explained(
        self, best: tuple[str, Decided, Flows], source: Place, target: Place, port: int | None
    ) -> Explanation:
        verdict, decided, flows = best
        unclear = _unclear(source, target)
        untold = self._untold(source, target) if verdict == "denied" else None
        why = (
            untold.why if untold else "; ".join((*flows.why, *((unclear,) if unclear and verdict != "denied" else ())))
        )
        wish = self._wish(decided, source, target, port)
        shown = self._shown(verdict, decided, source, wish, why)  # type: ignore[arg-type]
        if shown is None:
            nowhere = "no packet takes this way: it is routed elsewhere, or nowhere"
            return Explanation("unknown" if untold else "denied", None, why=untold.why if untold else nowhere)
        return replace(shown, verdict="unknown") if untold or (unclear and verdict == "allowed") else shown

    def _shown(
        self, verdict: Literal["allowed", "denied", "unknown"], decided: Decided, source: Place, wish: Wish, why: str
    ) -> Explanation | None:
        """By a packet that fares so; None: there is none."""
        wanted: tuple[Verdict, ...] = (
            ("drop", "reject", "undecided") if verdict == "denied" else ("accept", "undecided")
        )
        found = None
        if verdict == "allowed" and decided.universe.atoms:  # by one that needs no unknown match to hold, or not to
            surely = settled(decided)
            if (found := surely.witness("accept", wish)) is not None:
                decided = surely
        if found is None:
            found = next((one for name in wanted if (one := decided.witness(name, wish)) is not None), None)
        if found is None:
            return None
        walked = walk(self.ruleset, self.host, found)
        alike = set_in_words(decided, found, source.name)
        return Explanation(verdict, packet(found), path(walked, self.ruleset), why or walked.why, alike)

    def lacking(
        self, source: Place, target: Place, protocol: str | None, ports: Intervals | None
    ) -> Explanation | None:
        """Of an address of a zone from which, or to which, nothing gets there, or perhaps nothing; None: all do.

        Of those of a family whose rules are not there, perhaps nothing does.
        """
        sides = {at: place for at, place in ((SOURCE, source), (DESTINATION, target)) if place.kind == "zone"}
        found: Lacking | None = None
        for decided, over in self._divided(source, target, protocol, ports):
            certain, _ = self._settled(decided)
            one = lacking(certain, frozenset(over) | frozenset(sides)) if over or sides else None
            if one is not None and certain is not decided:
                one = Lacking("unknown", one.decided)
            if one is not None and (found is None or one.verdict == "denied"):
                found = one
            if found is not None and found.verdict == "denied":
                break
        if found is None:
            untold = self._untold(source, target) if sides else None
            return None if untold is None else Explanation("unknown", None, why=untold.why)
        why = "; ".join(found.decided.flows().why) if found.verdict == "unknown" else ""
        wish = self._wish(found.decided, source, target, None)
        shown = self._shown(found.verdict, found.decided, source, wish, why)
        return shown or Explanation(found.verdict, None, why=why or "what some of its addresses send is led elsewhere")

    def _divided(
        self, source: Place, target: Place, protocol: str | None, ports: Intervals | None
    ) -> Iterator[tuple[Decided, tuple[int, ...]]]:
        """The decisions, each with the dimension of the ports that are asked about at once."""
        for decided in self._decisions(source, target, protocol, ports):
            if ports is None:
                yield decided, ()
                continue
            for part in apart(decided, ports):
                if part == ports:
                    yield decided, (DPORT,)
                else:
                    asked = replace(decided.query, reached={**decided.query.reached, "dport": part})
                    yield decide(self.ruleset, self.host, asked, known=decided.universe), ()

    def _wish(self, decided: Decided, source: Place, target: Place, port: int | None) -> Wish:
        family = decided.query.family
        return Wish(
            _some(_addresses(source, family) if source.kind != "zone" else None),
            _some(_addresses(target, family) if target.kind != "zone" else None),
            (port,) if port is not None else (),
        )

    def _decisions(
        self, source: Place, target: Place, protocol: str | None = None, ports: Intervals | None = None
    ) -> Iterator[Decided]:
        for query in self._asked(source, target, protocol, ports):
            yield decide(self.ruleset, self.host, query, known=self._universe(query.family))

    def _asked(self, source: Place, target: Place, protocol: str | None, ports: Intervals | None) -> Iterator[Query]:
        for family in FAMILIES:
            for query in self._queries(family, source, target):
                sent, reached = dict(query.sent), dict(query.reached)
                if protocol is not None:
                    number = protocols(family)[protocol]
                    sent["protocol"] = ((number, number),)
                if ports is not None:
                    reached["dport"] = ports
                yield replace(query, sent=sent, reached=reached)

    def _universe(self, family: Family) -> Universe:
        known = self._universes.get(family)
        if known is None:
            known = self._universes[family] = universe(family, (self.ruleset,), self.host)
        return known

    def _queries(self, family: Family, source: Place, target: Place) -> Iterator[Query]:
        """The packets of new connections; one query for each interface that they may come by."""
        from_, to = _addresses(source, family), _addresses(target, family)
        if from_ == () or to == () or not self.ruleset.has(family):
            return
        path = self._path(source, target)
        if self._is_own(source) and to is not None and not self._is_own(target):
            own = self.host.addresses(family) or LOOPBACK[family]
            left = difference(to, own)
            path, to = ("output", left) if left else ("loopback", to)
        sent: dict[Field, Intervals] = {"state": ((NEW, NEW),), "flags": SYN}
        reached: dict[Field, Intervals] = {}
        if to is not None and not (self._is_own(target) and self.host.interfaces is None):
            reached["destination"] = to
        known_source = from_ is not None and not (self._is_own(source) and self.host.interfaces is None)
        if known_source:
            sent["source"] = from_ or ()
        if self._is_own(source) or not known_source or from_ is None:
            yield Query(family, path, sent, reached, beyond=not self._is_own(source))
            return
        for into, part in self._comes_by(family, from_):
            found = Query(family, path, {**sent, "source": part}, reached, into)
            yield replace(found, beyond=into is None)

    def _comes_by(self, family: Family, addresses: Intervals) -> Iterator[tuple[tuple[str, ...] | None, Intervals]]:
        """The interfaces that packets of a source come in by: those by which answers to it leave."""
        outs = self.host.outs(family)
        if outs is None:
            yield None, addresses
            return
        ways = {name: both for name, to in outs.items() if (both := intersection(to, addresses))}
        if len(ways) > SEVERAL:
            yield tuple(ways), addresses
            return
        for name, part in ways.items():
            yield (name,), part

    def _untold(self, source: Place, target: Place) -> Unknown | None:
        """Which rules would have to be known."""
        ends = [
            of for of in families_untold(self.ruleset) if () not in (_addresses(source, of), _addresses(target, of))
        ]
        return rules_untold(ends, self.name) if ends else None

    def _is_own(self, place: Place) -> bool:
        return place.kind == "host" and place.name == self.own.name

    def _path(self, source: Place, target: Place) -> Path:
        if self._is_own(target):
            return "loopback" if self._is_own(source) else "input"
        return "output" if self._is_own(source) else "forward"


def _doubted(decided: Decided) -> list[str]:
    """The addresses that packets may be translated to, and that no host has for sure."""
    family = decided.query.family
    to = [one.addresses for one in decided.translations if one.side == "destination" and one.addresses and not one.own]
    new = difference(normalised(pair for each in to for pair in each or ()), LOOPBACK[family])
    return addresses(new, family)


_RANK = {"allowed": 0, "unknown": 1, "denied": 2}


def _addresses(place: Place, family: Family) -> Intervals | None:
    """Those of a family; None: not known. Who has addresses of one family only has none of the other."""
    mine, others = (place.ipv4, place.ipv6) if family == 4 else (place.ipv6, place.ipv4)
    return () if mine is None and others is not None else mine


def _of_one(port: int | None) -> Intervals | None:
    return None if port is None else ((port, port),)


def _some(addresses: Intervals | None) -> tuple[int, ...]:
    return tuple(low for low, _ in (addresses or ())[:4])


def _unclear(source: Place, target: Place) -> str:
    """Which place's addresses are not known at all."""
    for place in (source, target):
        if place.kind != "host" and place.ipv4 is None and place.ipv6 is None:
            return f"the addresses of {place.name} are not known"
    return ""


def _either(one: Flows, other: Flows) -> Flows:
    """What gets through in one way or the other."""
    allowed = _joined(one.allowed, other.allowed)
    unknown = {
        name: rest
        for name, ports in _joined(one.unknown, other.unknown).items()
        if (rest := difference(ports, allowed.get(name, ())))
    }
    return Flows(allowed, unknown, tuple(dict.fromkeys((*one.why, *other.why))) if unknown else ())


def _joined(one: dict[str, Intervals], other: dict[str, Intervals]) -> dict[str, Intervals]:
    return {name: union(one.get(name, ()), other.get(name, ())) for name in dict.fromkeys((*one, *other))}


def _all(flows: Flows) -> dict[str, Intervals]:
    return _joined(flows.allowed, flows.unknown)
