"""A project that any version of an engine may run: what all of them let through, and what depends on which it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.firewall.docker.merging import all_of
from policyengine.firewall.docker.network import DockerNetwork

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.firewall.docker.facts import Engine, Version
    from policyengine.firewall.reach import Explanation, Flows, Place

OLDEST, LATEST = (20, 10), (29, 5)
APART = (28, 5)
"""The last that keeps networks apart from one that protects nothing: elsewhere its rules do what those of 29 do."""

WHY = "the version of the engine: before 28 Docker lets straight to containers what 28 and later drop"

WHO = "who runs it: a Swarm takes published ports on every address of every node"


def versions(engine: Engine) -> tuple[Version, ...]:
    """A version of each kind of rules that matters to a project, the oldest that is supported first."""
    open_ = any(one.mode(family) == "nat-unprotected" for one in engine.networks for family in (4, 6))
    return (OLDEST, APART, LATEST) if open_ else (OLDEST, LATEST)


class AnyVersion:
    """The network of a project, by each kind of rules. Its addresses stand for those that an engine chooses.

    ``engines`` are those that may run it: one of its own, a node of a Swarm.
    """

    def __init__(self, *engines: Engine) -> None:
        self.name = engines[0].name
        self.rules = "the rules of any version of Docker"
        self._each = [
            [DockerNetwork(replace(engine, version=version)) for version in versions(engine)] for engine in engines
        ]

    def places(self) -> list[Place]:
        """The services, the host, and all beyond it."""
        return self._each[0][-1].places()

    def flows(self, source: Place, target: Place) -> Flows:
        """What all of them let through; the rest depends on which it is."""
        found = [all_of([one.flows(source, target) for one in each], WHY) for each in self._each]
        return all_of(found, WHO) if len(found) > 1 else found[0]

    def explain(self, source: Place, target: Place, protocol: str, port: int | None) -> Explanation:
        """What becomes of a connection by the newest rules; where others differ, by those that let it through."""
        found = [_told([one.explain(source, target, protocol, port) for one in each], WHY) for each in self._each]
        return _told(found, WHO)


def _told(found: Sequence[Explanation], why: str) -> Explanation:
    """The last one, where all come to the same end; else that nobody knows, and ``why``."""
    if len({one.verdict for one in found}) == 1:
        return replace(found[-1], rules="")  # those of all agree
    told = next((one for one in found if one.verdict == "allowed"), found[0])
    reasons = dict.fromkeys((why, *(one.why for one in found if one.verdict != "denied")))
    return replace(told, verdict="unknown", why="; ".join(filter(None, reasons)), rules="")
