"""Which chains of a table call which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.rules import Call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.firewall.rules import Chain, Rule


def calls(chain: Chain) -> list[tuple[str, Rule]]:
    """The chains that a chain calls, each with the rule that does."""
    return [(rule.action.chain, rule) for rule in chain.rules if isinstance(rule.action, Call)]


def called_from(start: Chain, chains: Sequence[Chain]) -> list[Chain]:
    """A chain of a table, and all that it calls, they call, and so on."""
    by_name = {chain.name: chain for chain in chains}
    found = {start.name: start}
    waiting = [start]
    while waiting:
        for name, _ in calls(waiting.pop()):
            if name not in found:
                found[name] = by_name[name]
                waiting.append(by_name[name])
    return list(found.values())


def loop(chains: Sequence[Chain]) -> tuple[str, Rule] | None:
    """A chain that is called from within itself, and the rule that does it. The kernel refuses such tables."""
    graph = {chain.name: calls(chain) for chain in chains}
    done: set[str] = set()
    for start in graph:
        if start in done:
            continue
        way: dict[str, None] = {start: None}
        waiting = [iter(graph[start])]
        while waiting:
            step = next(waiting[-1], None)
            if step is None:
                waiting.pop()
                done.add(way.popitem()[0])
            elif step[0] in way:
                return step
            elif step[0] not in done and step[0] in graph:
                way[step[0]] = None
                waiting.append(iter(graph[step[0]]))
    return None
