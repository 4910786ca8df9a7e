"""Settings by lot, loaded by the real firewalld: the same becomes of packets by its files and by its rules."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.firewall.firewalld.comparing import differences, ours, theirs
from tests.firewall.firewalld.drawing import Drawn
from tests.firewall.firewalld.real import lay, load, needs_firewalld
from tests.firewall.firewalld.test_files import DIRECT
from tests.firewall.nft.rendering import shown
from tests.once import ONCE

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.firewall.rules import Ruleset

pytestmark = [ONCE, pytest.mark.live]

DRAWN = 24
PACKETS = 150


def test_packets_are_decided_as_firewalld_decides_them(tmp_path: Path) -> None:
    needs_firewalld()
    places = [lay(tmp_path / str(seed), Drawn(random.Random(seed)).files) for seed in range(DRAWN)]
    load(places)
    refused = [(place / "refused").read_text() for place in places if (place / "refused").exists()]
    assert refused == []
    found = [one for seed, place in enumerate(places) for one in differences(place, PACKETS, seed)]
    assert not found, "\n".join(found[:5])


def test_direct_rules_are_loaded_the_same(tmp_path: Path) -> None:
    needs_firewalld()
    direct = DIRECT.replace('<rule ipv="eb" table="filter" chain="INPUT" priority="0">-j DROP</rule>', "")
    place = lay(tmp_path, {"firewalld.conf": "", "direct.xml": direct})
    load([place])
    assert not (place / "refused").exists(), (place / "refused").read_text()
    assert _saved(ours(place)) == _saved(theirs(place))


def _saved(ruleset: Ruleset) -> dict[str, list[str]]:
    """The rules of iptables by table and chain, in order; what has none is left out."""
    return {
        f"{table.name}{table.families[0]} {chain.name}": [shown(rule) for rule in chain.rules]
        for table in ruleset.tables
        if table.program == "iptables-nft"
        for chain in table.chains
        if chain.rules
    }
