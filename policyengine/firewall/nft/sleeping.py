"""Tables that are switched off: ``flags dormant`` (nft(8)). None of their chains is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.firewall.rules import Atom, Rule, Stop

if TYPE_CHECKING:
    from policyengine.firewall.nft.dump import Object
    from policyengine.firewall.rules import Chain

_OTHER_FLAGS = frozenset({"owner", "persist"})
"""Flags that change nothing about what a table decides (``enum nft_table_flags``, nf_tables.h)."""


def is_dormant(table: Object) -> bool | None:
    """Whether a table is switched off; None: not known.

    nft 1.0.6 writes any text that its memory holds in place of a flag, such as the table's name (``table_flags_name``
    in src/rule.c).
    """
    said = table.value.get("flags", [])
    flags = said if isinstance(said, list) else [said]
    if "dormant" in flags:
        return True
    return None if any(flag not in _OTHER_FLAGS for flag in flags) else False


def perhaps_asked(chain: Chain, table: Object) -> Chain:
    """A chain of a table that may be switched off: where it is, whatever comes to a base chain goes on."""
    if chain.hook is None:
        return chain
    name = f"the table {' '.join(table.table)} is dormant (flags {table.value['flags']})"
    first = Rule(((Atom(name),),), Stop("accept"), name, table.where)
    return replace(chain, rules=(first, *chain.rules))
