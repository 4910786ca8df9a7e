"""The types of ICMP and ICMPv6 by the names that firewalld has for them (firewalld.icmptype(5)).

Type and code, None where a name stands for all codes of a type. It takes ``required-option-missing`` for code 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.firewall.rules import Family

Type = tuple[str, int | None]

_UNREACHABLE = "destination-unreachable"

_FOUR: Mapping[str, Type] = {
    "communication-prohibited": (_UNREACHABLE, 13),
    "destination-unreachable": (_UNREACHABLE, None),
    "echo-reply": ("echo-reply", None),
    "echo-request": ("echo-request", None),
    "fragmentation-needed": (_UNREACHABLE, 4),
    "host-precedence-violation": (_UNREACHABLE, 14),
    "host-prohibited": (_UNREACHABLE, 10),
    "host-redirect": ("redirect", 1),
    "host-unknown": (_UNREACHABLE, 7),
    "host-unreachable": (_UNREACHABLE, 1),
    "ip-header-bad": ("parameter-problem", 1),
    "network-prohibited": (_UNREACHABLE, 8),
    "network-redirect": ("redirect", 0),
    "network-unknown": (_UNREACHABLE, 6),
    "network-unreachable": (_UNREACHABLE, 0),
    "parameter-problem": ("parameter-problem", None),
    "port-unreachable": (_UNREACHABLE, 3),
    "precedence-cutoff": (_UNREACHABLE, 15),
    "protocol-unreachable": (_UNREACHABLE, 2),
    "redirect": ("redirect", None),
    "required-option-missing": ("parameter-problem", 1),
    "router-advertisement": ("router-advertisement", None),
    "router-solicitation": ("router-solicitation", None),
    "source-quench": ("source-quench", None),
    "source-route-failed": (_UNREACHABLE, 5),
    "time-exceeded": ("time-exceeded", None),
    "timestamp-reply": ("timestamp-reply", None),
    "timestamp-request": ("timestamp-request", None),
    "tos-host-redirect": ("redirect", 3),
    "tos-host-unreachable": (_UNREACHABLE, 12),
    "tos-network-redirect": ("redirect", 2),
    "tos-network-unreachable": (_UNREACHABLE, 11),
    "ttl-zero-during-reassembly": ("time-exceeded", 1),
    "ttl-zero-during-transit": ("time-exceeded", 0),
}
_SIX: Mapping[str, Type] = {
    "address-unreachable": (_UNREACHABLE, 3),
    "bad-header": ("parameter-problem", 0),
    "beyond-scope": (_UNREACHABLE, 2),
    "communication-prohibited": (_UNREACHABLE, 1),
    "destination-unreachable": (_UNREACHABLE, None),
    "echo-reply": ("echo-reply", None),
    "echo-request": ("echo-request", None),
    "failed-policy": (_UNREACHABLE, 5),
    "neighbour-advertisement": ("nd-neighbor-advert", None),
    "neighbour-solicitation": ("nd-neighbor-solicit", None),
    "no-route": (_UNREACHABLE, 0),
    "packet-too-big": ("packet-too-big", None),
    "parameter-problem": ("parameter-problem", None),
    "port-unreachable": (_UNREACHABLE, 4),
    "redirect": ("nd-redirect", None),
    "reject-route": (_UNREACHABLE, 6),
    "router-advertisement": ("nd-router-advert", None),
    "router-solicitation": ("nd-router-solicit", None),
    "time-exceeded": ("time-exceeded", None),
    "ttl-zero-during-reassembly": ("time-exceeded", 1),
    "ttl-zero-during-transit": ("time-exceeded", 0),
    "unknown-header-type": ("parameter-problem", 1),
    "unknown-option": ("parameter-problem", 2),
}

TYPES: Mapping[Family, Mapping[str, Type]] = {4: _FOUR, 6: _SIX}
"""The only ones that firewalld knows for nftables, whatever files of types there are."""
