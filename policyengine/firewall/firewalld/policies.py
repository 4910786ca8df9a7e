"""The chains of policies, and which packets go through them (firewalld.policies(5))."""

from __future__ import annotations

from itertools import chain, product
from typing import TYPE_CHECKING

from policyengine.firewall.firewalld.expressions import Fragment, interface, match, meta
from policyengine.firewall.firewalld.layout import Layout, end, jump, staged
from policyengine.firewall.firewalld.objects import ANY, HOST
from policyengine.firewall.firewalld.permitting import Chains, Permitting
from policyengine.firewall.firewalld.zones import INTERFACE, SIDE, bound_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.firewall.firewalld.ipsets import Ipset
    from policyengine.firewall.firewalld.markup import Element
    from policyengine.firewall.firewalld.objects import Policy, Zone
    from policyengine.firewall.firewalld.services import Services
    from policyengine.firewall.firewalld.zones import Direction

_NAMES = {
    "filter_INPUT": "filter_IN",
    "filter_FORWARD": "filter_FWD",
    "filter_OUTPUT": "filter_OUT",
    "nat_PREROUTING": "nat_PRE",
    "nat_POSTROUTING": "nat_POST",
    "nat_OUTPUT": "nat_OUT",
}
"""What the chains of policies are called at each base chain."""

_ANYWHERE: list[tuple[Fragment, ...]] = [()]


def write(
    layout: Layout,
    policies: Sequence[Policy],
    zones: Mapping[str, Zone],
    services: Services,
    ipsets: Mapping[str, Ipset],
) -> None:
    """The chains of the policies in effect. Raises :class:`DocumentError`, with the element, for what is wrong."""
    for one in policies:
        _check(one, zones)
        if _is_active(one, zones):
            _write(layout, one, zones, services, ipsets)


def _write(
    layout: Layout, policy: Policy, zones: Mapping[str, Zone], services: Services, ipsets: Mapping[str, Ipset]
) -> None:
    for hook in _hooks(policy, zones):
        chain = f"{_NAMES[hook]}_policy_{policy.name}"
        staged(layout, chain, policy.where)
        if hook.startswith("filter"):
            end(layout, chain, policy.target, policy.where)
        for matches in _dispatched(policy, zones, ipsets):
            part = "pre" if policy.priority < 0 else "post"
            layout.rule(f"{hook}_POLICIES_{part}", *matches, jump(chain), where=policy.where, priority=policy.priority)
    Permitting(layout, _chains(policy), services, ipsets).write(policy)


def _chains(policy: Policy) -> Chains:
    passing = "IN" if HOST in policy.egress else "OUT" if HOST in policy.ingress else "FWD"
    forwarding = "OUT" if HOST in policy.ingress else "PRE"
    return Chains(
        f"filter_{passing}_policy_{policy.name}",
        f"nat_{forwarding}_policy_{policy.name}",
        f"nat_POST_policy_{policy.name}",
    )


def _hooks(policy: Policy, zones: Mapping[str, Zone]) -> list[str]:
    """The base chains that its packets come by.

    Where they go to is not known before routing: for zones that are told by interfaces there is nothing to ask yet.
    """
    if HOST in policy.egress:
        return ["filter_INPUT", *(["nat_PREROUTING"] if ANY in policy.ingress else [])]
    if HOST in policy.ingress:
        return ["filter_OUTPUT", "nat_OUTPUT"]
    by_interface = any(zones[name].has("interface") for name in policy.egress if name != ANY)
    return ["filter_FORWARD", "nat_POSTROUTING", *([] if by_interface else ["nat_PREROUTING"])]


def _is_active(policy: Policy, zones: Mapping[str, Zone]) -> bool:
    """Whether it is in effect: some of its zones, on either side, have anything bound to them."""
    sides = (policy.ingress, policy.egress)
    return not policy.has("disable") and all(
        any(name in (ANY, HOST) or zones[name].is_active for name in side) for side in sides
    )


