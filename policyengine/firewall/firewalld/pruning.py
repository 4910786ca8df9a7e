"""A table without what is in it for completeness only: firewalld has chains for every stage of every zone and policy.

A path through rules tells more where it does not lead through twenty empty chains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.firewall.rules import Call

if TYPE_CHECKING:
    from policyengine.firewall.rules import Chain, Rule, Table


def pruned(table: Table) -> Table:
    """The table without rules that no packet matches, and jumps to chains in which nothing happens.

    A ``goto`` to such a chain stays, for it ends the chain that it is in.
    """
    chains = [replace(one, rules=tuple(rule for rule in one.rules if rule.any_of)) for one in table.chains]
    idle = _idle(chains)
    chains = [replace(one, rules=tuple(rule for rule in one.rules if not _jumps(rule, idle))) for one in chains]
    called = _called(chains, idle)
    return replace(table, chains=tuple(one for one in chains if one.hook or one.name not in idle or one.name in called))


def _idle(chains: list[Chain]) -> set[str]:
    """The chains in which nothing happens, nor in those that they call."""
    waiting = {one.name: {_target(rule) for rule in one.rules} for one in chains if one.hook is None}
    idle: set[str] = set()
    while found := {name for name, targets in waiting.items() if targets <= idle} - idle:
        idle |= found
    return idle


def _target(rule: Rule) -> str:
    """The chain that a rule calls; empty for one that does something."""
    return rule.action.chain if isinstance(rule.action, Call) else ""


def _jumps(rule: Rule, idle: set[str]) -> bool:
    return isinstance(rule.action, Call) and rule.action.back and rule.action.chain in idle


def _called(chains: list[Chain], idle: set[str]) -> set[str]:
    """The idle chains that those which stay go on to."""
    return {_target(rule) for one in chains if one.hook or one.name not in idle for rule in one.rules}
