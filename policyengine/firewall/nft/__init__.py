"""nftables: what ``nft -j list ruleset`` writes.

https://manpages.debian.org/libnftables-json, https://manpages.debian.org/nft
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.nft.dump import is_dump

if TYPE_CHECKING:
    from collections.abc import Collection

    from policyengine.firewall.nft.dump import Object
    from policyengine.firewall.nft.tables import Dump
    from policyengine.firewall.rules import Table

__all__ = ["is_dump", "passed_over", "read"]


def read(text: str, path: str, leaving: Collection[tuple[str, str]] = ()) -> tuple[Table, ...]:
    """The tables of a dump; one of both families is two tables, each with the rules as its packets meet them.

    ``leaving`` are the tables, by family and name (``("ip", "filter")``), that are read from elsewhere: those of
    iptables-nft, whose extensions nft does not tell. Tables of ``bridge`` and ``arp`` are left out
    (:func:`passed_over`), and those that are dormant. Raises :class:`DocumentError`, with the place, for what is
    malformed, cut off, or has a rule that nft does not tell.
    """
    return tuple(_dump(text, path).read(leaving))


def passed_over(text: str, path: str) -> list[Object]:
    """The tables of a dump that decide about frames, and not about packets: those of ``bridge`` and ``arp``."""
    return _dump(text, path).passed_over()


def _dump(text: str, path: str) -> Dump:
    from policyengine.firewall.nft.dump import objects
    from policyengine.firewall.nft.tables import Dump

    return Dump(list(objects(text, path)))
