"""Packets decided by firewalld's files, and by what the real firewalld loads of them."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.firewall import firewalld, iptables, nft
from policyengine.firewall.interpreter import walk
from policyengine.firewall.rules import Atom, Ruleset
from policyengine.firewall.written import Written
from tests.firewall.firewalld.drawing import packets

if TYPE_CHECKING:
    from policyengine.firewall.rules import Rule, Table

STOCK = Path("/usr/lib/firewalld")
LATER = "by then"
"""What the unknown of a set ends in that may hold more by the time that it is asked."""

_PLACED = re.compile(r" rule \d+:|\(\S+:\d+\)$")


def written(directory: Path) -> dict[str, Written]:
    """firewalld's files below a directory, by their names in it."""
    found = [*directory.rglob("*.xml"), *directory.glob("*.conf")]
    return {str(path.relative_to(directory)): Written(str(path), path.read_text()) for path in found}


def ours(directory: Path) -> Ruleset:
    """What the files of a directory are read as."""
    return _named(firewalld.read(written(directory / "etc"), written(STOCK)))


def theirs(directory: Path) -> Ruleset:
    """What firewalld has loaded of them."""
    tables = [*nft.read((directory / "nft.json").read_text(), "nft.json")]
    for family in (4, 6):
        tables += iptables.read((directory / str(family)).read_text(), "saved", family)
    return _named(tuple(tables))


def differences(directory: Path, count: int, seed: int) -> list[str]:
    """The packets, of so many by lot, that the two decide differently about.

    Sets with a timeout hold nothing yet, as firewalld has just loaded them: what they may hold later it does not tell.
    """
    here, there = ours(directory), theirs(directory)
    atoms = sorted(name for name in {*_atoms(here), *_atoms(there)} if not name.endswith(LATER))
    lot = random.Random(seed)
    found = []
    for packet in packets(lot, count, atoms):
        one, other = walk(here, None, packet), walk(there, None, packet)
        if (one.verdict, one.packet) != (other.verdict, other.packet):
            met = [f"    {rule.where}  {rule.text}" for rule in one.rules]
            real = [f"    {chain}: {rule.text}" for (_, chain, _), rule in zip(other.hits, other.rules, strict=True)]
            told = [f"{packet}", f"  files: {one.verdict}", *met, f"  firewalld: {other.verdict}", *real]
            found.append("\n".join(told))
    return found


def _named(tables: tuple[Table, ...]) -> Ruleset:
    """The tables with unknowns that are named by their chains, and not by the numbers of rules: files' have no logs."""
    return Ruleset(
        tuple(
            replace(
                table,
                chains=tuple(replace(one, rules=tuple(map(_renamed, one.rules))) for one in table.chains),
            )
            for table in tables
        )
    )


def _renamed(rule: Rule) -> Rule:
    cases = tuple(
        tuple(replace(one, name=_PLACED.sub("", one.name)) if isinstance(one, Atom) else one for one in case)
        for case in rule.any_of
    )
    return replace(rule, any_of=cases)


def _atoms(ruleset: Ruleset) -> set[str]:
    rules = [rule for table in ruleset.tables for chain in table.chains for rule in chain.rules]
    return {one.name for rule in rules for case in rule.any_of for one in case if isinstance(one, Atom)}
