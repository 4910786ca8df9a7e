"""Sets of destination ports as bit masks: one bit for each range that the policies at hand tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.intervals import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.firewall.intervals import Intervals

TRANSPORTS = ("tcp", "udp", "sctp")
"""The protocols that policies of Kubernetes tell apart by ports."""

ICMP = "icmp"
TOP = 65535


class PortSets:
    """All sets of ports that can be made of some ranges, each as a number: operations on them are those on bits."""

    def __init__(self, ranges: Iterable[tuple[str, int, int]]) -> None:
        """``ranges`` of ports (protocol, first, last) are those that sets will be made of."""
        cuts: dict[str, set[int]] = {protocol: {0} for protocol in TRANSPORTS}
        for protocol, low, high in ranges:
            cuts[protocol] |= {low, high + 1}
        self._pieces: list[tuple[str, int, int]] = []
        self._of: dict[str, list[tuple[int, int, int]]] = {}
        for protocol, found in cuts.items():
            starts = sorted(cut for cut in found if cut <= TOP)
            self._add(protocol, list(zip(starts, [*(start - 1 for start in starts[1:]), TOP], strict=True)))
        self._add(ICMP, [(0, TOP)])
        self.everything = (1 << len(self._pieces)) - 1
        self.icmp = self._of[ICMP][0][2]
        self._masks: dict[tuple[str, int, int], int] = {}
        self._told: dict[int, Mapping[str, Intervals]] = {}

    def _add(self, protocol: str, pieces: list[tuple[int, int]]) -> None:
        self._of[protocol] = [(low, high, 1 << len(self._pieces) + at) for at, (low, high) in enumerate(pieces)]
        self._pieces += [(protocol, low, high) for low, high in pieces]

    def mask(self, protocol: str, low: int = 0, high: int = TOP) -> int:
        """The set of a protocol's ports from ``low`` to ``high``, in whole pieces; none of an unknown protocol."""
        key = (protocol, low, high)
        if key not in self._masks:
            pieces = self._of.get(protocol, ())
            self._masks[key] = sum(bit for first, last, bit in pieces if first <= high and last >= low)
        return self._masks[key]

    def intervals(self, mask: int) -> Mapping[str, Intervals]:
        """A set by protocol; a protocol without ports has all of them, or is not there."""
        told = self._told.get(mask)
        if told is None:
            found: dict[str, list[tuple[int, int]]] = {}
            for at, (protocol, low, high) in enumerate(self._pieces):
                if mask >> at & 1:
                    found.setdefault(protocol, []).append((low, high))
            told = self._told[mask] = {protocol: normalised(pairs) for protocol, pairs in found.items()}
        return told
