"""The rest of the way of packets that a stage translates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.calls import called_from
from policyengine.firewall.leaves import ABSENT, ACCEPT, UNCHOSEN
from policyengine.firewall.rules import KINDS, Translate
from policyengine.firewall.translations import Translation, parts, within
from policyengine.firewall.universe import NEW_DESTINATION, NEW_DPORT, NEW_KIND, NEW_SOURCE, NEW_SPORT
from policyengine.firewall.views import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policyengine.firewall.diagram import Box, Diagrams
    from policyengine.firewall.host import Host
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.pipeline import Stage
    from policyengine.firewall.queries import Query
    from policyengine.firewall.rules import Condition

Variant = tuple[str, bool, bool, tuple[int, int, int] | None, bool]
"""Side, whether the address and the port change, how ports are shifted, whether the address is some own one."""

SIDES: dict[str, tuple[int, int]] = {"destination": (NEW_DESTINATION, NEW_DPORT), "source": (NEW_SOURCE, NEW_SPORT)}

LOCAL: Intervals = ((KINDS.index("local"),) * 2,)

Asked = tuple[tuple["Condition", ...], Translation | None, Translation | None]
"""A part of what a rule does: where its conditions hold, and as far as the query asks about what it leads to."""


class Translators:
    """The rules of a stage that translate, and what each of them makes of packets: worked out once for a query."""

    def __init__(self, stage: Stage, query: Query, host: Host) -> None:
        self.query = query
        self.host = host
        self.hook = stage.hook
        chains = [chain for table, start in stage.chains for chain in called_from(start, table.chains)]
        rules = [rule for chain in chains for rule in chain.rules]
        self._rules = [(rule, rule.action) for rule in rules if isinstance(rule.action, Translate)]
        self._parts: dict[int, list[Asked]] = {}

    def actions(self, view: View) -> Iterator[Translate]:
        """What the rules do that a packet of this view may match."""
        for rule, action in self._rules:
            if any(True for _ in view.boxes(rule)):
                yield action

    def parts(self, action: Translate) -> list[Asked]:
        """The parts of what a rule of the stage does, by precedence."""
        found = self._parts.get(id(action))  # the rules are there as long as this is
        if found is None:
            made = parts(action, self.query.family, self.hook, self.host)
            found = [(conditions, one, None if one is None else self._asked(one)) for conditions, one in made]
            self._parts[id(action)] = found
        return found

    def _asked(self, translation: Translation) -> Translation | None:
        reached = self.query.reached
        if translation.side == "source" or not reached:
            return translation
        return within(translation, reached.get("destination"), reached.get("dport"))


class Translating:
    """What becomes of packets that one stage translates, seen in one way.

    The rest of the way is decided once for all translations of a variant, with the new address and port as dimensions,
    which each of them then fixes.
    """

    def __init__(
        self,
        diagrams: Diagrams,
        translators: Translators,
        view: View,
        here: View,
        rest: Callable[[View], int],
        leaf: Callable[[Translation], int],
    ) -> None:
        self.diagrams = diagrams
        self.translators = translators
        self.view = view
        self.here = here
        self.rest = rest
        self.leaf = leaf
        self._views: dict[Variant, View] | None = None
        self._known: dict[Translation, int] = {}

    def __call__(self, action: Translate) -> Iterator[tuple[tuple[Condition, ...], int]]:
        """The parts of what a rule does, each with the rest of the way of the packets in it."""
        for conditions, translation, asked in self.translators.parts(action):
            if translation is None:
                yield conditions, self.rest(self.view)
            else:
                yield conditions, ABSENT if asked is None else self._following(asked)

    def _following(self, translation: Translation) -> int:
        known = self._known.get(translation)
        if known is None:
            known = self._known[translation] = self._decided(translation)
        return known

    def _decided(self, translation: Translation) -> int:
        if self._views is None:
            self._views = self._all_views()
        address, port = SIDES[translation.side]
        later = self.rest(self._views[_variant(translation)])
        ports = translation.ports if translation.shift is None else None
        choices: list[tuple[int, Intervals]] = []
        for dimension, values in ((address, translation.addresses), (port, ports)):
            single = values is not None and values[0][0] == values[-1][1]
            if values is not None and single and not choices and not translation.own:
                later = self.diagrams.fixed(later, dimension, values[0][0])
            elif values is not None:
                choices.append((dimension, values))
        if choices:
            later = self._chosen(tuple(choices), later)
        leaf = self.leaf(translation)
        return later if translation.side == "source" else self.diagrams.mapped(later, {ACCEPT: leaf})

    def _chosen(self, choices: Box, later: int) -> int:
        """The rest of the way for what translation may choose; it never chooses anything else."""
        within_choices = self.diagrams.within(self.diagrams.box(choices, ACCEPT), later)
        return self.diagrams.otherwise(within_choices, UNCHOSEN)

    def _all_views(self) -> dict[Variant, View]:
        """Of each variant that a rule of the stage may lead to, the view of the packets that are translated so."""
        gathered: dict[Variant, list[Translation]] = {}
        for action in self.translators.actions(self.here):
            for _, _, translation in self.translators.parts(action):
                if translation is not None:
                    gathered.setdefault(_variant(translation), []).append(translation)
        return {variant: self._view(variant, found) for variant, found in gathered.items()}

    def _view(self, variant: Variant, found: list[Translation]) -> View:
        side, new_address, new_port, shift, own = variant
        address, port = SIDES[side]
        fields = dict(self.view.fields)
        known = dict(self.view.known)
        port_field = "dport" if side == "destination" else "sport"
        if new_address or own:
            fields["destination" if side == "destination" else "source"] = address
        if new_address:
            known[address] = _all([each.addresses for each in found])
        if new_port:
            fields["dport" if port_field == "dport" else "sport"] = port
            known[port] = _all([each.ports for each in found])
        kind = self.view.kind
        if side == "destination" and (new_address or own):
            kind = NEW_KIND
            known.update({NEW_KIND: LOCAL} if own else {})
        nat = self.view.nat | (1 if side == "destination" else 2)
        shifting = shift if side == "destination" else None
        return View(self.view.universe, self.view.host, known, fields, kind, nat, shifting or self.view.shift)


def _variant(one: Translation) -> Variant:
    shifts = one.shift is not None
    return one.side, one.addresses is not None, one.ports is not None and not shifts, one.shifting, one.own


def _all(values: list[Intervals | None]) -> Intervals:
    """All in one, pairwise for many."""
    from policyengine.firewall.intervals import normalised

    return normalised(pair for each in values for pair in each or ())
