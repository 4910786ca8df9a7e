"""What becomes of packets that no rule singles out: by a chain's policy, or by a rule at its end that takes the rest.

A policy of ACCEPT with ``-j REJECT`` as the last rule denies by default as much as a policy of DROP does, and with
``-j ACCEPT`` at its end a policy of DROP denies nothing. So a packet is walked through the rules that is as unlike as
can be to what they name: a new connection by TCP, on an interface that no rule names, whose addresses and ports are of
the widest range that no rule cuts; what is not modelled does not match it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.firewall.addresses import BITS
from policyengine.firewall.interpreter import walk
from policyengine.firewall.packets import Concrete, Path, Verdict
from policyengine.firewall.rules import Interface, Numbers, Ruleset, Stop, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.rules import Chain, Condition, Family, Table
    from policyengine.model.location import Location

_LAST_PORT = 65535


class Default(Struct, frozen=True):
    """What becomes of such a packet, by which rule or policy, and where that is written."""

    does: Verdict
    text: str
    where: Location


def default(ruleset: Ruleset, family: Family, path: Path) -> Default | None:
    """What becomes of what no rule singles out on a path; None where no chain is asked about it."""
    filters = without_translation(ruleset)
    asked = [chain for table in _of(filters, family) for chain in table.chains if chain.hook == path]
    if not asked:
        return None
    walked = walk(filters, None, _unlike(filters, family, path))
    ends = [rule for rule in walked.rules if isinstance(rule.action, Stop | Unknown)]
    dropping = [chain for chain in walked.policies if chain.policy == "drop"]
    if not dropping and ends:
        return Default(walked.verdict, ends[-1].text, ends[-1].where)
    chain = dropping[-1] if dropping else asked[-1]
    return Default(walked.verdict, f":{chain.name} {chain.policy.upper()}", chain.where)


def without_translation(ruleset: Ruleset) -> Ruleset:
    """The rules without those that translate addresses: what would become of packets that are left as they are."""
    return replace(ruleset, tables=tuple(replace(table, chains=_filters(table)) for table in ruleset.tables))


def _filters(table: Table) -> tuple[Chain, ...]:
    return tuple(chain for chain in table.chains if chain.hook is None or chain.type != "nat")


def _of(ruleset: Ruleset, family: Family) -> Iterator[Table]:
    return (table for table in ruleset.tables if family in table.families)


def _unlike(ruleset: Ruleset, family: Family, path: Path) -> Concrete:
    conditions = list(_conditions(ruleset, family))
    top = (1 << BITS[family]) - 1
    unnamed = _unnamed(conditions)
    return Concrete(
        family,
        path,
        _widest(conditions, ("source",), top),
        _widest(conditions, ("destination", "odestination"), top),
        into="" if path == "output" else unnamed,
        out="" if path == "input" else unnamed,
        sport=_widest(conditions, ("sport",), _LAST_PORT),
        dport=_widest(conditions, ("dport", "odport"), _LAST_PORT),
        kinds={"destination": "local" if path == "input" else "unicast"},
    )


def _conditions(ruleset: Ruleset, family: Family) -> Iterator[Condition]:
    for table in _of(ruleset, family):
        for chain in table.chains:
            for rule in chain.rules:
                for case in rule.any_of:
                    yield from case


def _widest(conditions: list[Condition], fields: tuple[str, ...], top: int) -> int:
    """A number within the widest range that no rule cuts."""
    cuts = {0, top + 1}
    for one in conditions:
        if isinstance(one, Numbers) and one.field in fields:
            cuts.update(edge for low, high in one.values for edge in (low, high + 1))
    low, high = max(pairwise(sorted(cuts)), key=lambda span: span[1] - span[0])
    return low + (high - low) // 2


def _unnamed(conditions: list[Condition]) -> str:
    """The name of an interface that no rule names, nor names by its beginning."""
    names = [name for one in conditions if isinstance(one, Interface) for name in one.names]
    candidates = (f"other{number}" for number in range(len(names) + 1))
    return next(
        one for one in candidates if not any(name in (one, "*") or one.startswith(name.rstrip("*")) for name in names)
    )
