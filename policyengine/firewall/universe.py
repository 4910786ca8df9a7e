"""The dimensions of packets: what diagrams ask, in which order, and what the values mean.

Interfaces, and unknown matches, are those that the rules name. A packet's interface is a number: 0 is none, then come
the named ones, then one that only matches a name's beginning (``veth*``), and one that nothing names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.addresses import BITS
from policyengine.firewall.rules import KINDS, NO_CARD, STATES, Atom, Interface

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.firewall.host import Host
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.rules import Family, Field, Ruleset

(
    NEW_DESTINATION,
    NEW_DPORT,
    NEW_SOURCE,
    NEW_SPORT,
    IN,
    PROTOCOL,
    STATE,
    SOURCE,
    CARD,
    OUT,
    DESTINATION,
    DPORT,
    SPORT,
    FLAGS,
    ICMP,
    NAT,
    SOURCE_KIND,
    DESTINATION_KIND,
    NEW_KIND,
    ATOMS,
) = range(20)
"""``NEW_...``: what translation has made of a field. From ATOMS on each unknown match has a dimension.

What belongs together is asked together, which keeps diagrams small: whence a packet comes (IN, SOURCE, CARD), and where
it goes, for its way out follows from its destination.
"""

BY_FIELD: dict[Field, int] = {
    "protocol": PROTOCOL,
    "state": STATE,
    "source": SOURCE,
    "card": CARD,
    "destination": DESTINATION,
    "dport": DPORT,
    "sport": SPORT,
    "flags": FLAGS,
    "icmp": ICMP,
    "odestination": DESTINATION,
    "odport": DPORT,
    "nat": NAT,
}
"""The dimension of each field, as long as nothing is translated."""


class Universe:
    """The dimensions of the packets of a family, for all rule sets that are to be compared."""

    def __init__(self, family: Family, interfaces: Iterable[str], atoms: Iterable[str]) -> None:
        self.family = family
        exact, prefixes = _split(interfaces)
        self.interfaces = ("", *exact, *(f"{prefix}*" for prefix in prefixes), "*")
        self._by_name = {name: at for at, name in enumerate(self.interfaces)}
        self._patterns: dict[str, Intervals] = {}
        self.atoms = {name: ATOMS + at for at, name in enumerate(dict.fromkeys(atoms))}
        self.atom_names = tuple(self.atoms)
        self.tops = (*self._tops(), *(1 for _ in self.atoms))

    def _tops(self) -> tuple[int, ...]:
        address, port, kind = (1 << BITS[self.family]) - 1, 65535, len(KINDS) - 1
        interface = len(self.interfaces) - 1
        translated = (address, port, address, port)
        coming = (interface, 255, len(STATES) - 1, address, NO_CARD)
        going = (interface, address, port, port, 63, 65535, 3)
        return (*translated, *coming, *going, kind, kind, kind)

    def named(self, pattern: str) -> Intervals:
        """The numbers of the interfaces that a name, or a name's beginning, matches."""
        known = self._patterns.get(pattern)
        if known is None:
            known = self._patterns[pattern] = tuple(self._matching(pattern))
        return known

    def _matching(self, pattern: str) -> Iterator[tuple[int, int]]:
        if not pattern.endswith("*"):
            at = self.interface(pattern)
            yield at, at
            return
        beginning = pattern[:-1]
        found = [at for at, name in enumerate(self.interfaces) if name.startswith(beginning)]
        low = previous = found[0]
        for at in found[1:]:
            if at != previous + 1:
                yield low, previous
                low = at
            previous = at
        yield low, previous

    def interface(self, name: str) -> int:
        """The number of an interface: that of those that nothing names, where nothing names it."""
        at = self._by_name.get(name)
        if at is not None and not name.endswith("*"):
            return at
        beginnings = [one for one in self.interfaces if one.endswith("*") and name.startswith(one[:-1])]
        return self._by_name[max(beginnings, key=len)]


def _split(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Names of interfaces, and beginnings of such."""
    found = {name for name in names if name not in ("", "*")}
    prefixes = sorted(name[:-1] for name in found if name.endswith("*"))
    return sorted(name for name in found if not name.endswith("*")), prefixes


def universe(family: Family, rulesets: Iterable[Ruleset], host: Host, interfaces: Iterable[str] = ()) -> Universe:
    """The dimensions that the rule sets need, with the host's interfaces and others that are asked for."""
    names: dict[str, None] = dict.fromkeys(("lo", *interfaces))
    atoms: dict[str, None] = {}
    for condition in _conditions(family, rulesets):
        if isinstance(condition, Interface):
            names.update(dict.fromkeys(condition.names))
        else:
            atoms[condition.name] = None
    names.update(dict.fromkeys(one.name for one in host.interfaces or ()))
    names.update(dict.fromkeys(host.outs(family) or ()))
    return Universe(family, names, atoms)


_NAMING = (Interface, Atom)


def _conditions(family: Family, rulesets: Iterable[Ruleset]) -> Iterator[Interface | Atom]:
    for ruleset in rulesets:
        for table in ruleset.tables:
            if family not in table.families:
                continue
            for chain in table.chains:
                for rule in chain.rules:
                    for conditions in rule.any_of:
                        for one in conditions:
                            if isinstance(one, _NAMING):
                                yield one
