"""Rules that are not there: those of a family of which a dump has none, so that nobody knows what they say.

``iptables-save`` tells of IPv4 alone, and what it keeps shut may be open by IPv6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.firewall.rules import Family, Ruleset

FAMILIES: tuple[Family, ...] = (4, 6)

SAVED_BY: dict[Family, str] = {4: "iptables-save", 6: "ip6tables-save"}
"""What tells of the rules of a family."""


def families_untold(ruleset: Ruleset) -> tuple[Family, ...]:
    """The families of which no rules are there."""
    return tuple(family for family in FAMILIES if not ruleset.has(family))


def rules_untold(families: Sequence[Family], name: str) -> Unknown:
    """That the rules of families are not in a dump: one fact, whoever asks for it."""
    rules = f"the rules of {' and '.join(f'IPv{one}' for one in families)}"
    return Unknown(rules, f"{rules} are not in {name}", " and ".join(SAVED_BY[one] for one in families))
