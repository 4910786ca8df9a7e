"""A network whose flows are written down: what stands in for rules, engines and clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import BudgetError
from policyengine.firewall.intervals import contains
from policyengine.firewall.reach import PORTS, Explanation, Flows, Packet, Place, Step
from policyengine.model.location import Location

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.firewall.intervals import Intervals

ALL: dict[str, Intervals] = {"tcp": PORTS, "udp": PORTS, "sctp": PORTS, "icmp": PORTS}


def tcp(*ports: int) -> dict[str, Intervals]:
    """Ports of TCP."""
    return {"tcp": tuple((port, port) for port in sorted(ports))}


class Written:
    """A network of containers by name, and the internet, which reach each other as it is said."""

    rules = ""

    def __init__(self, name: str, names: Sequence[str], flows: Mapping[tuple[str, str], Flows]) -> None:
        self.name = name
        self._places = [Place(one, "zone" if one == "internet" else "container") for one in names]
        self._flows = flows

    def places(self) -> Sequence[Place]:
        """The places that are written down."""
        return self._places

    def flows(self, source: Place, target: Place) -> Flows:
        """What is written down."""
        return self._flows.get((source.name, target.name), Flows())

    def explain(self, source: Place, target: Place, protocol: str, port: int | None) -> Explanation:
        """The verdict by what is written down, with one rule that says it."""
        found = self.flows(source, target)
        for verdict, ports in (("allowed", found.allowed), ("unknown", found.unknown)):
            if protocol in ports and contains(ports[protocol], port or 0):
                step = Step(Location("rules.v4", 7), f"-A FORWARD -p {protocol} -j ACCEPT", "accepts")
                packet = Packet(4, protocol, "198.51.100.7", "172.18.0.2", 40000, port, "eth0", "br-1")
                return Explanation(verdict, packet, (step,), " ".join(found.why), "")  # type: ignore[arg-type]
        return Explanation("denied", None, (Step(Location("rules.v4", 3), ":FORWARD DROP", "drops by policy"),))


class Endless(Written):
    """A network that nothing can be decided of."""

    def flows(self, source: Place, target: Place) -> Flows:
        """Nothing is decided."""
        raise BudgetError("more than 1,000,000 steps")

    def explain(self, source: Place, target: Place, protocol: str, port: int | None) -> Explanation:
        """Nothing is decided."""
        raise BudgetError("more than 1,000,000 steps")


SHOP = Written(
    "shop",
    ("web-1", "web-2", "db", "cache", "internet"),
    {
        ("web-1", "web-2"): Flows(ALL),
        ("web-2", "web-1"): Flows(ALL),
        **{(web, "db"): Flows(tcp(5432)) for web in ("web-1", "web-2")},
        **{(web, "cache"): Flows(tcp(6379)) for web in ("web-1", "web-2")},
        **{(web, "internet"): Flows(ALL) for web in ("web-1", "web-2")},
        **{("internet", web): Flows({"tcp": ((80, 80), (443, 443))}) for web in ("web-1", "web-2")},
        ("internet", "db"): Flows({}, tcp(22), ("whether the set admins has the sender",)),
    },
)
"""Two that fare alike behind the internet, what they use, and one thing that is not known."""
