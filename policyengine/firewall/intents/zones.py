"""Zones: addresses by a name. Some need no declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.intents.addresses import EVERY, Addresses, addresses

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ZONE = r"[a-z][a-z0-9_-]*"
"""What the name of a zone looks like."""

_NOT_OF_THE_INTERNET = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"),
    *("224.0.0.0/3", "::/127", "fc00::/7", "fe80::/10", "ff00::/8"),
)
"""What nothing is sent from across the internet, by the registries of special-purpose addresses of IANA, RFC 6890.

Those for documentation (RFC 5737, RFC 3849) are counted as of it: witnesses are made of them.
"""

INTERNET = EVERY.without(addresses(_NOT_OF_THE_INTERNET))
"""What the zone ``internet`` is where neither the settings nor the network say otherwise."""

OUTSIDE = "outside"
"""The zone of all that a network does not know by name."""

BUILT_IN: Mapping[str, Addresses] = {"internet": INTERNET, OUTSIDE: EVERY}
"""Zones that need no declaration."""

OF_NETWORKS = ("host", "lan")
"""What some networks have a place of, and is named as a zone is."""


def declared(zones: Mapping[str, Iterable[str]]) -> dict[str, Addresses]:
    """The zones of the settings, which are networks in CIDR notation by name."""
    return {name: addresses(texts) for name, texts in zones.items()}