def _dispatched(
    policy: Policy, zones: Mapping[str, Zone], ipsets: Mapping[str, Ipset]
) -> Iterator[tuple[Fragment, ...]]:
    """The matches of its packets: each pair of where they come from and where they go to, of one family."""
    sources, destinations = (_of_zones(names, zones, way, ipsets) for names, way in _ways(policy))
    for pair in product(sources or _ANYWHERE, destinations or _ANYWHERE):
        found = tuple(chain(*pair))
        if len({_family(one) for one in found} - {None}) < 2:
            yield found


def _ways(policy: Policy) -> tuple[tuple[list[str], Direction], tuple[list[str], Direction]]:
    return (policy.ingress, "in"), (policy.egress, "out")


def _family(one: Fragment) -> object:
    """The header that an address is asked for in; None of what has no family."""
    told = one["match"]
    left = told["left"] if isinstance(told, dict) else None
    parts = left.get("concat") if isinstance(left, dict) else None
    first = parts[0] if isinstance(parts, list) else left
    payload = first.get("payload") if isinstance(first, dict) else None
    return payload["protocol"] if isinstance(payload, dict) else None


def _of_zones(
    names: Sequence[str], zones: Mapping[str, Zone], way: Direction, ipsets: Mapping[str, Ipset]
) -> list[tuple[Fragment, ...]]:
    found = [zones[name] for name in names if name not in (ANY, HOST)]
    bound = [one.get("name") for zone in found for one in zone.interfaces]
    plain = [name for name in bound if not name.endswith("+")]
    wild = [interface(INTERFACE[way], name) for name in bound if name.endswith("+")]
    named = [match(meta(INTERFACE[way]), {"set": plain} if len(plain) > 1 else plain[0])] if plain else []
    every = [*wild, *named, *(bound_to(one, SIDE[way], ipsets) for zone in found for one in zone.sources)]
    return [(one,) for one in every]


def _check(policy: Policy, zones: Mapping[str, Zone]) -> None:
    for element in policy.all("ingress-zone", "egress-zone"):
        name = element.get("name")
        if name not in (ANY, HOST, *zones):
            raise element.error(f'there is no zone "{name}"')
        others = policy.ingress if element.name == "ingress-zone" else policy.egress
        if {ANY, HOST} & set(others) and len(others) > 1:
            raise element.error("ANY and HOST stand alone, and not beside other zones")
        if element.name == "egress-zone" and name == HOST and HOST in policy.ingress:
            raise element.error("a policy from HOST to HOST")
    _check_translations(policy)
    _check_before_routing(policy, zones)


def _check_before_routing(policy: Policy, zones: Mapping[str, Zone]) -> None:
    """What is done before routing cannot depend on the interface that packets will leave by."""
    bound = [name for name in policy.egress if name in zones and zones[name].has("interface")]
    after = HOST in policy.ingress or (HOST in policy.egress and ANY not in policy.ingress)
    for element in _parts(policy):
        if bound and element.name in ("forward-port", "mark"):
            raise element.error(
                f"a policy to the zone {bound[0]}, which has interfaces, cannot have a <{element.name}>"
            )
        if after and element.name == "mark":
            raise element.error("a policy from HOST, or from zones to HOST, cannot have a <mark>")


def _parts(policy: Policy) -> list[Element]:
    """What it says, its rules taken apart."""
    return [*policy.elements, *(part for rule in policy.all("rule") for part in rule.children)]


def _check_translations(policy: Policy) -> None:
    for element in _parts(policy):
        if element.name == "masquerade" and HOST in (*policy.ingress, *policy.egress):
            raise element.error("a policy from or to HOST cannot masquerade")
        if element.name == "forward-port" and policy.egress:
            if HOST in policy.egress and element.get("to-addr"):
                raise element.error("a policy to HOST cannot forward to an address")
            if HOST not in policy.egress and not element.get("to-addr"):
                raise element.error("a policy to zones forwards to an address: to-addr is missing")
