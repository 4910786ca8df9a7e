"""On which ports packets get through: a diagram projected on protocol and destination port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.intervals import Intervals, intersection, normalised, union
from policyengine.firewall.leaves import ACCEPT, TRANSLATED, UNDECIDED
from policyengine.firewall.protocols import ICMP, ICMPV6, SCTP, TCP, UDP
from policyengine.firewall.reach import PORTS, Flows
from policyengine.firewall.universe import ATOMS, DPORT, NEW_DPORT, PROTOCOL

if TYPE_CHECKING:
    from policyengine.firewall.answers import Decided

SENT, CHOSEN, FINAL = "sent", "chosen", "final"

Ports = dict[object, "Intervals"]
"""By what they are ports of: as sent, as chosen by translation, as they are in the end; or those sent, by a shift."""


def flows(decided: Decided) -> Flows:
    """The ports by protocol: allowed whatever the unknown matches say, and allowed for some of what they may say."""
    allowed: dict[str, Intervals] = {}
    unknown: dict[str, Intervals] = {}
    projection = _Projection(decided)
    for name, number in protocols(decided.query.family).items():
        if not any(low <= number <= high for low, high in decided.known.get(PROTOCOL, ((0, 255),))):
            continue
        surely, maybe = projection.ports(number, certain=True), projection.ports(number, certain=False)
        if name == "icmp":
            surely, maybe = (PORTS if surely else ()), (PORTS if maybe else ())
        rest = _minus(maybe, surely)
        allowed.update({name: surely} if surely else {})
        unknown.update({name: rest} if rest else {})
    return Flows(allowed, unknown, tuple(projection.why()) if unknown else ())


def protocols(family: int) -> dict[str, int]:
    """What flows are told of."""
    return {"tcp": TCP, "udp": UDP, "sctp": SCTP, "icmp": ICMP if family == 4 else ICMPV6}


def _minus(one: Intervals, other: Intervals) -> Intervals:
    from policyengine.firewall.intervals import difference

    return difference(one, other)


class _Projection:
    """The ports on which anything gets through a diagram."""

    def __init__(self, decided: Decided) -> None:
        self.decided = decided
        self.diagrams = decided.diagrams
        self._surely: dict[int, frozenset[int]] = {}

    def ports(self, protocol: int, *, certain: bool) -> Intervals:
        """The final ports of packets of a protocol that are (or, not certain, may be) accepted."""
        memo: dict[int, Ports] = {}

        def go(node: int) -> Ports:
            if node < 0 or self.diagrams.dimensions[node] >= ATOMS:
                return self._accepted(node, certain)
            known = memo.get(node)
            if known is None:
                known = memo[node] = self._joined(node, protocol, go)
            return known

        found = go(self.decided.diagram)
        return normalised(pair for key, values in found.items() for pair in self._final(key, values))

    def _joined(self, node: int, protocol: int, go) -> Ports:  # type: ignore[no-untyped-def]
        dimension = self.diagrams.dimensions[node]
        slice_ = self.decided.known.get(dimension)
        found: dict[object, list[tuple[int, int]]] = {}
        low = 0
        for bound, child in zip(self.diagrams.bounds[node], self.diagrams.children[node], strict=True):
            here: Intervals = ((low, bound),)
            low = bound + 1
            if slice_ is not None:
                here = intersection(here, slice_)
            if not here or (dimension == PROTOCOL and not here[0][0] <= protocol <= here[-1][1]):
                continue
            for key, values in go(child).items():
                if (dimension == DPORT and key not in (CHOSEN, FINAL)) or (dimension == NEW_DPORT and key == CHOSEN):
                    values = intersection(values, here)
                if values:
                    found.setdefault(key, []).extend(values)
        return {key: normalised(values) for key, values in found.items()}

    def _accepted(self, node: int, certain: bool) -> Ports:
        """What is accepted of the packets that come to a leaf, or to the unknown matches above some leaves."""
        leaves = self._leaves(node)
        good = [leaf for leaf in leaves if leaf == ACCEPT or leaf <= TRANSLATED]
        if not certain:
            good += [leaf for leaf in leaves if leaf == UNDECIDED]
        elif len(good) < len(leaves):
            return {}
        found: Ports = {}
        for leaf in good:
            key, values = self._of_leaf(leaf)
            found[key] = union(found.get(key, ()), values)
        return found

    def _leaves(self, node: int) -> frozenset[int]:
        known = self._surely.get(node)
        if known is None:
            known = self._surely[node] = self.diagrams.leaves(node)
        return known

    def _of_leaf(self, leaf: int) -> tuple[object, Intervals]:
        if leaf > TRANSLATED:
            return SENT, PORTS
        translation = self.decided.translations[TRANSLATED - leaf]
        if translation.ports is None:
            return SENT, PORTS
        if translation.shift is not None:
            return translation, PORTS
        single = translation.ports[0][0] == translation.ports[-1][1]
        return (FINAL, translation.ports) if single else (CHOSEN, translation.ports)

    def _final(self, key: object, values: Intervals) -> Intervals:
        """The ports in the end, where a range of those sent is mapped to another one by one."""
        from policyengine.firewall.translations import Translation

        if not isinstance(key, Translation) or key.shifting is None:
            return values
        first, count, base = key.shifting
        ports = {first + ((sent - base) & 0xFFFF) % count for low, high in values for sent in range(low, high + 1)}
        return normalised((one, one) for one in ports)

    def why(self) -> list[str]:
        """The unknown matches that the diagram asks."""
        seen: set[int] = set()
        waiting = [self.decided.diagram]
        while waiting:
            node = waiting.pop()
            if node >= 0 and node not in seen:
                seen.add(node)
                waiting.extend(self.diagrams.children[node])
        asked = sorted({self.diagrams.dimensions[node] for node in seen} - set(range(ATOMS)))
        return [self.decided.universe.atom_names[dimension - ATOMS] for dimension in asked]
