"""What becomes of all packets of a query at once, exactly.

The chains of each stage are one diagram each; they are put one after the other as the packet goes. Where a stage
changes the packet (translation, tracking), the rest of the way is decided for the changed packet: see ``views``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.answers import Decided
from policyengine.firewall.budget import Budget, deep
from policyengine.firewall.chains import Chains
from policyengine.firewall.diagram import NOTHING, Diagrams
from policyengine.firewall.host import UNKNOWN_HOST
from policyengine.firewall.intervals import Intervals, complement, difference, normalised
from policyengine.firewall.leaves import ABSENT, ACCEPT, NOTHING_UNTRACKED, PASS, PASS_UNTRACKED, TRANSLATED, UNTRACKING
from policyengine.firewall.pipeline import stages
from policyengine.firewall.protocols import BEGINNING, ICMP, ICMPV6, icmp_numbers
from policyengine.firewall.routing import OTHERS, arriving, refused
from policyengine.firewall.rules import INVALID, NEW, NO_CARD, RELATED, UNTRACKED, Numbers
from policyengine.firewall.translating import Translating, Translators
from policyengine.firewall.universe import BY_FIELD, CARD, IN, NEW_KIND, OUT, STATE, universe
from policyengine.firewall.views import View

if TYPE_CHECKING:
    from policyengine.firewall.diagram import Box
    from policyengine.firewall.host import Host
    from policyengine.firewall.pipeline import Stage
    from policyengine.firewall.queries import Query
    from policyengine.firewall.rules import Ruleset
    from policyengine.firewall.translations import Translation
    from policyengine.firewall.universe import Universe


FIRST = Numbers("state", ((NEW, NEW),))
RELATED_TO = Numbers("state", ((RELATED, RELATED),))
NO_ICMP = Numbers("protocol", complement(((ICMP, ICMP), (ICMPV6, ICMPV6)), 255))


def decide(
    ruleset: Ruleset,
    host: Host | None,
    query: Query,
    *,
    budget: Budget | None = None,
    known: Universe | None = None,
) -> Decided:
    """What becomes of the query's packets. Raises BudgetError where that takes too many steps.

    ``known`` are the dimensions of packets, where several decisions are to be compared; they are the rule set's own.
    """
    host = host or UNKNOWN_HOST
    dimensions = known or universe(query.family, (ruleset,), host, (*(query.into or ()), *(query.out or ())))
    with deep():
        return _Deciding(ruleset, host, query, dimensions, budget or Budget()).decided()


class _Deciding:
    """One decision on its way through the stages."""

    def __init__(self, ruleset: Ruleset, host: Host, query: Query, dimensions: Universe, budget: Budget) -> None:
        self.ruleset = ruleset
        self.host = host
        self.query = query
        self.universe = dimensions
        self.diagrams = Diagrams(dimensions.tops, budget, {NOTHING_UNTRACKED: UNTRACKING})
        self.stages = stages(ruleset, query.family, query.path)
        self.does = [stage.does for stage in self.stages]
        self.translations: dict[Translation, int] = {}
        self._translators: dict[int, Translators] = {}
        self._rest: dict[tuple[int, int], int] = {}
        self._views: list[View] = []

    def decided(self) -> Decided:
        """The whole way; of what has no value there is no packet."""
        known = self._slice()
        diagram = self.rest(0, View(self.universe, self.host, known)) if all(known.values()) else ABSENT
        return Decided(
            self.ruleset, self.host, self.query, self.universe, self.diagrams, diagram, known, tuple(self.translations)
        )

    def _impossible(self, view: View) -> int:
        """ABSENT for new packets of ICMP that begin no connection: there are none."""
        found: list[Box] = []
        for protocol, types in BEGINNING.items():
            others = complement(normalised(icmp_numbers(kind, None) for kind in types), 65535)
            said = (FIRST, Numbers("protocol", ((protocol, protocol),)), Numbers("icmp", others))
            found += view.joined(said)
        return self.diagrams.first_of([self.diagrams.box(box, ABSENT) for box in found])

    def _slice(self) -> dict[int, Intervals]:
        """What the query fixes."""
        known = {BY_FIELD[field]: values for field, values in self.query.sent.items()}
        none: Intervals = ((0, 0),)
        sent = self.query.path in ("output", "loopback")
        known[IN] = none if sent else self._interfaces(self.query.into)
        if sent:
            known[CARD] = ((NO_CARD, NO_CARD),)
        known[OUT] = none if self.query.path == "input" else self._interfaces(self.query.out)
        if self.query.path == "loopback":
            known[OUT] = self.universe.named("lo")
        if self.query.sure:
            known[NEW_KIND] = OTHERS
        if self.query.beyond and "lo" in self.universe.interfaces:
            known[IN] = difference(known[IN], self.universe.named("lo"))
        return known

    def _interfaces(self, names: tuple[str, ...] | None) -> Intervals:
        if names is None:
            return ((1, self.universe.tops[IN]),)
        return normalised(pair for name in names for pair in self.universe.named(name))

    def rest(self, at: int, view: View) -> int:
        """What becomes of the packets that come to a stage."""
        if at == len(self.stages):
            return ACCEPT
        known = self._rest.get((at, id(view)))
        if known is None:
            self._views.append(view)  # an id is its object's as long as that is there
            known = self._rest[at, id(view)] = self._stage(at, self.stages[at], view)
        return known

    def _stage(self, at: int, stage: Stage, view: View) -> int:
        if stage.does == "track":
            if view.untracked:
                return self.rest(at + 1, view.narrowed("track", {STATE: ((UNTRACKED, UNTRACKED),)}))
            return self.diagrams.otherwise(self._impossible(view), self.rest(at + 1, view.narrowed("track", {})))
        if stage.does == "receive":
            return self.diagrams.otherwise(refused(view, self.query, self.diagrams), self.rest(at + 1, view))
        if stage.does == "route":
            absent, narrowed = arriving(view, self.query, self.diagrams)
            return ABSENT if narrowed is None else self.diagrams.otherwise(absent, self.rest(at + 1, narrowed))
        if stage.does == "return":
            back: dict[int, Intervals] = {IN: self.universe.named("lo"), OUT: ((0, 0),)}
            return self.rest(at + 1, view.narrowed("return", back))
        if stage.does == "translate":
            return self._translate(at, stage, view)
        return self._filter(at, stage, view)

    def _filter(self, at: int, stage: Stage, view: View) -> int:
        table, chain = stage.chains[0]
        following = self.rest(at + 1, view)
        tracked = self._is_tracked(at)
        passing = following if tracked and following < 0 else PASS
        chains = Chains(self.diagrams, table, self._here(at, view), tracked, passing)
        return self._passed(at, view, chains.base(chain), following)

    def _passed(self, at: int, view: View, diagram: int, following: int) -> int:
        """The rest of the way, where a stage lets the packet pass."""
        if self._is_tracked(at):
            return diagram if following < 0 else self.diagrams.then(diagram, PASS, following)
        if PASS_UNTRACKED in self.diagrams.leaves(diagram):
            untracked = view.narrowed("untracked", {}, untracked=True)
            diagram = self.diagrams.then(diagram, PASS_UNTRACKED, self.rest(at + 1, untracked))
        return self.diagrams.then(diagram, PASS, following)

    def _is_tracked(self, at: int) -> bool:
        return "track" in self.does[:at]

    def _here(self, at: int, view: View) -> View:
        """What can be asked at a stage: no state before tracking, no way out before routing.

        What the host sends has a way before that, which the output hook is told; translation may send it another.
        """
        known: dict[int, Intervals] = {}
        if not self._is_tracked(at):
            known[STATE] = ((UNTRACKED, UNTRACKED),) if view.untracked else ((INVALID, INVALID),)
        if self.query.path == "forward" and "route" not in self.does[:at]:
            known[OUT] = ((0, 0),)
        if self.query.path in ("output", "loopback") and "route" not in self.does[:at]:
            return view.narrowed(("here", *known), known, first_way=True)
        return view.narrowed(tuple(known), known) if known else view

    def _translate(self, at: int, stage: Stage, view: View) -> int:
        """The first packet of a connection is translated by the first chain that says so."""
        here = self._here(at, view)
        eligible = [*here.joined((FIRST,)), *here.joined((RELATED_TO, NO_ICMP))]
        diagram = self.diagrams.first_of([self.diagrams.box(box, PASS) for box in eligible])
        if diagram == NOTHING:
            return self.rest(at + 1, view)
        translators = self._translators.get(at)
        if translators is None:
            translators = self._translators[at] = Translators(stage, self.query, self.host)
        translating = Translating(
            self.diagrams, translators, view, here, lambda each: self.rest(at + 1, each), self.leaf
        )
        said = PASS
        for table, chain in stage.chains:
            chains = Chains(self.diagrams, table, here, True, translating=translating)
            said = self.diagrams.then(said, PASS, chains.base(chain))
        diagram = self.diagrams.otherwise(self.diagrams.within(diagram, said), PASS)
        return self.diagrams.then(diagram, PASS, self.rest(at + 1, view))

    def leaf(self, translation: Translation) -> int:
        """The leaf that says: accepted after this translation."""
        return TRANSLATED - self.translations.setdefault(translation, len(self.translations))
