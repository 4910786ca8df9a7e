"""What of an engine's rules nobody knows who asks the engine alone: named, as atoms of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.docker.facts import is_at_least
from policyengine.firewall.docker.spelling import only_if

if TYPE_CHECKING:
    from policyengine.firewall.docker.facts import Engine
    from policyengine.firewall.docker.spelling import Part, Sheet
    from policyengine.firewall.rules import Family

FORWARD_DROPS = "the chain FORWARD has the policy DROP, as where the engine has turned forwarding on"
IP6TABLES = "the engine's setting ip6tables is on"


def end_of_forwarding(sheet: Sheet, engine: Engine, chain: str = "FORWARD") -> None:
    """The last word on a forwarded packet: as is known of the policy, else nobody knows. An engine sets it for the
    families that it has rules of."""
    if engine.forward_policy != "accept":
        known = [] if engine.forward_policy == "drop" else [only_if(FORWARD_DROPS)]
        sheet.add(chain, [*known, *guarded(engine, sheet.language.family)], sheet.language.drop())


def guarded(engine: Engine, family: Family) -> list[Part]:
    """What all rules of a family hang on: before 27 those of IPv6 are off unless somebody turns them on."""
    if family == 4 or engine.ip6tables is not None or is_at_least(engine, 27):
        return []
    return [only_if(IP6TABLES)]


def writes(engine: Engine, family: Family) -> bool:
    """Whether the engine has, or may have, rules of a family."""
    return engine.iptables and (family == 4 or engine.ip6tables is not False)
