"""Firewalls: what a host lets in, what it sends, and what passes it, each by the rules that were read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.firewall.firewall import Firewall
    from policyengine.firewall.reach import Network, Place
    from policyengine.model.resource import Resource

    ScopeKey = tuple[str, str, str]

kinds: Mapping[str, Sequence[str]] = {"firewall": ()}
"""No field of it is needed: its rules are there as a whole."""

judged = frozenset({"firewall"})


def key(resource: Resource) -> ScopeKey:
    """Each is a network of its own."""
    return resource.scope.key


def network(_key: ScopeKey, resources: Sequence[Resource]) -> Network:
    """The network of a host: the host itself, and all that is told by its address."""
    from policyengine.firewall.host_network import HostNetwork

    (resource,) = resources
    found = cast("Firewall", resource.whole)
    return HostNetwork(resource.name, found.ruleset, found.host)


def place(_resource: Resource, network: Network) -> Place:
    """The host itself."""
    (own,) = network.places()
    return own
