"""The rule sets that speed is measured with: their size, and that they are decided as they are walked."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from policyengine.firewall import ipset
from policyengine.firewall.deciding import decide
from policyengine.firewall.interpreter import walk
from policyengine.firewall.iptables import read
from policyengine.firewall.packets import Concrete
from policyengine.firewall.queries import Query
from policyengine.firewall.rules import Atom, Interface, Numbers, Ruleset
from policyengine.firewall.universe import universe
from tests.firewall.realistic import SHAPES, made
from tests.firewall.test_deciding import as_chosen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.rules import Condition


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_are_as_large_as_asked_and_the_same_each_time(shape: str) -> None:
    text = made(shape, 1000).rules
    rules = sum(line.startswith("-A") for line in text.splitlines())
    assert 900 <= rules <= 1150
    assert text == made(shape, 1000).rules
    assert text != made(shape, 1000, seed=2).rules


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_are_decided_as_they_are_walked(shape: str) -> None:
    written = made(shape, 200)
    ruleset = Ruleset(read(written.rules, "rules", 4, sets=ipset.read(written.sets, "sets")))
    decided = decide(ruleset, None, Query(4, "forward", {"state": ((0, 0),)}))
    verdicts = set()
    for packet in packets(ruleset, random.Random(1)):
        walked = walk(ruleset, decided.host, packet)
        assert decided.verdict_of(as_chosen(packet, walked.packet)) == walked.verdict, packet
        verdicts.add(walked.verdict)
    assert verdicts >= ({"accept"} if shape == "services" else {"accept", "drop"})


def packets(ruleset: Ruleset, chance: random.Random, count: int = 400) -> Iterator[Concrete]:
    """Packets with values that some rule asks for, of one rule in most cases, so that it is met."""
    known = universe(4, (ruleset,), decide(ruleset, None, Query()).host)
    rules = [rule for table in ruleset.tables for chain in table.chains for rule in chain.rules if rule.any_of]
    for _ in range(count):
        every = [one for rule in chance.choices(rules, k=3) for one in chance.choice(rule.any_of)]
        yield _packet(every, chance, known.interfaces[1:-1], list(known.atoms))


def _packet(conditions: list[Condition], chance: random.Random, names: tuple[str, ...], atoms: list[str]) -> Concrete:
    asked = {
        one.field: chance.choice(one.values)[chance.randrange(2)] for one in conditions if isinstance(one, Numbers)
    }
    ways = {one.side: one.names[0] for one in conditions if isinstance(one, Interface)}
    holding = [one.name for one in conditions if isinstance(one, Atom)] + (chance.choices(atoms, k=2) if atoms else [])
    return Concrete(
        4,
        "forward",
        asked.get("source", 10 << 24),
        asked.get("destination", 8 << 24),
        ways.get("in", chance.choice(names)),
        ways.get("out", chance.choice(names)),
        protocol=chance.choice((6, 17)),
        sport=40000,
        dport=asked.get("dport", 22),
        atoms={name: chance.random() < 0.6 for name in holding},
        kinds={"source": "unicast", "destination": "unicast", "translated": "unicast"},
    )
