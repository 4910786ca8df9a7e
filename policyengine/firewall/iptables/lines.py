"""Lines of iptables-restore that are put together of several files, each with the place where it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.errors import DocumentError
from policyengine.firewall import iptables
from policyengine.firewall.rules import Atom
from policyengine.model.location import Location  # noqa: TC001 - structures are made by these types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.firewall.rules import Chain, Family, Rule, Table


class Line(Struct, frozen=True):
    """A line of a rules file, and where it stands."""

    text: str
    where: Location


def read(lines: Sequence[Line], program: str, family: Family) -> tuple[Table, ...]:
    """What iptables-restore makes of the lines, each with the place where it was written.

    ``program`` is whose lines they are. Raises :class:`DocumentError`, with the place, for what would be refused.
    """
    try:
        found = iptables.read("\n".join(line.text for line in lines), program, family)
    except DocumentError as error:
        at = lines[(error.line or 1) - 1].where
        raise DocumentError(error.message, path=at.path, line=at.line, column=at.column, hint=error.hint) from None
    return tuple(replace(table, chains=tuple(_placed(chain, lines) for chain in table.chains)) for table in found)


def _placed(chain: Chain, lines: Sequence[Line]) -> Chain:
    rules = tuple(_rule(rule, lines[(rule.where.line or 1) - 1].where) for rule in chain.rules)
    return replace(chain, rules=rules, where=lines[(chain.where.line or 1) - 1].where)


def _rule(rule: Rule, where: Location) -> Rule:
    """The rule at its place, which the unknowns that are its own are named by."""
    old, new = f"({rule.where.path}:{rule.where.line})", f"({where.path}:{where.line})"
    cases = tuple(
        tuple(replace(one, name=one.name.replace(old, new)) if isinstance(one, Atom) else one for one in case)
        for case in rule.any_of
    )
    return replace(rule, any_of=cases, where=where)
