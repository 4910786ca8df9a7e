"""Judging what a policy demands of flows: the network of a resource is asked, and breaches become failures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.intents.judging import judge
from policyengine.firewall.intents.telling import ports_text
from policyengine.model.unknown import Unknown
from policyengine.policy.compile import Failure
from policyengine.policy.verdict import FAIL, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.firewall.intents.addresses import Addresses
    from policyengine.firewall.intents.intent import Intents
    from policyengine.firewall.intents.judging import Breach, Crossing
    from policyengine.firewall.reach import Networks
    from policyengine.model.resource import Resource

FACT = "who reaches whom"
"""What is missing where flows cannot be judged."""

_TOLD = 3
"""Ways that a message tells of."""


class FlowFailure(Failure, frozen=True):
    """Flows that are not as demanded. ``value`` says in words which, or is Unknown."""

    breach: Breach | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it from other breaches of the same policy."""
        if self.breach is None:
            return ("flows",)
        item = () if self.breach.item is None else (str(self.breach.item),)
        return ("flows", self.breach.intent, *item)


def flow_failures(
    intents: Intents, resource: Resource, networks: Networks, zones: Mapping[str, Addresses]
) -> list[FlowFailure]:
    """What is not as a policy demands it of the flows to and from a resource."""
    found = networks.of(resource)
    if isinstance(found, Unknown):
        return [FlowFailure((), UNKNOWN, "flows", found)]
    network, place = found
    return [_failure(breach) for breach in judge(intents, place, network, zones)]


def _failure(breach: Breach) -> FlowFailure:
    if breach.untold is not None:
        return FlowFailure((), UNKNOWN, "flows", breach.untold, breach)
    if not breach.surely:
        return FlowFailure((), UNKNOWN, "flows", Unknown(FACT, _doubt(breach)), breach)
    return FlowFailure((), FAIL, "flows", told(breach), breach)


def _doubt(breach: Breach) -> str:
    return f"{told(breach, may=True)}: {breach.why}" if breach.crossings else breach.why


def told(breach: Breach, *, may: bool = False) -> str:
    """``internet reaches it on tcp/22``; several ways one after the other."""
    ways = list(dict.fromkeys(_ways(breach, may=may)))
    more = len(ways) - _TOLD
    return "; ".join(ways[:_TOLD]) + (f"; and {more} more" if more > 0 else "")


def _ways(breach: Breach, *, may: bool) -> Iterator[str]:
    for crossing in breach.crossings:
        if breach.intent == "must_reach":
            does = "may not reach" if may else "does not reach"
        else:
            does = "may reach" if may else "reaches"
        ends = f"{crossing.source.name} {does} {crossing.target.name}"
        if crossing.apart is not None:
            ends = _partly(crossing, may=may)
        yield f"{ends} on {ports_text(crossing.ports)}"


def _partly(crossing: Crossing, *, may: bool) -> str:
    """``not all of office reaches host``, ``host does not reach all of lan``."""
    if crossing.source.kind == "zone":
        return f"{'perhaps ' if may else ''}not all of {crossing.source.name} reaches {crossing.target.name}"
    return f"{crossing.source.name} {'may' if may else 'does'} not reach all of {crossing.target.name}"


def ways(crossings: tuple[Crossing, ...]) -> list[dict[str, str]]:
    """The flows for programs: from, to and ports."""
    return [{"from": one.source.name, "to": one.target.name, "ports": ports_text(one.ports)} for one in crossings]
