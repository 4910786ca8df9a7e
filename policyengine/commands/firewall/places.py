"""Places by what people call them: a name, the end of one, a zone of the settings, an address, a network of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.commands.firewall.zones import built_in
from policyengine.errors import UsageError, did_you_mean
from policyengine.firewall.intents.zones import OUTSIDE
from policyengine.firewall.reach import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policyengine.firewall.reach import Network

_TOLD = 8
"""Names of places that a hint lists, at most."""


def named(network: Network, zones: Iterable[Place]) -> dict[str, Place]:
    """All places by name: of one name it is what the network knows by more than its address, then a zone of the
    settings, then a zone of the network's own, then one that needs no declaration."""
    own = {one.name: one for one in network.places()}
    things = {name: one for name, one in own.items() if one.kind != "zone"}
    return {**own, **{one.name: one for one in (*built_in(), *own.values(), *zones)}, **things}


def all_places(network: Network, zones: Iterable[Place]) -> tuple[Place, ...]:
    """The places that a matrix is of: all but the zone that is all there is."""
    return tuple(one for name, one in named(network, zones).items() if name != OUTSIDE)


def senders(places: Iterable[Place]) -> tuple[Place, ...]:
    """Those that connect to others: a Service does not, the Pods behind it do."""
    return tuple(one for one in places if one.kind != "service")


def place(text: str, network: Network, zones: Iterable[Place]) -> Place:
    """The place of a network that a text means.

    It is its name; the last part of one, after a slash, that no other place has; the name of a zone; an address or a
    network in CIDR notation. Raises :class:`UsageError` where it is none of these.
    """
    known = named(network, zones)
    if text in known:
        return known[text]
    ending = [one for one in network.places() if one.name.endswith(f"/{text}")]
    if len(ending) == 1:
        return ending[0]
    if ending:
        raise UsageError(f'several places are called "{text}"', hint=_listed(sorted(one.name for one in ending)))
    found = by_address(text)
    if found is None:
        raise _unknown(text, network, sorted(known))
    return found


def by_address(text: str) -> Place | None:
    """The zone of an address, or of a network in CIDR notation; None for any other text."""
    from ipaddress import ip_network

    try:
        addresses = ip_network(text, strict=False)
    except ValueError:
        return None
    span = ((int(addresses.network_address), int(addresses.broadcast_address)),)
    if addresses.version == 4:
        return Place(text, "zone", ipv4=span, ipv6=())
    return Place(text, "zone", ipv4=(), ipv6=span)


def _unknown(text: str, network: Network, names: Sequence[str]) -> UsageError:
    endings = [name.rpartition("/")[2] for name in names]
    hint = (
        did_you_mean(text, [*names, *endings])
        or f"there are {_listed(names)}; an address or a network such as 10.0.0.0/8 is one"
    )
    return UsageError(f'no place of {network.name} is called "{text}"', hint=hint)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _TOLD
    return ", ".join(names[:_TOLD]) + (f" and {more} more" if more > 0 else "")
