"""Packets that are sent to a port and get through to another one, or to somebody else: what publishing does.

Who asks whether a host is reached on a port may mean the port that is sent to; what is decided is where packets arrive.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.firewall.deciding import decide
from policyengine.firewall.leaves import ABSENT, ACCEPT
from policyengine.firewall.rules import Translate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.answers import Decided
    from policyengine.firewall.host import Host
    from policyengine.firewall.interpreter import Walked
    from policyengine.firewall.packets import Path
    from policyengine.firewall.queries import Query
    from policyengine.firewall.rules import Rule, Ruleset
    from policyengine.firewall.universe import Universe

_WAYS: dict[Path, tuple[Path, ...]] = {
    "input": ("forward", "input"),
    "forward": ("forward", "input"),
    "output": ("output", "loopback"),
    "loopback": ("output", "loopback"),
}
"""The paths that a packet may take when it is translated, by that which it would take else."""


def translates(ruleset: Ruleset) -> bool:
    """Whether any rule changes where packets go."""
    rules = (rule for table in ruleset.tables for chain in table.chains for rule in chain.rules)
    return any(_changes(rule) for rule in rules)


def led_on(ruleset: Ruleset, host: Host, query: Query, known: Universe) -> Iterator[Decided]:
    """Of the packets that are sent to where a query asks what arrives: those that are translated and get through."""
    sent, reached = dict(query.sent), query.reached
    sent.update({field: reached[field] for field in ("destination", "dport") if field in reached})
    for path in _WAYS[query.path]:
        decided = decide(ruleset, host, replace(query, path=path, sent=sent, reached={}), known=known)
        found = copy(decided)
        found.diagram = decided.diagrams.mapped(decided.diagram, {ACCEPT: ABSENT})
        yield found


def translating(walked: Walked) -> Rule | None:
    """The rule by which a packet is sent on."""
    return next((rule for rule in walked.rules if _changes(rule)), None)


def _changes(rule: Rule) -> bool:
    return isinstance(rule.action, Translate) and rule.action.does in ("dnat", "redirect")
