"""What the networks of engines and of projects are made of: the same, from both input kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import SourceError
from policyengine.model.location import is_live
from policyengine.networks.makers import made_of
from policyengine.networks.makers import named as place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.firewall.reach import Network
    from policyengine.model.resource import Resource

    ScopeKey = tuple[str, str, str]

__all__ = ["judged", "key", "kinds", "network", "place"]

kinds: Mapping[str, Sequence[str]] = {
    "container": ("name", "labels", "networks", "network_mode", "network_attachments", "ports", "deploy"),
    "network": (
        *("name", "driver", "internal", "enable_ipv6", "subnets", "gateways", "options", "created", "bridge"),
        "endpoints",
    ),
    "engine": ("version", "bridge_nf_iptables", "firewall_backend", "ingress_ports", "product"),
}
"""The kinds that networks are made of, and the fields of each that are needed."""

judged = frozenset({"container"})


def key(resource: Resource) -> ScopeKey:
    """A scope has one network."""
    return resource.scope.key


def network(_key: ScopeKey, resources: Sequence[Resource]) -> Network:
    """The network of one engine or project; of an engine by the rules of its host where these can be read.

    Of an engine of which one object is judged, the rest is asked for. Raises :class:`SourceError` for Podman, whose
    rules are not Docker's.
    """
    from policyengine.firewall.docker.assembling import networks
    from policyengine.networks.live import by_live_rules

    every = _whole(resources)
    if any(one.facts.get("product") == "podman" for one in every if one.kind == "engine"):
        where = f"docker://{resources[0].scope.name}"
        raise SourceError("what rules Podman makes is not known", path=where, hint="name host:// for those there are")
    (found,) = networks(every, by_live_rules)
    return found


def _whole(resources: Sequence[Resource]) -> Sequence[Resource]:
    """All of a running engine: who reaches a container hangs on its networks, and on who else is on them."""
    scope = resources[0].scope
    if not is_live(scope.source) or "network" in scope.closed:
        return resources
    from policyengine.inputs.context import Context
    from policyengine.inputs.docker import SCHEME, read_live

    context = Context(wanted=made_of())  # no policy reads them, and what takes long to find out is left
    found = [one for one in read_live(f"{SCHEME}://{scope.name}", context) if one.kind in kinds]
    for problem in context.problems:
        raise SourceError(problem.message, path=problem.path)
    return found
