"""What makes networks of resources, by input kind; each loaded when it is needed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from policyengine.firewall.reach import Network, Place
    from policyengine.model.resource import Resource

    ScopeKey = tuple[str, str, str]


class Maker(Protocol):
    """Makes networks of the resources of an input kind."""

    kinds: Mapping[str, Sequence[str]]
    """The kinds that networks are made of, and the fields of each that are needed."""

    judged: frozenset[str]
    """The kinds that have a place in a network, so that flows can be demanded of them."""

    def key(self, resource: Resource) -> ScopeKey:
        """What the resources of one network share."""

    def network(self, key: ScopeKey, resources: Sequence[Resource]) -> Network:
        """The network of some resources, all that there are of it. Raises PolicyengineError where there is none."""

    def place(self, resource: Resource, network: Network) -> Place | None:
        """The place of a resource of a judged kind."""


def _loaded(name: str) -> Callable[[], Maker]:
    return lambda: cast("Maker", import_module(f"policyengine.networks.{name}"))


MAKERS: Mapping[str, Callable[[], Maker]] = {
    "compose": _loaded("engines"),
    "docker": _loaded("engines"),
    "firewall": _loaded("firewall"),
    "kubernetes": _loaded("kubernetes"),
}
"""By input kind."""


def maker(origin: str) -> Maker | None:
    """What makes networks of the resources of an input kind; None where nothing does."""
    return MAKERS[origin]() if origin in MAKERS else None


def made_of() -> frozenset[tuple[str, str]]:
    """All that any network is made of, as kinds and fields of theirs."""
    makers = [made_by() for made_by in MAKERS.values()]
    return frozenset((kind, name) for one in makers for kind, names in one.kinds.items() for name in names)


def is_judged(origin: str, kind: str) -> bool:
    """Whether resources of a kind from an input kind are in networks, so that flows can be demanded of them."""
    made_by = maker(origin)
    return made_by is not None and kind in made_by.judged


def named(resource: Resource, network: Network) -> Place | None:
    """The place that a resource has by where it is written, else by its name, alone or after its scope's."""
    where = resource.where()
    names = (resource.name, f"{resource.scope.name}/{resource.name}")
    places = network.places()
    found = [one for one in places if one.where == where] or [one for one in places if one.name in names]
    return found[0] if found else None
