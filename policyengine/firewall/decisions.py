"""Many questions about one host: each is decided over the rules that bear on it, and none is decided twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.bearing import Bearing
from policyengine.firewall.deciding import decide
from policyengine.firewall.senders import Senders
from policyengine.firewall.universe import universe

if TYPE_CHECKING:
    from policyengine.firewall.answers import Decided
    from policyengine.firewall.host import Host
    from policyengine.firewall.packets import Path
    from policyengine.firewall.queries import Query
    from policyengine.firewall.reach import Flows
    from policyengine.firewall.rules import Family, Field, Ruleset
    from policyengine.firewall.universe import Universe


class Decisions:
    """What a rule set and its host do, as far as it is asked about."""

    def __init__(self, ruleset: Ruleset, host: Host) -> None:
        self.ruleset = ruleset
        self.host = host
        self._bearing: dict[tuple[Family, Path], Bearing] = {}
        self._universes: dict[tuple[Family, tuple[str, ...]], Universe] = {}
        self._flows: dict[tuple[object, ...], Flows] = {}
        self._senders: dict[tuple[int, Family], Senders] = {}
        self._last: tuple[tuple[object, ...], Decided] | None = None

    def decide(self, query: Query) -> Decided:
        """What becomes of the query's packets; see ``Bearing`` for what that is about. Raises BudgetError."""
        key = _key(query)
        if self._last is None or self._last[0] != key:  # diagrams are large: the last one is kept, to be shown
            known = self._universe(query.family, (*(query.into or ()), *(query.out or ())))
            self._last = key, decide(self.bearing(query), self.host, query, known=known)
        return self._last[1]

    def flows(self, query: Query) -> Flows:
        """On which ports its packets get through. Raises BudgetError.

        Of senders that no rule tells apart, as the containers of a network mostly are, one is asked about.
        """
        key = (self._sender(query), *_key(query, but="source"))
        if key not in self._flows:
            self._flows[key] = self.decide(query).flows()
        return self._flows[key]

    def bearing(self, query: Query) -> Ruleset:
        """The rules that bear on a query."""
        key = (query.family, query.path)
        if key not in self._bearing:
            self._bearing[key] = Bearing(self.ruleset, self.host, *key)
        return self._bearing[key].on(query)

    def _sender(self, query: Query) -> object:
        sources = query.sent.get("source")
        if sources is None or len(sources) != 1 or sources[0][0] != sources[0][1]:
            return sources
        ruleset = self.bearing(query)
        key = (id(ruleset), query.family)  # what bears on a query is kept as long as this is
        if key not in self._senders:
            self._senders[key] = Senders(ruleset, self.host, query.family)
        return self._senders[key].answers(sources[0][0])

    def _universe(self, family: Family, interfaces: tuple[str, ...]) -> Universe:
        key = (family, interfaces)
        if key not in self._universes:
            self._universes[key] = universe(family, (self.ruleset,), self.host, interfaces)
        return self._universes[key]


def _key(query: Query, but: Field | None = None) -> tuple[object, ...]:
    sent = tuple(sorted((field, values) for field, values in query.sent.items() if field != but))
    return (query.family, query.path, sent, tuple(sorted(query.reached.items())), query.into, query.out, query.beyond)
