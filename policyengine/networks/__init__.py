"""The networks that a run's resources are in: gathered in the first pass, built when a policy first asks for flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.errors import PolicyengineError
from policyengine.model.unknown import Unknown
from policyengine.networks.kept import facts_of, resource_of
from policyengine.networks.makers import MAKERS, maker

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from policyengine.firewall.reach import Network, Place
    from policyengine.model.resource import Resource
    from policyengine.networks.makers import Maker

    ScopeKey = tuple[str, str, str]
    Facts = Mapping[str, object]

FIELD = "flows"
"""What is asked of relations where a policy demands flows."""

FACT = "who reaches whom"
"""What is missing where flows cannot be judged."""

_PREFIX = "network:"
"""What the kinds of its entries begin with, beside those of relations."""


class Gathered:
    """What networks are made of, by network: compact, and JSON data but for what is unknown.

    ``unread`` holds the kinds that may be in what was not read, by source.
    """

    def __init__(self, unread: Mapping[str, Collection[str]] = {}) -> None:
        self._unread = unread
        self._found: dict[ScopeKey, list[tuple[str, Facts]]] = {}

    def add(self, resource: Resource) -> None:
        """Take in a resource of the first pass, if a network is made of its kind."""
        made_by = maker(resource.origin)
        if made_by is not None and resource.kind in made_by.kinds:
            kind = f"{_PREFIX}{resource.origin}"
            self.put(made_by.key(resource), kind, facts_of(resource, made_by.kinds[resource.kind]))

    @staticmethod
    def holds(kind: str) -> bool:
        """Whether an entry of a kind is one of these."""
        return kind.startswith(_PREFIX)

    def put(self, key: ScopeKey, kind: str, facts: Facts) -> None:
        """Take in an entry."""
        self._found.setdefault(key, []).append((kind, facts))

    def entries(self) -> Iterator[tuple[ScopeKey, str, Facts]]:
        """Everything that was taken in."""
        for key, found in self._found.items():
            yield from ((key, kind, facts) for kind, facts in found)

    def within(self, key: ScopeKey) -> list[tuple[str, Facts]]:
        """What was taken in of one network."""
        return self._found.get(key, [])

    def resources(self, origin: str, key: ScopeKey) -> list[Resource]:
        """The resources of an input kind that a network is made of, with what was kept of them."""
        wanted = f"{_PREFIX}{origin}"
        found = (resource_of(facts, origin) for kind, facts in self.within(key) if kind == wanted)
        return [opened(resource, self._unread) for resource in found]


def opened(resource: Resource, unread: Mapping[str, Collection[str]]) -> Resource:
    """A resource in a scope of which no kind is known to be absent that may be in what was not read of its source."""
    kinds = unread.get(resource.scope.source)
    return resource if kinds is None else replace(resource, scope=resource.scope.without(kinds))


def key_of(resource: Resource) -> ScopeKey | None:
    """What tells the network of a resource from others; None of one that is in none."""
    made_by = maker(resource.origin)
    return made_by.key(resource) if made_by is not None and resource.kind in made_by.judged else None


class Networks:
    """The networks of a run, each built once, and the places of resources in them."""

    def __init__(self, gathered: Gathered, makers: Mapping[str, Callable[[], Maker]] = MAKERS) -> None:
        self._gathered = gathered
        self._makers = makers
        self._built: dict[tuple[str, ScopeKey], Network | Unknown] = {}

    def judges(self, origin: str, kind: str) -> bool:
        """Whether resources of a kind from an input kind are in networks, so that flows can be demanded of them."""
        return origin in self._makers and kind in self._makers[origin]().judged

    def of(self, resource: Resource) -> tuple[Network, Place] | Unknown:
        """The network that a resource is in, and its place there; or why there is none."""
        made_by = self._makers[resource.origin]()
        key = (resource.origin, made_by.key(resource))
        if key not in self._built:
            self._built[key] = self._made(made_by, *key)
        network = self._built[key]
        if isinstance(network, Unknown):
            return network
        place = made_by.place(resource, network)
        return (
            (network, place)
            if place is not None
            else Unknown(FACT, f"{resource.name} is told of in part only, and has no place in {network.name}")
        )

    def _made(self, made_by: Maker, origin: str, key: ScopeKey) -> Network | Unknown:
        try:
            return made_by.network(key, self._gathered.resources(origin, key))
        except PolicyengineError as error:
            return Unknown(FACT, str(error))
