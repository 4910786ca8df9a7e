"""What diagrams say of single packets: whole, or sliced by what a query fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from policyengine.firewall.deciding import decide
from policyengine.firewall.queries import Query

if TYPE_CHECKING:
    from policyengine.firewall.answers import Decided
    from policyengine.firewall.host import Host
    from policyengine.firewall.packets import Concrete, Path, Verdict
    from policyengine.firewall.rules import Ruleset

SLICES = ("whole", "whole", "whole", "into", "state", "protocol", "out")
"""What queries fix, drawn by lot for each rule set."""


class Diagrams:
    """Those of a rule set, made when they are first asked for."""

    def __init__(self, ruleset: Ruleset, host: Host, slice_: str) -> None:
        self.ruleset = ruleset
        self.host = host
        self.slice = slice_
        self._decided: dict[tuple[Path, object], Decided] = {}

    def verdict(self, packet: Concrete) -> Verdict:
        """What becomes of a packet, by the diagram of a query that it belongs to."""
        fixed = getattr(packet, self.slice, None)
        key = packet.path, fixed
        decided = self._decided.get(key)
        if decided is None:
            decided = self._decided[key] = decide(self.ruleset, self.host, self._query(packet, fixed))
        return decided.verdict_of(packet)

    def _query(self, packet: Concrete, fixed: Any) -> Query:
        asked = Query(family=packet.family, path=packet.path)
        if self.slice == "whole" or fixed == "":
            return asked
        if self.slice == "into":
            return replace(asked, into=(fixed,))
        if self.slice == "out":
            return replace(asked, out=(fixed,))
        return replace(asked, sent={self.slice: ((fixed, fixed),)})
