"""A decision about all packets says of each what walking it through the rules says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from policyengine.firewall.deciding import decide
from policyengine.firewall.interpreter import walk
from policyengine.firewall.queries import Query
from tests.firewall.random_rules import Making

if TYPE_CHECKING:
    from policyengine.firewall.packets import Concrete, Path

PATHS: tuple[Path, ...] = ("input", "forward", "output")


@pytest.mark.parametrize("path", PATHS)
def test_diagrams_and_walks_agree(path: Path) -> None:
    for seed in range(80):
        disagreeing(seed, path)


def disagreeing(seed: int, path: Path, packets: int = 60) -> None:
    making = Making(seed)
    ruleset, host = making.ruleset(), making.host()
    decided = decide(ruleset, host, Query(4, path))
    for _ in range(packets):
        packet = making.packet(path)
        walked = walk(ruleset, host, packet)
        assert decided.verdict_of(as_chosen(packet, walked.packet)) == walked.verdict, (seed, packet, walked.hits)


def as_chosen(packet: Concrete, arrived: Concrete) -> Concrete:
    """The packet with what translation chose of it."""
    chosen = {"destination": arrived.destination, "dport": arrived.dport, "source": arrived.source}
    return replace(packet, chosen={**chosen, "sport": arrived.sport})


@pytest.mark.parametrize("path", PATHS)
def test_every_witness_stands_the_walk(path: Path) -> None:
    for seed in range(40):
        making = Making(seed)
        ruleset, host = making.ruleset(), making.host()
        decided = decide(ruleset, host, Query(4, path, {"state": ((0, 0),)}))
        for verdict in decided.verdicts():
            packet = decided.witness(verdict)
            assert packet is not None
            assert walk(ruleset, host, packet).verdict == verdict


@pytest.mark.parametrize("query", [Query(sent={"source": ()}), Query(into=("lo",), beyond=True)])
def test_a_query_of_nothing_has_no_verdict(query: Query) -> None:
    rules = Making(1).ruleset()
    assert decide(rules, None, query).verdicts() == frozenset()
    assert decide(rules, None, query).flows().allowed == {}
