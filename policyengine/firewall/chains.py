"""Chains as diagrams: what the rules of a chain say of every packet that comes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.diagram import NOTHING, Diagrams
from policyengine.firewall.intervals import intersection, normalised
from policyengine.firewall.leaves import (
    DROP,
    END,
    END_UNTRACKED,
    JUMPED,
    NOTHING_UNTRACKED,
    PASS,
    REJECT,
    REST,
    RETURN,
    RETURN_UNTRACKED,
    UNDECIDED,
    UNTRACKING,
)
from policyengine.firewall.rules import UNTRACKED, Call, Numbers, Return, Stop, Translate, Untrack
from policyengine.firewall.universe import STATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from policyengine.firewall.diagram import Box
    from policyengine.firewall.rules import Chain, Condition, Rule, Table
    from policyengine.firewall.views import View

    Translating = Callable[[Translate], Iterable[tuple[tuple[Condition, ...], int]]]


class Chains:
    """The chains of a table at one stage, seen in one way. ``translating`` says what becomes of what is translated."""

    def __init__(
        self,
        diagrams: Diagrams,
        table: Table,
        view: View,
        tracked: bool,
        passing: int = PASS,
        translating: Translating | None = None,
    ) -> None:
        self.diagrams = diagrams
        self.view = view
        self.tracked = tracked
        self.verdicts = {"accept": passing, "drop": DROP, "reject": REJECT}
        self.translating = translating
        self.table = table
        self.chains = {chain.name: chain for chain in table.chains}
        self._asks_state = not tracked and _asks_state(table)
        self._other: Chains | None = None
        self._known: dict[str, int] = {}

    def base(self, chain: Chain) -> int:
        """What a base chain says; where no rule decides, its policy does."""
        policy = self.verdicts[chain.policy]
        return self.diagrams.first_of([*self._from(chain.rules, policy), policy])

    def chain(self, name: str) -> int:
        """What a chain says to that which calls it."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self.diagrams.first_of(self._from(self.chains[name].rules, RETURN))
        return known

    def _from(self, rules: tuple[Rule, ...], end: int) -> list[int]:
        """What each rule says; of rules that say the same one after the other, what they say together.

        ``end`` is what it means to return from the chain.
        """
        found: list[int] = []
        run: list[Box] = []
        saying = NOTHING
        for at, rule in enumerate(rules):
            boxes = [] if rule.action is None else list(self.view.boxes(rule))
            if not boxes:
                continue
            if isinstance(rule.action, Translate):
                self._end_run(run, saying, found)
                self._translated(boxes, rule.action, found)
                continue
            inside = self._inside(rule, end)
            if inside != saying or inside >= 0:
                self._end_run(run, saying, found)
                saying = inside
            run += boxes
            if self._asks_state and NOTHING_UNTRACKED in self.diagrams.leaves(inside):
                self._end_run(run, saying, found)
                return [self._parted(self.diagrams.first_of(found), rules[at + 1 :], end)]
        self._end_run(run, saying, found)
        return found

    def _parted(self, said: int, rules: tuple[Rule, ...], end: int) -> int:
        """What was ``said``, and else what the rest says, which sees another state where a rule has untracked."""
        diagrams = self.diagrams
        rest, untracked = (diagrams.first_of(each._from(rules, end)) for each in (self, self._untracked()))
        both = diagrams.otherwise(diagrams.mapped(said, {NOTHING_UNTRACKED: REST}), rest)
        both = diagrams.mapped(both, {NOTHING: END, NOTHING_UNTRACKED: END_UNTRACKED, REST: NOTHING})
        both = diagrams.otherwise(both, diagrams.mapped(untracked, UNTRACKING))
        return diagrams.mapped(both, {END: NOTHING, END_UNTRACKED: NOTHING_UNTRACKED})

    def _untracked(self) -> Chains:
        """The same chains for packets that a rule has untracked."""
        if self._other is None:
            state = {STATE: ((UNTRACKED, UNTRACKED),)}
            view = self.view.narrowed("untracked here", state, first_way=self.view.first_way)
            passing = self.verdicts["accept"]
            self._other = Chains(self.diagrams, self.table, view, True, passing, self.translating)
        return self._other

    def _end_run(self, run: list[Box], saying: int, found: list[int]) -> None:
        if saying != NOTHING:
            found.extend(self._boxed(box, saying) for box in (together(run) if len(run) > 1 else run))
        run.clear()

    def _boxed(self, box: Box, inside: int) -> int:
        if inside < 0:
            return self.diagrams.box(box, inside)
        return self.diagrams.within(self.diagrams.box(box, PASS), inside)

    def _inside(self, rule: Rule, end: int) -> int:
        """What a rule says of the packets that it matches."""
        action = rule.action
        if isinstance(action, Stop):
            return self.verdicts[action.does]
        if isinstance(action, Call):
            return self._called(action, end)
        if isinstance(action, Return):
            return end
        if isinstance(action, Untrack):
            return NOTHING if self.tracked else NOTHING_UNTRACKED
        return UNDECIDED

    def _called(self, call: Call, end: int) -> int:
        said = self.chain(call.chain)
        if not call.back:
            untracked = UNTRACKING.get(end, end)
            ends = {NOTHING: end, RETURN: end, NOTHING_UNTRACKED: untracked, RETURN_UNTRACKED: untracked}
            return self.diagrams.mapped(said, ends)
        return self.diagrams.mapped(said, JUMPED) if self._returns(call.chain) else said

    def _returns(self, name: str) -> bool:
        """Whether a chain may say RETURN: by a rule, or because a chain that it has gone to has ended."""
        actions = (rule.action for rule in self.chains[name].rules)
        return any(isinstance(one, Return) or (isinstance(one, Call) and not one.back) for one in actions)

    def _translated(self, boxes: list[Box], action: Translate, found: list[int]) -> None:
        if self.translating is None:
            return
        for conditions, inside in self.translating(action):
            for box in boxes:
                for part in self.view.joined(conditions):
                    if (both := merged(box, part)) is not None:
                        found.append(self._boxed(both, inside))


def _asks_state(table: Table) -> bool:
    return any(
        isinstance(one, Numbers) and one.field == "state"
        for chain in table.chains
        for rule in chain.rules
        for conditions in rule.any_of
        for one in conditions
    )


def merged(one: Box, other: Box) -> Box | None:
    """The packets of both boxes; None: there are none."""
    found = dict(one)
    for dimension, values in other:
        both = intersection(found.get(dimension, values), values)
        if not both:
            return None
        found[dimension] = both
    return tuple(sorted(found.items()))


def together(boxes: list[Box]) -> list[Box]:
    """Fewer boxes with the same packets: those that differ in their last dimension only, or in their first, are one."""
    return sorted(_joined(_joined(set(boxes), -1), 0))


def _joined(boxes: Iterable[Box], at: int) -> list[Box]:
    groups: dict[tuple[Box, int], list[tuple[int, int]]] = {}
    found: list[Box] = []
    for box in boxes:
        if not box:
            return [()]
        dimension, values = box[at]
        groups.setdefault((box[1:] if at == 0 else box[:-1], dimension), []).extend(values)
    for (rest, dimension), pairs in groups.items():
        one = (dimension, normalised(pairs))
        found.append((one, *rest) if at == 0 else (*rest, one))
    return found
