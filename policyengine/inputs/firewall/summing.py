"""A firewall's facts: its tables, chains and default policies, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.rules import Atom, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.firewall.rules import Chain, Family, Ruleset, Table
    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath

SPOKEN: dict[Family, str] = {4: "ipv4", 6: "ipv6"}
_DECIDING = ("input", "forward", "output")

Places = dict["FieldPath", "Location"]


def summed(rules: Ruleset) -> tuple[dict[str, object], Places]:
    """What is counted in a rule set, and where the chains that it tells of are written."""
    families = [of for of in SPOKEN if any(of in table.families for table in rules.tables)]
    chains = [(table, chain) for table in rules.tables for chain in table.chains]
    facts: dict[str, object] = {
        "families": [SPOKEN[of] for of in families],
        "tables": [_table(table) for table in rules.tables],
        "chains": [_chain(table, chain) for table, chain in chains],
        "policies": [_policy(rules.tables, of, hook) for of in families for hook in _DECIDING],
        "rules": sum(len(chain.rules) for _, chain in chains),
        "unmodelled": sorted(_unmodelled(rules)),
    }
    return facts, {("chains", number): chain.where for number, (_, chain) in enumerate(chains)}


def _table(table: Table) -> dict[str, object]:
    return {
        "name": table.name,
        "program": table.program,
        "family": SPOKEN[table.families[0]],
        "chains": len(table.chains),
        "rules": sum(len(chain.rules) for chain in table.chains),
    }


def _chain(table: Table, chain: Chain) -> dict[str, object]:
    told: dict[str, object] = {"name": chain.name, "table": table.name, "family": SPOKEN[table.families[0]]}
    if chain.hook is not None:
        told |= {"hook": chain.hook, "priority": chain.priority, "policy": chain.policy, "type": chain.type}
    return {**told, "rules": len(chain.rules)}


def _policy(tables: Sequence[Table], family: Family, hook: str) -> dict[str, object]:
    drops = any(
        chain.policy == "drop"
        for table in tables
        if family in table.families
        for chain in table.chains
        if chain.hook == hook
    )
    return {"family": SPOKEN[family], "hook": hook, "policy": "drop" if drops else "accept"}


def _unmodelled(rules: Ruleset) -> set[str]:
    every = [rule for table in rules.tables for chain in table.chains for rule in chain.rules]
    atoms = {one.name for rule in every for case in rule.any_of for one in case if isinstance(one, Atom)}
    return atoms | {rule.action.text for rule in every if isinstance(rule.action, Unknown)}
