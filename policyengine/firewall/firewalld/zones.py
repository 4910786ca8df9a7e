"""The chains of zones, and which packets go to which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from policyengine.firewall.firewalld.expressions import ACCEPT, REJECT, Fragment, address, interface, match, meta
from policyengine.firewall.firewalld.layout import Layout, end, goto, staged
from policyengine.firewall.firewalld.permitting import Chains, Permitting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.firewall.firewalld.expressions import Side
    from policyengine.firewall.firewalld.ipsets import Ipset
    from policyengine.firewall.firewalld.markup import Element
    from policyengine.firewall.firewalld.objects import Zone
    from policyengine.firewall.firewalld.services import Services

Direction = Literal["in", "out"]

HOOKS: dict[str, tuple[str, Direction]] = {
    "filter_INPUT": ("filter_IN", "in"),
    "filter_FORWARD": ("filter_FWD", "in"),
    "nat_PREROUTING": ("nat_PRE", "in"),
    "nat_POSTROUTING": ("nat_POST", "out"),
}
"""The base chains that ask which zone a packet is in, what the chains of zones are called there, and by which side."""

INTERFACE: dict[Direction, Literal["iifname", "oifname"]] = {"in": "iifname", "out": "oifname"}
SIDE: dict[Direction, Side] = {"in": "saddr", "out": "daddr"}


def bound_to(source: Element, side: Side, ipsets: Mapping[str, Ipset]) -> Fragment:
    """Whether a packet is of a source that is bound to a zone, by one side. Raises :class:`DocumentError`."""
    told = [name for name in ("address", "ipset") if source.get(name)]
    if source.get("mac"):
        raise source.error("a zone is bound to a card by its address: firewalld passes over mac here")
    if len(told) != 1:
        raise source.error(f"a <source> with {' and '.join(told) or 'no address and no set'}")
    name = source.get(told[0])
    if told[0] == "ipset":
        if name not in ipsets:
            raise source.error(f'there is no set "{name}"')
        return ipsets[name].match(side)
    try:
        return address(side, name)
    except ValueError as error:
        raise source.error(str(error)) from None


def write(
    layout: Layout, zones: Sequence[Zone], default: Zone, services: Services, ipsets: Mapping[str, Ipset]
) -> None:
    """The chains of the zones in use. Raises :class:`DocumentError`, with the element, for what is wrong."""
    for one in zones:
        _chains(layout, one)
        chains = Chains(f"filter_IN_{one.name}", f"nat_PRE_{one.name}", f"nat_POST_{one.name}")
        inverted = one.has("icmp-block-inversion")
        Permitting(layout, chains, services, ipsets, inverted=inverted).write(one)
        _forward_within(layout, one, ipsets)
    for hook, (name, direction) in HOOKS.items():
        _dispatch(layout, hook, f"{name}_", direction, zones, ipsets)
        layout.rule(f"{hook}_ZONES", goto(f"{name}_{default.name}"), where=default.where)


def _chains(layout: Layout, zone: Zone) -> None:
    for hook, (name, _) in HOOKS.items():
        chain = f"{name}_{zone.name}"
        staged(layout, chain, zone.where, hook)
        if hook == "filter_INPUT":
            _icmp(layout, chain, zone)
        if hook.startswith("filter"):
            end(layout, chain, zone.target, zone.where)


def _icmp(layout: Layout, chain: str, zone: Zone) -> None:
    """What becomes of ICMP that nothing was said of."""
    inverted = zone.has("icmp-block-inversion")
    if zone.target in ("default", "none") or (inverted and zone.target == "accept"):
        asked = match(meta("l4proto"), {"set": ["icmp", "ipv6-icmp"]})
        layout.rule(chain, asked, REJECT if inverted else ACCEPT, where=zone.where)


def _forward_within(layout: Layout, zone: Zone, ipsets: Mapping[str, Ipset]) -> None:
    """What goes on to the same zone passes where it says so."""
    if not zone.has("forward"):
        return
    for one in [*zone.interfaces, *zone.sources]:
        to = _interface(one, "oifname") if one.name == "interface" else bound_to(one, "daddr", ipsets)
        layout.rule(f"filter_FWD_{zone.name}_allow", to, ACCEPT, where=one.where)


def _interface(element: Element, side: Literal["iifname", "oifname"]) -> Fragment:
    try:
        return interface(side, element.get("name"))
    except ValueError as error:
        raise element.error(str(error)) from None


def _dispatch(
    layout: Layout, hook: str, name: str, direction: Direction, zones: Sequence[Zone], ipsets: Mapping[str, Ipset]
) -> None:
    """By priority; of one priority sources by the names of their zones, and then interfaces, the last one first."""
    for zone, one in _bound(zones, direction):
        of = bound_to(one, SIDE[direction], ipsets) if one.name == "source" else _interface(one, INTERFACE[direction])
        layout.rule(f"{hook}_ZONES", of, goto(f"{name}{zone.name}"), where=one.where)


def _bound(zones: Sequence[Zone], direction: Direction) -> Iterator[tuple[Zone, Element]]:
    priorities = sorted({_priority(zone, direction) for zone in zones})
    for priority in priorities:
        alike = [zone for zone in zones if _priority(zone, direction) == priority]
        yield from ((zone, one) for zone in alike for one in zone.sources)
        yield from ((zone, one) for zone in reversed(alike) for one in reversed(zone.interfaces))


def _priority(zone: Zone, direction: Direction) -> int:
    return zone.ingress if direction == "in" else zone.egress
