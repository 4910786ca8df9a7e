"""A firewall's facts that are decided, not counted: what its rules come to together. Only what is asked for is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import BudgetError
from policyengine.inputs.firewall.summing import SPOKEN, Places
from policyengine.model.unknown import OpenList, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.firewall.defaults import Default
    from policyengine.firewall.firewall import Firewall
    from policyengine.firewall.packets import Path
    from policyengine.firewall.rules import Family

_NOT_THERE = "no chain of the dump is asked about these packets: others may be"


def _defaults(firewall: Firewall) -> tuple[object, Places]:
    families: list[Family] = [of for of in SPOKEN if any(of in table.families for table in firewall.ruleset.tables)]
    paths: tuple[Path, ...] = ("input", "forward", "output")
    found: dict[str, object] = {}
    places: Places = {}
    for path in paths:
        told = [_default(firewall, family, path) for family in families]
        found[path] = [facts for facts, _ in told]
        places |= {("defaults", path, at): one.where for at, (_, one) in enumerate(told) if one is not None}
    return found, places


def _default(firewall: Firewall, family: Family, path: Path) -> tuple[dict[str, object], Default | None]:
    from policyengine.firewall.defaults import default

    found = default(firewall.ruleset, family, path)
    if found is None:
        does = "accept" if firewall.ruleset.whole else Unknown("defaults", _NOT_THERE)
        return {"family": SPOKEN[family], "does": does}, None
    why = f'"{found.text}" decides, which is not modelled'
    does = Unknown("defaults", why) if found.does == "undecided" else found.does
    return {"family": SPOKEN[family], "does": does, "rule": found.text}, found


def _shadowed(firewall: Firewall) -> tuple[object, Places]:
    from policyengine.firewall.shadowing import shadowed

    found = list(shadowed(firewall.ruleset, firewall.host))
    facts = [
        {
            "family": SPOKEN[one.family],
            "table": one.table,
            "chain": one.chain,
            "rule": one.rule.text,
            "by": [rule.text for rule in one.by],
        }
        for one in found
    ]
    return facts, {("shadowed_rules", at): one.rule.where for at, one in enumerate(found)}


def _past_input(firewall: Firewall) -> tuple[object, Places]:
    from policyengine.firewall.explaining import packet
    from policyengine.firewall.intents.telling import packet_text, ports_text
    from policyengine.firewall.past_input import past_input

    published = list(past_input(firewall))
    found = [one for one in published if not one.unknown]
    facts: list[object] = [
        {
            "family": SPOKEN[one.family],
            "port": ports_text({one.protocol: one.ports}),
            "rule": one.rule.text,
            "packet": packet_text(packet(one.packet)),
        }
        for one in found
    ]
    places: Places = {("past_input", at): one.rule.where for at, one in enumerate(found)}
    unsure = next((one for one in published if one.unknown), None)
    if unsure is None:
        return facts, places
    port, hangs_on = ports_text({unsure.protocol: unsure.ports}), "; ".join(unsure.unknown)
    why = f"{port} is published, and whether it gets past the rules for input hangs on what is not modelled: {hangs_on}"
    return OpenList(facts, Unknown("past_input", why)), places


def _ineffective(firewall: Firewall) -> tuple[object, Places]:
    from policyengine.firewall.before_translation import before_translation

    found = list(before_translation(firewall.ruleset, firewall.host))
    facts = [
        {
            "family": SPOKEN[one.family],
            "table": one.table,
            "chain": one.chain,
            "rule": one.rule.text,
            "translated_by": one.translated_by.text,
        }
        for one in found
    ]
    return facts, {("ineffective_drops", at): one.rule.where for at, one in enumerate(found)}


def _budgeted(field: str, decide: Callable[[Firewall], tuple[object, Places]]) -> Callable[..., tuple[object, Places]]:
    """What takes too many steps to decide is unknown."""

    def told(firewall: Firewall) -> tuple[object, Places]:
        try:
            return decide(firewall)
        except BudgetError as error:
            return Unknown(field, error.message), {}

    return told


DECIDED: dict[str, Callable[[Firewall], tuple[object, Places]]] = {
    field: _budgeted(field, decide)
    for field, decide in {
        "defaults": _defaults,
        "shadowed_rules": _shadowed,
        "past_input": _past_input,
        "ineffective_drops": _ineffective,
    }.items()
}
"""By field: its value, and the places of its items."""
