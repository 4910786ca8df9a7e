"""Many questions about one host: each is decided over the rules that bear on it, and none is decided twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.bearing import Bearing
from policyengine.firewall.deciding import decide
from policyengine.firewall.universe import universe

if TYPE_CHECKING:
    from policyengine.firewall.answers import Decided
    from policyengine.firewall.host import Host
    from policyengine.firewall.packets import Path
    from policyengine.firewall.queries import Query
    from policyengine.firewall.reach import Flows
    from policyengine.firewall.rules import Family, Ruleset
    from policyengine.firewall.universe import Universe


class Decisions:
    """What a rule set and its host do, as far as it is asked about."""

    def __init__(self, ruleset: Ruleset, host: Host) -> None:
        self.ruleset = ruleset
        self.host = host
        self._bearing: dict[tuple[Family, Path], Bearing] = {}
        self._universes: dict[tuple[Family, tuple[str, ...]], Universe] = {}
        self._flows: dict[tuple[object, ...], Flows] = {}
        self._last: tuple[tuple[object, ...], Decided] | None = None

    def decide(self, query: Query) -> Decided:
        """What becomes of the query's packets; see ``Bearing`` for what that is about. Raises BudgetError."""
        key = _key(query)
        if self._last is None or self._last[0] != key:  # diagrams are large: the last one is kept, to be shown
            known = self._universe(query.family, (*(query.into or ()), *(query.out or ())))
            self._last = key, decide(self.bearing(query), self.host, query, known=known)
        return self._last[1]

    def flows(self, query: Query) -> Flows:
        """On which ports its packets get through. Raises BudgetError."""
        key = _key(query)
        if key not in self._flows:
            self._flows[key] = self.decide(query).flows()
        return self._flows[key]

    def bearing(self, query: Query) -> Ruleset:
        """The rules that bear on a query."""
        key = (query.family, query.path)
        if key not in self._bearing:
            self._bearing[key] = Bearing(self.ruleset, self.host, *key)
        return self._bearing[key].on(query)

    def _universe(self, family: Family, interfaces: tuple[str, ...]) -> Universe:
        key = (family, interfaces)
        if key not in self._universes:
            self._universes[key] = universe(family, (self.ruleset,), self.host, interfaces)
        return self._universes[key]


def _key(query: Query) -> tuple[object, ...]:
    fixed = (tuple(sorted(fields.items())) for fields in (query.sent, query.reached))
    return (query.family, query.path, *fixed, query.into, query.out, query.beyond)
