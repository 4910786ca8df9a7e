"""Clusters: who reaches whom by their policies. All namespaces of a source are one cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.firewall.network_policy.written import FACTS
from policyengine.networks.makers import named as place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.firewall.network_policy import Cluster
    from policyengine.firewall.reach import Explanation, Flows, Network, Place
    from policyengine.model.resource import Resource

    ScopeKey = tuple[str, str, str]

__all__ = ["judged", "key", "kinds", "network", "place"]

kinds = FACTS
judged = frozenset({"pod"})


def key(resource: Resource) -> ScopeKey:
    """What comes from one source is of one cluster."""
    return (resource.scope.kind, "", resource.scope.source)


def network(key: ScopeKey, resources: Sequence[Resource]) -> Network:
    """The network of a cluster, its Pods told by their Services too."""
    from policyengine.firewall.network_policy import Cluster, written

    kept = [one for one in map(written, resources) if one is not None]
    cluster = Cluster(f"the cluster of {key[2]}" if key[2] else "the cluster", kept)
    return Served(cluster, tuple(_places(cluster)))


class Served(Struct, frozen=True):
    """A cluster whose Pods know the Services that they are of."""

    cluster: Cluster
    known: tuple[Place, ...]

    @property
    def name(self) -> str:
        """What a report calls it."""
        return self.cluster.name

    @property
    def rules(self) -> str:
        """Its policies are all that there is."""
        return self.cluster.rules

    def places(self) -> Sequence[Place]:
        """Those of the cluster."""
        return self.known

    def flows(self, source: Place, target: Place) -> Flows:
        """What gets from one to the other."""
        return self.cluster.flows(source, target)

    def explain(self, source: Place, target: Place, protocol: str, port: int | None) -> Explanation:
        """What becomes of a connection."""
        return self.cluster.explain(source, target, protocol, port)


def _places(cluster: Cluster) -> list[Place]:
    services: dict[str, list[str]] = {}
    pods = cluster.population.pods
    for one in cluster.services.all:
        for at in one.pods():
            services.setdefault(pods[at].name, []).append(one.written.name)
    return [replace(one, services=tuple(services.get(one.name, ()))) for one in cluster.places()]
