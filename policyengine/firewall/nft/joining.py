"""Two inequalities of fields that stand side by side in a header, which nft before 1.1.0 compiled to one of both.

``tcp sport != 22 tcp dport != 80`` then asks whether the ports are other than this pair: it drops a packet from port 22
to port 443 that it should let pass. What is loaded is so, whatever the listing says; nft lists it as it was written.
``payload_do_merge`` in src/rule.c of nftables, up to 1.0.9.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FIXED = (1, 1, 0)

_SIDE_BY_SIDE = frozenset(
    {
        frozenset({(protocol, "sport"), (protocol, "dport")})
        for protocol in ("tcp", "udp", "udplite", "sctp", "dccp", "th")
    }
    | {frozenset({(protocol, "type"), (protocol, "code")}) for protocol in ("icmp", "icmpv6")}
)


def joins(version: str) -> bool:
    """Whether a version of nft does so. One that is not told is taken for one that does not."""
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    return found is not None and tuple(int(part or 0) for part in found.groups()) < FIXED


def joined(statements: Sequence[object]) -> Iterator[list[object]]:
    """The statements one by one, two that are compiled to one together."""
    second = False
    for one, other in pairwise((*statements, None)):
        if second:
            second = False
        elif _is_joined(one, other):
            second = True
            yield [one, other]
        else:
            yield [one]


def _is_joined(one: object, other: object) -> bool:
    here, there = _unequal(one), _unequal(other)
    return here is not None and there is not None and frozenset({here, there}) in _SIDE_BY_SIDE


def _unequal(statement: object) -> tuple[object, object] | None:
    """The field that is compared with one value, and is to be another."""
    said = statement.get("match") if isinstance(statement, dict) else None
    if not isinstance(said, dict) or said.get("op") != "!=":
        return None
    left, right = said.get("left"), said.get("right")
    field = left.get("payload") if isinstance(left, dict) else None
    if not isinstance(field, dict) or not isinstance(right, str | int) or str(right).startswith("@"):
        return None
    return field.get("protocol"), field.get("field")
