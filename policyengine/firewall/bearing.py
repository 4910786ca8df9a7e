"""The rules that bear on a question: of many published ports' those of the one that is asked about.

A decision costs what its rules cost. Of the rules of an engine nearly all are about other containers; what is left
when these are out decides the same, for two reasons. A rule that matches none of the packets at hand says nothing of
them. And where it is asked what *reaches* some addresses, the packets at hand are those that are sent to them and
those that a rule translates to them: all others do not get there, whether other rules translate them, drop them or
let them pass. So of these others no rule has to be asked: without them such a packet may meet another end, but none
of these is that it reaches what was asked about.

What a packet's destination is at a rule follows from its side of the translation (``Side``), and from the calls that
lead to the rule's chain.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from policyengine.firewall.addresses import BITS
from policyengine.firewall.intervals import Intervals, complement, intersection, normalised, union
from policyengine.firewall.pipeline import stages
from policyengine.firewall.rules import AddressType, Call, Numbers, Translate, Unknown
from policyengine.firewall.spans import Spans
from policyengine.firewall.views import kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from policyengine.firewall.host import Host
    from policyengine.firewall.packets import Path
    from policyengine.firewall.queries import Query
    from policyengine.firewall.rules import Chain, Condition, Family, Rule, Ruleset, Table

Side = Literal["sent", "final"]
"""Whether the destination is as it is sent, or as it is when translation is done."""

Box = tuple[Intervals, Intervals]
"""Packets by their destination and destination port."""

EVERYTHING: Intervals = ((0, (1 << BITS[6]) - 1),)
"""All values of any dimension."""


class Bearing:
    """The rules of a family that bear on questions about a path, found without looking at the others."""

    def __init__(self, ruleset: Ruleset, host: Host, family: Family, path: Path) -> None:
        self.ruleset = ruleset
        self._top = (1 << BITS[family]) - 1
        self._local = kinds(host, family)["local"] if host.interfaces is not None else None
        self._tables = [
            _Table(table, self._entered(table, bases), bases, self)
            for table in ruleset.tables
            if family in table.families and (bases := _bases(ruleset, family, path, table))
        ]
        self._kept: dict[tuple[object, ...], Ruleset] = {}

    def on(self, query: Query) -> Ruleset:
        """The rule set with the rules that bear on a question, in their order, each chain where it was.

        About packets that are sent somewhere it decides everything as the whole does; where it is asked what reaches
        some addresses, it decides the same to be accepted or undecided.
        """
        sent: Box = (query.sent.get("destination", EVERYTHING), query.sent.get("dport", EVERYTHING))
        reached = query.reached.get("destination") if self._narrows else None
        key = (*sent, reached)
        if key not in self._kept:
            self._kept[key] = self._on(sent, reached)
        return self._kept[key]

    @cached_property
    def _narrows(self) -> bool:
        """Whether what reaches an address may be asked about alone: a rule that leaves it open what becomes of a packet
        may be one for any."""
        return not any(isinstance(rule.action, Unknown) for table in self._tables for rule in table.rules)

    def _on(self, sent: Box, reached: Intervals | None) -> Ruleset:
        if reached is None:
            first = [sent]
            final = self._final(sent)
        else:
            first = [_both(sent, box) for box in ((reached, EVERYTHING), *self._leading(reached))]
            final = reached
        boxes: dict[Side, list[Box]] = {"sent": first, "final": [(final, EVERYTHING)]}
        return replace(self.ruleset, tables=tuple(table.on(boxes) for table in self._tables))

    def _leading(self, reached: Intervals) -> Iterator[Box]:
        """What is sent to rules that lead to these addresses, or may."""
        for table in self._tables:
            yield from table.leading(reached)

    def _final(self, sent: Box) -> Intervals:
        """Where packets may be sent on to."""
        found = sent[0]
        for table in self._tables:
            for action in table.translating([sent]):
                found = union(found, EVERYTHING if action.addresses is None else action.addresses)
        return found

    def _entered(self, table: Table, bases: dict[str, Side]) -> dict[str, Intervals]:
        """By chain, the destinations that packets come to it with."""
        found = dict.fromkeys(bases, EVERYTHING)
        chains = {chain.name: chain for chain in table.chains}
        waiting = list(bases)
        while waiting:
            name = waiting.pop()
            for rule in chains[name].rules:
                if isinstance(rule.action, Call):
                    before = found.get(rule.action.chain, ())
                    after = union(before, intersection(found[name], self.destinations(rule)))
                    if after != before or rule.action.chain not in found:
                        found[rule.action.chain] = after
                        waiting.append(rule.action.chain)
        return found

    def destinations(self, rule: Rule) -> Intervals:
        """The destinations of the packets that a rule matches, or more."""
        return _projected(rule, self._addresses)

    def _addresses(self, condition: Condition) -> Intervals | None:
        if isinstance(condition, Numbers) and condition.field == "destination":
            return condition.values
        if isinstance(condition, AddressType) and (condition.side, condition.kind) == ("destination", "local"):
            local = self._local
            return complement(local, self._top) if condition.negated and local is not None else local
        return None


class _Table:
    """A table on a path, with its rules by their destinations and ports."""

    def __init__(self, table: Table, entered: dict[str, Intervals], bases: dict[str, Side], of: Bearing) -> None:
        self.table = table
        self.entered = entered
        self.sides = _sides(table, bases)
        self._of = of
        self._chains = {chain.name: self._indexed(chain) for chain in table.chains if chain.name in entered}
        self._led = Spans(self._targets())

    @property
    def rules(self) -> Iterator[Rule]:
        """Those that packets on the path come to."""
        return (rule for chain in self.table.chains if chain.name in self.entered for rule in chain.rules)

    def on(self, boxes: dict[Side, list[Box]]) -> Table:
        """The table with what bears on packets of these boxes."""
        return replace(self.table, chains=tuple(self._kept(chain, boxes) for chain in self.table.chains))

    def _kept(self, chain: Chain, boxes: dict[Side, list[Box]]) -> Chain:
        among = [box for side in self.sides.get(chain.name, ()) for box in boxes[side]]
        return replace(chain, rules=tuple(chain.rules[at] for at in self._met(chain.name, among)))

    def _met(self, name: str, boxes: Iterable[Box]) -> list[int]:
        """The places of the rules of a chain that match packets of the boxes."""
        found: set[int] = set()
        for destinations, ports in boxes:
            for by_port in self._chains[name].overlapping(intersection(destinations, self.entered[name])):
                found.update(by_port.overlapping(ports))
        return sorted(found)

    def _indexed(self, chain: Chain) -> Spans[Spans[int]]:
        groups: dict[Intervals, list[tuple[Intervals, int]]] = {}
        for at, rule in enumerate(chain.rules):
            groups.setdefault(self._of.destinations(rule), []).append((_projected(rule, _ports), at))
        return Spans([(destinations, Spans(found)) for destinations, found in groups.items()])

    def leading(self, reached: Intervals) -> Iterator[Box]:
        """The packets that rules may translate to these addresses, as they are sent."""
        for chain, rule in self._led.overlapping(reached):
            yield intersection(self.entered[chain], self._of.destinations(rule)), _projected(rule, _ports)

    def _targets(self) -> list[tuple[Intervals, tuple[str, Rule]]]:
        """The rules that change a packet's destination, by what they may change it to."""
        return [
            (EVERYTHING if action.addresses is None else action.addresses, (name, rule))
            for name, rule, action in self._changing()
        ]

    def _changing(self) -> Iterator[tuple[str, Rule, Translate]]:
        for chain in self.table.chains:
            for rule in chain.rules if "sent" in self.sides.get(chain.name, ()) else ():
                if isinstance(rule.action, Translate) and rule.action.does in ("dnat", "redirect"):
                    yield chain.name, rule, rule.action

    def translating(self, boxes: Sequence[Box]) -> Iterator[Translate]:
        """What changes the destination of packets of these boxes."""
        for chain in self.table.chains:
            if "sent" in self.sides.get(chain.name, ()):
                for at in self._met(chain.name, boxes):
                    action = chain.rules[at].action
                    if isinstance(action, Translate) and action.does in ("dnat", "redirect"):
                        yield action


