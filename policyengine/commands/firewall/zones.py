"""Zones: places that are nothing but addresses, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.intents.zones import BUILT_IN, declared
from policyengine.firewall.reach import Place

if TYPE_CHECKING:
    from policyengine.firewall.intents.addresses import Addresses
    from policyengine.settings import Settings


def zones(settings: Settings) -> tuple[Place, ...]:
    """The zones that the settings declare."""
    return tuple(_zone(name, found) for name, found in declared(settings.zones).items())


def built_in() -> tuple[Place, ...]:
    """The zones that need no declaration."""
    return tuple(_zone(name, found) for name, found in BUILT_IN.items())


def _zone(name: str, found: Addresses) -> Place:
    return Place(name, "zone", ipv4=found.ipv4, ipv6=found.ipv6)
