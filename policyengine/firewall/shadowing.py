"""Rules that no packet meets: those before them in their chain have decided all that they match, exactly.

Not one earlier rule alone must cover a rule: several together do as well. It is decided chain by chain, for all packets
that could be sent to the chain, whatever unknown matches say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.firewall.budget import Budget, deep
from policyengine.firewall.chains import together
from policyengine.firewall.diagram import NOTHING, Diagrams
from policyengine.firewall.host import UNKNOWN_HOST, Host
from policyengine.firewall.leaves import JUMPED, PASS, RETURN
from policyengine.firewall.rules import Call, Chain, Family, Field, Rule, Ruleset, Stop, Table, Translate, Unknown
from policyengine.firewall.rules import Return as Returning
from policyengine.firewall.universe import BY_FIELD, NEW_DESTINATION, NEW_DPORT, universe
from policyengine.firewall.views import UNKNOWN_NAT, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.universe import Universe

NAMED = 5
"""Of the rules that cover another together, so many are named, the first ones."""


FIELDS: dict[Field, int] = {**BY_FIELD, "odestination": NEW_DESTINATION, "odport": NEW_DPORT}
"""What a packet was sent to is not what it is sent to by now: nobody knows what other tables have translated."""


class Shadowed(Struct, frozen=True):
    """A rule that never matches, and the earlier rules that have decided its packets; none: it matches no packet."""

    family: Family
    table: str
    chain: str
    rule: Rule
    by: tuple[Rule, ...]


def shadowed(ruleset: Ruleset, host: Host | None = None, budget: Budget | None = None) -> Iterator[Shadowed]:
    """The rules that no packet meets, in the order in which they stand. Raises BudgetError."""
    for table in ruleset.tables:
        for family in table.families:
            dimensions = universe(family, (Ruleset((table,)),), host or UNKNOWN_HOST)
            with deep():
                yield from list(_Table(table, family, dimensions, host or UNKNOWN_HOST, budget or Budget()).found())


class _Table:
    """The chains of a table, for the packets of a family."""

    def __init__(self, table: Table, family: Family, dimensions: Universe, host: Host, budget: Budget) -> None:
        self.table = table
        self.family = family
        self.view = View(dimensions, host, {}, FIELDS, nat=UNKNOWN_NAT)
        self.diagrams = Diagrams(dimensions.tops, budget)
        self.chains = {chain.name: chain for chain in table.chains}
        self._said: dict[str, int] = {}

    def found(self) -> Iterator[Shadowed]:
        for chain in self.table.chains:
            yield from self._in_chain(chain)

    def _in_chain(self, chain: Chain) -> Iterator[Shadowed]:
        rules = chain.rules
        matched = [self._matched(rule) for rule in rules]
        decided = [self._decided(rule, packets) for rule, packets in zip(rules, matched, strict=True)]
        dead: list[int] = []
        if rules:
            self._search(matched, decided, 0, len(rules), PASS, dead)
        for at in dead:
            by = self._covering(matched[at], decided[:at])
            yield Shadowed(self.family, self.table.name, chain.name, rules[at], tuple(rules[one] for one in by[:NAMED]))

    def _covering(self, matched: int, decided: list[int]) -> list[int]:
        """The rules that decide of packets that another matches: one alone where one does of all."""
        of = [(at, self.diagrams.within(matched, one)) for at, one in enumerate(decided)]
        alone = [at for at, part in of if part == matched != NOTHING]
        return alone[:1] or [at for at, part in of if part != NOTHING]

    def _search(self, matched: list[int], decided: list[int], low: int, high: int, left: int, dead: list[int]) -> None:
        """The dead rules of a part of a chain, to which ``left`` of all packets come.

        Halves of halves: what comes to a part is cut down to what its rules match, so that it stays small.
        """
        if high - low == 1:
            if self.diagrams.within(matched[low], left) == NOTHING:
                dead.append(low)
            return
        left = self.diagrams.within(self._all(matched, low, high), left)
        middle = (low + high) // 2
        self._search(matched, decided, low, middle, left, dead)
        gone = self._all(decided, low, middle)
        rest = self.diagrams.mapped(self.diagrams.otherwise(self._marked(gone), left), {_GONE: NOTHING})
        self._search(matched, decided, middle, high, rest, dead)

    def _all(self, diagrams: list[int], low: int, high: int) -> int:
        return self.diagrams.first_of(diagrams[low:high])

    def _marked(self, diagram: int) -> int:
        return self.diagrams.mapped(diagram, {PASS: _GONE})

    def _matched(self, rule: Rule) -> int:
        """PASS for the packets that a rule matches."""
        boxes = list(self.view.boxes(rule))
        return self.diagrams.first_of([self.diagrams.box(box, PASS) for box in together(boxes)])

    def _decided(self, rule: Rule, matched: int) -> int:
        """PASS for those of them that come to no later rule of the chain."""
        action = rule.action
        if isinstance(action, Stop | Returning | Translate | Unknown):
            return matched
        if not isinstance(action, Call):
            return NOTHING
        return matched if not action.back else self.diagrams.within(matched, self._called(action.chain))

    def _called(self, name: str) -> int:
        """PASS for the packets of which a chain decides, so that they do not come back."""
        known = self._said.get(name)
        if known is None:
            said = [self._says(rule) for rule in self.chains[name].rules]
            known = self._said[name] = self.diagrams.mapped(self.diagrams.first_of(said), JUMPED)
        return known

    def _says(self, rule: Rule) -> int:
        matched = self._matched(rule)
        action = rule.action
        if isinstance(action, Returning):
            return self.diagrams.mapped(matched, {PASS: RETURN})
        if isinstance(action, Call) and not action.back:
            called = self.diagrams.otherwise(self._called(action.chain), RETURN)
            return self.diagrams.within(matched, called)
        return self._decided(rule, matched)


_GONE = RETURN - 100
"""A mark for packets that an earlier rule has decided; no rule says it."""
