"""Intents: what is demanded of the flows to and from a place."""

from __future__ import annotations

from msgspec import Struct

from policyengine.firewall.intents.addresses import Addresses  # noqa: TC001 - structures are made by these types
from policyengine.firewall.intervals import Intervals

TRANSPORTS = ("tcp", "udp", "sctp")
"""The protocols with ports. What else there is counts only where a list of ports names it."""

Ports = dict[str, Intervals]
"""Ports by protocol; a protocol without ports has all."""


class Selector(Struct, frozen=True):
    """Places: those of which all that is said holds; of several names (patterns) or services one.

    ``zone`` is the name of a zone of the settings or the network, ``addresses`` are such as CIDR notation says: what
    is chosen by either is told by its address, whatever stands there.
    """

    names: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    zone: str = ""
    addresses: Addresses | None = None
    text: str = ""


class Item(Struct, frozen=True):
    """One line of an intent: which peers (none: all), on which ports (None: all).

    ``senders`` stand in the target's stead where it is asked who is reached: what passes a firewall is of others.
    """

    peers: tuple[Selector, ...] = ()
    ports: Ports | None = None
    senders: tuple[Selector, ...] = ()


class Intents(Struct, frozen=True):
    """What a policy demands. An intent that is None is not stated; an empty one allows nothing.

    ``accepts_only`` is what the target may be reached by, of ``senders`` (none: everybody), ``reaches_only`` what it
    may reach, ``never_reaches`` what nothing of may be reached, ``must_reach`` what all of must be reached.
    """

    senders: tuple[Selector, ...] = ()
    accepts_only: tuple[Item, ...] | None = None
    reaches_only: tuple[Item, ...] | None = None
    never_reaches: tuple[Item, ...] = ()
    must_reach: tuple[Item, ...] = ()

    @property
    def zones(self) -> list[str]:
        """The zones that are named."""
        items = (*(self.accepts_only or ()), *(self.reaches_only or ()), *self.never_reaches, *self.must_reach)
        selectors = [*self.senders, *(one for item in items for one in (*item.peers, *item.senders))]
        return list(dict.fromkeys(one.zone for one in selectors if one.zone))
