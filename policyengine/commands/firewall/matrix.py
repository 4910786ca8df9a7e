"""``policyengine firewall matrix``: who reaches whom on what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.commands.firewall.asking import flows
from policyengine.commands.firewall.ports import only
from policyengine.firewall.reach import Flows, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.reach import Network

NONE = Flows()
Port = tuple[str, int | None]


class Asked(Struct, frozen=True):
    """What of a network a matrix is to be of; places and ports that are not given are all that there are."""

    sources: tuple[Place, ...]
    targets: tuple[Place, ...]
    port: Port | None = None


class Matrix(Struct, frozen=True):
    """What gets, or may get, from the places of a network to its places; a pair that is not there has no flow.

    ``rules`` are those that decide it, where there is more than one answer; ``untold`` says which are not there, by
    which anything may get through that is not told.
    """

    network: str
    sources: tuple[Place, ...]
    targets: tuple[Place, ...]
    cells: Mapping[tuple[str, str], Flows]
    rules: str = ""
    untold: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What a drawing is called: the network, the rules that decide, and those that are not there."""
        return ", ".join(filter(None, (self.network, self.rules, *self.untold)))

    def between(self, source: str, target: str) -> Flows:
        """The flows from one place to another, by their names."""
        return self.cells.get((source, target), NONE)

    @property
    def why(self) -> tuple[str, ...]:
        """All that is not known, each told once."""
        return tuple(dict.fromkeys((*(why for cell in self.cells.values() for why in cell.why), *self.untold)))


def matrix(network: Network, asked: Asked) -> Matrix:
    """Ask a network for the flows between places; a place is not asked whether it reaches itself."""
    cells: dict[tuple[str, str], Flows] = {}
    untold: dict[str, None] = {}
    for source in asked.sources:
        for target in asked.targets:
            told = flows(network, source, target) if source.name != target.name else NONE
            if told.untold is not None:
                untold[told.untold.why] = None
            found = _of_port(told, asked.port)
            if found.allowed or found.unknown:
                cells[source.name, target.name] = found
    return Matrix(network.name, asked.sources, asked.targets, cells, network.rules, tuple(untold))


def _of_port(found: Flows, port: Port | None) -> Flows:
    if port is not None:
        found = Flows(only(found.allowed, *port), only(found.unknown, *port), found.why)
    allowed, unknown = _some(found.allowed), _some(found.unknown)
    return Flows(allowed, unknown, found.why if unknown else ())


def _some(ports: Mapping[str, Intervals]) -> dict[str, Intervals]:
    return {protocol: intervals for protocol, intervals in ports.items() if intervals}