def _bases(ruleset: Ruleset, family: Family, path: Path, table: Table) -> dict[str, Side]:
    """The base chains of a table that are on a path. Those that translate the destination still see it as sent."""
    found: dict[str, Side] = {}
    side: Side = "sent"
    for stage in stages(ruleset, family, path):
        changes = stage.does == "translate" and stage.hook in ("prerouting", "output")
        for own, chain in stage.chains:
            if own is table:
                found[chain.name] = side
        side = "final" if changes else side
    return found


def _sides(table: Table, bases: dict[str, Side]) -> dict[str, set[Side]]:
    """The sides on which each chain is come to: itself, or by calls."""
    calls = {
        chain.name: [rule.action.chain for rule in chain.rules if isinstance(rule.action, Call)]
        for chain in table.chains
    }
    found: dict[str, set[Side]] = {}
    waiting: list[tuple[str, Side]] = list(bases.items())
    while waiting:
        name, side = waiting.pop()
        if side not in found.setdefault(name, set()):
            found[name].add(side)
            waiting += [(called, side) for called in dict.fromkeys(calls[name])]
    return found


def _projected(rule: Rule, of: Callable[[Condition], Intervals | None]) -> Intervals:
    """The values of a dimension of the packets that a rule matches, or more: all, where a condition tells nothing."""
    found: list[tuple[int, int]] = []
    for conditions in rule.any_of:
        told = [values for one in conditions if (values := of(one)) is not None]
        if not told:
            return EVERYTHING
        both = told[0]
        for values in told[1:]:
            both = intersection(both, values)
        found += both
    return normalised(found)


def _ports(condition: Condition) -> Intervals | None:
    return condition.values if isinstance(condition, Numbers) and condition.field == "dport" else None


def _both(one: Box, other: Box) -> Box:
    return intersection(one[0], other[0]), intersection(one[1], other[1])
