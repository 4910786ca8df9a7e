"""What is decided of packets whatever the unknown matches say."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from policyengine.firewall.answers import unknown, verdict
from policyengine.firewall.budget import deep
from policyengine.firewall.diagram import NOTHING
from policyengine.firewall.leaves import UNDECIDED

if TYPE_CHECKING:
    from policyengine.firewall.answers import Decided
    from policyengine.firewall.packets import Concrete


def settled(decided: Decided) -> Decided:
    """The same decision, with "undecided" for the packets that fare otherwise as unknown matches say this or that."""
    diagrams = decided.diagrams
    memo: dict[int, int] = {}

    def go(node: int) -> int:
        if node < 0:
            return node
        if node not in memo:
            if unknown(diagrams.dimensions[node]):
                memo[node] = _one_fate(decided, node)
            else:
                children = [go(child) for child in diagrams.children[node]]
                memo[node] = diagrams.node(diagrams.dimensions[node], diagrams.bounds[node], children)
        return memo[node]

    found = copy(decided)
    with deep():
        found.diagram = go(decided.diagram)
    return found


def _one_fate(decided: Decided, node: int) -> int:
    """What becomes of packets in the end, where only unknown matches are asked any more."""
    diagrams = decided.diagrams
    leaves = diagrams.leaves(node)
    if NOTHING in leaves or len({verdict(leaf) for leaf in leaves}) > 1:
        return UNDECIDED
    while node >= 0:  # of several leaves that which is come to where no unknown match holds, as in a packet without any
        node = diagrams.child(node, 0)
    return node


def asked(decided: Decided, packet: Concrete) -> tuple[str, ...]:
    """The unknown matches that have a say in what becomes of a packet."""
    diagrams = decided.diagrams
    waiting: list[int] = []
    for values in decided.values(packet):
        node = decided.diagram
        while node >= 0 and not unknown(diagrams.dimensions[node]):
            node = diagrams.child(node, values[diagrams.dimensions[node]])
        waiting.append(node)
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if node >= 0 and node not in seen:
            seen.add(node)
            waiting.extend(diagrams.children[node])
    names = {dimension: name for name, dimension in decided.universe.atoms.items()}
    return tuple(names[dimension] for dimension in sorted({diagrams.dimensions[node] for node in seen}))
