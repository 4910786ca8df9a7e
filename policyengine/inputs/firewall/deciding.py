"""A firewall's facts that are decided, not counted: what its rules come to together. Only what is asked for is."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from policyengine.errors import BudgetError
from policyengine.firewall.untold import families_untold, rules_untold
from policyengine.inputs.firewall.summing import SPOKEN, Places
from policyengine.model.location import Location  # noqa: TC001 - structures are made by these types
from policyengine.model.unknown import OpenList, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from policyengine.firewall.before_translation import Mistaken
    from policyengine.firewall.defaults import Default
    from policyengine.firewall.firewall import Firewall
    from policyengine.firewall.packets import Path
    from policyengine.firewall.past_input import Published
    from policyengine.firewall.rules import Family
    from policyengine.firewall.shadowing import Shadowed

_Told = TypeVar("_Told")

_NOT_THERE = "no chain of the dump is asked about these packets: others may be"


def _defaults(firewall: Firewall, name: str) -> tuple[object, Places]:
    from policyengine.firewall.defaults import default

    families: list[Family] = [of for of in SPOKEN if any(of in table.families for table in firewall.ruleset.tables)]
    not_there = families_untold(firewall.ruleset)
    paths: tuple[Path, ...] = ("input", "forward", "output")
    found: dict[str, list[object]] = {}
    places: Places = {}
    for path in paths:
        told = _by_families((default(firewall.ruleset, of, path), of) for of in families)
        found[path] = [_default(firewall, one, of) for one, of in told]
        places |= {("defaults", path, at): one.where for at, (one, _) in enumerate(told) if one is not None}
        if not_there:
            found[path].append({"families": [SPOKEN[of] for of in not_there], "does": rules_untold(not_there, name)})
    return found, places


def _by_families(found: Iterable[tuple[_Told, Family]]) -> list[tuple[_Told, list[str]]]:
    """What is the same of both families is told once."""
    told: dict[_Told, dict[str, None]] = {}
    for key, family in found:
        told.setdefault(key, {})[SPOKEN[family]] = None
    return [(key, list(families)) for key, families in told.items()]


def _default(firewall: Firewall, found: Default | None, families: list[str]) -> dict[str, object]:
    if found is None:
        does = "accept" if firewall.ruleset.whole else Unknown("defaults", _NOT_THERE)
        return {"families": families, "does": does}
    why = f'"{found.text}" decides, which is not modelled'
    does = Unknown("defaults", why) if found.does == "undecided" else found.does
    return {"families": families, "does": does, "rule": found.text}


def _shadowed(firewall: Firewall, _name: str) -> tuple[object, Places]:
    from policyengine.firewall.shadowing import shadowed

    every = shadowed(firewall.ruleset, firewall.host)
    found = _by_families(((_placed(one), tuple(rule.text for rule in one.by)), one.family) for one in every)
    facts = [{"families": of, **one.facts, "by": list(by)} for (one, by), of in found]
    return facts, {("shadowed_rules", at): one.where for at, ((one, _), _) in enumerate(found)}


class _Placed(Struct, frozen=True):
    """A rule in its chain."""

    table: str
    chain: str
    rule: str
    where: Location

    @property
    def facts(self) -> dict[str, object]:
        """What is told of it."""
        return {"table": self.table, "chain": self.chain, "rule": self.rule}


def _placed(one: Shadowed | Mistaken) -> _Placed:
    return _Placed(one.table, one.chain, one.rule.text, one.rule.where)


def _past_input(firewall: Firewall, name: str) -> tuple[object, Places]:
    from policyengine.firewall.explaining import packet
    from policyengine.firewall.intents.telling import packet_text, ports_text
    from policyengine.firewall.past_input import past_input

    def key_of(one: Published) -> tuple[str, str, Location]:
        return ports_text({one.protocol: one.ports}), one.rule.text, one.rule.where

    published = list(past_input(firewall))
    sure = [(key_of(one), one) for one in published if not one.unknown]
    packets = {key: one.packet for key, one in reversed(sure)}
    found = _by_families((key, one.family) for key, one in sure)
    facts: list[object] = [
        {"families": of, "port": key[0], "rule": key[1], "packet": packet_text(packet(packets[key]))}
        for key, of in found
    ]
    places: Places = {("past_input", at): where for at, ((_, _, where), _) in enumerate(found)}
    unsure = next((one for one in published if one.unknown), None)
    if unsure is None:
        not_there = families_untold(firewall.ruleset)
        return (OpenList(facts, rules_untold(not_there, name)) if not_there else facts), places
    port, hangs_on = ports_text({unsure.protocol: unsure.ports}), "; ".join(unsure.unknown)
    why = f"{port} is published, and whether it gets past the rules for input hangs on what is not modelled: {hangs_on}"
    return OpenList(facts, Unknown("past_input", why)), places


def _ineffective(firewall: Firewall, _name: str) -> tuple[object, Places]:
    from policyengine.firewall.before_translation import before_translation

    every = before_translation(firewall.ruleset, firewall.host)
    found = _by_families(((_placed(one), one.translated_by.text), one.family) for one in every)
    facts = [{"families": of, **one.facts, "translated_by": by} for (one, by), of in found]
    return facts, {("ineffective_drops", at): one.where for at, ((one, _), _) in enumerate(found)}


def _budgeted(
    field: str, decide: Callable[[Firewall, str], tuple[object, Places]]
) -> Callable[..., tuple[object, Places]]:
    """What takes too many steps to decide is unknown."""

    def told(firewall: Firewall, name: str) -> tuple[object, Places]:
        try:
            return decide(firewall, name)
        except BudgetError as error:
            return Unknown(field, error.message), {}

    return told


DECIDED: dict[str, Callable[[Firewall, str], tuple[object, Places]]] = {
    field: _budgeted(field, decide)
    for field, decide in {
        "defaults": _defaults,
        "shadowed_rules": _shadowed,
        "past_input": _past_input,
        "ineffective_drops": _ineffective,
    }.items()
}
"""By field: its value, and the places of its items, of a firewall of a name."""
