"""A network for tests: places, and rules in order, the first that fits decides. Nothing fits: denied."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - structures are made by these types
from ipaddress import ip_address
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.errors import BudgetError
from policyengine.firewall.intents.addresses import EVERY, addresses
from policyengine.firewall.intervals import Intervals, difference, intersection, union
from policyengine.firewall.reach import Explanation, Flows, Packet, Place, Step
from policyengine.model.location import Location

if TYPE_CHECKING:
    from collections.abc import Sequence

PROTOCOLS = ("tcp", "udp", "sctp", "icmp")
INTERNET = Place("internet", "zone", ipv4=((0, 2**32 - 1),), ipv6=((0, 2**128 - 1),))


class Rule(Struct, frozen=True):
    """``source`` and ``target`` are names of places or networks, "*" for all; does allow, deny, unknown or budget."""

    source: str
    target: str
    ports: Mapping[str, Intervals]
    does: str = "allow"
    line: int = 1


class StandIn:
    """A network whose flows are as its rules say. What goes by an address is met only where all of it is meant."""

    rules = ""

    def __init__(self, places: Sequence[Place], rules: Sequence[Rule], name: str = "stand-in") -> None:
        self.name, self._places, self._rules = name, places, rules

    def places(self) -> Sequence[Place]:
        return self._places

    def flows(self, source: Place, target: Place) -> Flows:
        left: dict[str, Intervals] = dict.fromkeys(PROTOCOLS, ((0, 65535),))
        found: dict[str, dict[str, Intervals]] = {"allow": {}, "deny": {}, "unknown": {}}
        for rule in self._rules:
            if not (_fits(rule.source, source) and _fits(rule.target, target)):
                continue
            if rule.does == "budget":
                raise BudgetError("takes more than 10 nodes")
            for protocol, ports in rule.ports.items():
                told = found[rule.does]
                told[protocol] = union(told.get(protocol, ()), intersection(left[protocol], ports))
                left[protocol] = difference(left[protocol], ports)
        unknown = {protocol: ports for protocol, ports in found["unknown"].items() if ports}
        allowed = {protocol: ports for protocol, ports in found["allow"].items() if ports}
        return Flows(allowed, unknown, ("a mark decides",) if unknown else ())

    def explain(self, source: Place, target: Place, protocol: str, port: int | None) -> Explanation:
        wanted = ((port, port),) if port is not None else ((0, 65535),)
        for rule in self._rules:
            fits = _fits(rule.source, source) and _fits(rule.target, target)
            if fits and intersection(rule.ports.get(protocol, ()), wanted):
                step = Step(Location("rules.v4", rule.line), f"-j {rule.does.upper()}", rule.does)
                packet = Packet(4, protocol, _one(source), _one(target), 40000, port, into="eth0")
                verdict = {"allow": "allowed", "deny": "denied", "unknown": "unknown"}[rule.does]
                return Explanation(verdict, packet, (step,), set_=f"from {source.name}")  # type: ignore[arg-type]
        return Explanation("denied", None, (Step(None, "nothing allows it", ""),))


def _fits(said: str, place: Place) -> bool:
    if said in ("*", place.name):
        return True
    try:
        meant = addresses([said])
    except ValueError:
        return False
    own = (place.ipv4 or (), place.ipv6 or ())
    return any(intersection(have, mean) for have, mean in zip(own, (meant.ipv4, meant.ipv6), strict=True))


def _one(place: Place) -> str:
    low = (place.ipv4 or EVERY.ipv4)[0][0]
    return str(ip_address(low or 0xC6336407))  # 198.51.100.7
