"""Which senders the rules of a host do not tell apart: what becomes of one's packets becomes of the others'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.host import LOOPBACK, MULTICAST
from policyengine.firewall.intervals import contains
from policyengine.firewall.routing import martian_sources
from policyengine.firewall.rules import Numbers
from policyengine.firewall.views import kinds

if TYPE_CHECKING:
    from policyengine.firewall.host import Host
    from policyengine.firewall.rules import Family, Ruleset


class Senders:
    """All that is asked of a packet's source: by rules, and by routing (``_martians``, ``refused``)."""

    def __init__(self, ruleset: Ruleset, host: Host, family: Family) -> None:
        by_rules = {
            condition.values
            for table in ruleset.tables
            for chain in table.chains
            for rule in chain.rules
            for conditions in rule.any_of
            for condition in conditions
            if isinstance(condition, Numbers) and condition.field == "source"
        }
        routed = (LOOPBACK[family], MULTICAST[family], ((0, 0),), *((martian_sources(host),) if family == 4 else ()))
        self._sets = tuple({*by_rules, *routed, *kinds(host, family).values()})
        self._answers: dict[int, tuple[bool, ...]] = {}

    def answers(self, address: int) -> tuple[bool, ...]:
        """What is answered for an address, the same for those that are not told apart."""
        if address not in self._answers:
            self._answers[address] = tuple(contains(each, address) for each in self._sets)
        return self._answers[address]
