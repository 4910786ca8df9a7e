"""Who reaches whom by an engine: its containers, the host, and what lies beyond."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.firewall.docker.facts import holder
from policyengine.firewall.docker.merging import any_of, best
from policyengine.firewall.docker.predicted import predicted, whose
from policyengine.firewall.docker.routes import Routes
from policyengine.firewall.docker.surroundings import beyond, surroundings
from policyengine.firewall.intervals import normalised
from policyengine.firewall.reach import Explanation, Flows, Place

if TYPE_CHECKING:
    from policyengine.firewall.docker.facts import Engine, EngineContainer
    from policyengine.firewall.host import Host
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.rules import Family, Ruleset

HOST, LAN = "host", "lan"
"""The host itself, and all that sends to it by an interface that is none of the engine's."""

_NO_WAY = "no network leads there"


LIVE = "live rules"
"""What the rules are called that there are."""


class DockerNetwork:
    """The network of one engine. ``ruleset`` and ``host`` are what is read of them live; else they are predicted.

    ``note`` is why they are, where they might have been read.
    """

    def __init__(
        self, engine: Engine, ruleset: Ruleset | None = None, host: Host | None = None, note: str = ""
    ) -> None:
        self.engine = engine
        self.name = engine.name
        self.rules = LIVE if ruleset else whose(engine) + (f" ({note})" if note else "")
        self.host = host or surroundings(engine)
        self.ruleset = ruleset or predicted(engine)
        self._routes = Routes(engine, self.ruleset, self.host)
        self._known: dict[tuple[str, str, object, object], Flows] = {}

    def places(self) -> list[Place]:
        """The containers, the host, and all beyond it."""
        return list(self._places)

    @cached_property
    def _places(self) -> list[Place]:
        containers = [self._container(one) for one in self.engine.containers]
        host = Place(HOST, "host", ipv4=self.host.addresses(4), ipv6=self.host.addresses(6))
        lan = Place(LAN, "zone", ipv4=beyond(self.engine, self.host, 4), ipv6=beyond(self.engine, self.host, 6))
        return [*containers, host, lan]

    def _container(self, one: EngineContainer) -> Place:
        held = holder(self.engine, one)
        addresses = {family: self._addresses(held, family) for family in (4, 6)}
        return Place(
            one.name,
            "container",
            labels=one.labels,
            ipv4=addresses[4],
            ipv6=addresses[6],
            where=one.where,
            services=(one.service,) if one.service else (),
        )

    def _addresses(self, container: EngineContainer | None, family: Family) -> Intervals | None:
        """Those of a container on its networks; None where they are the engine's to choose."""
        if container is None or not self.engine.addressed:
            return None
        if container.mode == "host":
            return self.host.addresses(family)
        found = (one.address(family) for one in container.attachments)
        return normalised((address, address) for address in found if address is not None)

    def flows(self, source: Place, target: Place) -> Flows:
        """What gets from one place to the other by any way."""
        key = (source.name, target.name, source.ipv4, target.ipv4)
        if key not in self._known:
            self._known[key] = any_of(way.flows() for way in self._routes.ways(source, target))
        return self._known[key]

    def explain(self, source: Place, target: Place, protocol: str, port: int | None) -> Explanation:
        """What becomes of a connection: by the way that leads there, if any does."""
        ways = self._routes.ways(source, target)
        otherwise = Explanation("denied", None, why=_NO_WAY)
        return replace(best((way.explain(protocol, port) for way in ways), otherwise), rules=self.rules)
