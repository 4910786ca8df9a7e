"""Sets of packets in words: ``tcp from 10.0.0.0/8 to any but 192.0.2.1 port 22, in eth0``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.addresses import networks, shown
from policyengine.firewall.intervals import complement
from policyengine.firewall.protocols import PROTOCOL_NAMES
from policyengine.firewall.rules import KINDS, NO_CARD
from policyengine.firewall.universe import (
    CARD,
    DESTINATION,
    DESTINATION_KIND,
    DPORT,
    ICMP,
    IN,
    NEW_DESTINATION,
    NEW_DPORT,
    NEW_KIND,
    NEW_SOURCE,
    NEW_SPORT,
    OUT,
    PROTOCOL,
    SOURCE,
    SOURCE_KIND,
    SPORT,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.firewall.differing import Outcome
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.rules import Family
    from policyengine.firewall.universe import Universe

_MANY = 4
"""More networks than these are told as the range that they make up."""


def described(box: Mapping[int, Intervals], known: Universe) -> str:
    """The packets within intervals of dimensions; without any: ``anything``."""
    first = " ".join(_parts(box, known, _FIRST))
    return ", ".join(filter(None, (first or "anything", *_parts(box, known, _THEN))))


def _parts(box: Mapping[int, Intervals], known: Universe, which: Mapping[int, tuple[str, _Told]]) -> Iterator[str]:
    for dimension, (name, told) in which.items():
        if dimension in box:
            yield f"{name} {_listed(box[dimension], known, dimension, told)}".strip()


def _listed(values: Intervals, known: Universe, dimension: int, told: _Told) -> str:
    """The values, or those that they are not, whichever is shorter."""
    listed = told(values, known)
    if told is interfaces:
        return ",".join(listed)
    excepted = told(complement(values, known.tops[dimension]), known)
    if 0 < len(excepted) < len(listed):
        return f"any but {','.join(excepted)}"
    return ",".join(listed)


def addresses(values: Intervals, family: Family) -> list[str]:
    """Networks, single addresses, and ranges of such that would be many networks."""
    found: list[str] = []
    for low, high in values:
        parts = networks(((low, high),), family)
        found += parts if len(parts) <= _MANY else [f"{shown(low, family)}-{shown(high, family)}"]
    return found


def numbers(values: Intervals) -> list[str]:
    """``80``, ``8000-8010``."""
    return [str(low) if low == high else f"{low}-{high}" for low, high in values]


def _addresses(values: Intervals, known: Universe) -> list[str]:
    return addresses(values, known.family)


def _numbers(values: Intervals, _: Universe) -> list[str]:
    return numbers(values)


def _protocols(values: Intervals, _: Universe) -> list[str]:
    each = [(low, high) if high - low > _MANY else (one, one) for low, high in values for one in range(low, high + 1)]
    named = [PROTOCOL_NAMES.get(low, str(low)) if low == high else f"{low}-{high}" for low, high in each]
    return list(dict.fromkeys(named))


def interfaces(values: Intervals, known: Universe) -> list[str]:
    """Names; where those that no rule names are among them: all but some."""
    inside = {known.interfaces[one] for low, high in values for one in range(low, high + 1)}
    if "*" in inside:
        return [f"any but {','.join(name for name in known.interfaces[1:] if name not in inside)}"]
    return [name for name in known.interfaces if name in inside]


def _kinds(values: Intervals, _: Universe) -> list[str]:
    return [KINDS[one] for low, high in values for one in range(low, high + 1)]


def _icmp(values: Intervals, _: Universe) -> list[str]:
    """Types, with the code where it is not any: 8, 3/4."""
    return [
        "-".join(dict.fromkeys((f"{low >> 8}", f"{high >> 8}")))
        if low & 255 == 0 and high & 255 == 255
        else "-".join(dict.fromkeys((f"{low >> 8}/{low & 255}", f"{high >> 8}/{high & 255}")))
        for low, high in values
    ]


def _cards(values: Intervals, _: Universe) -> list[str]:
    return ["-".join(dict.fromkeys((card(low), card(high)))) for low, high in values]


def card(number: int) -> str:
    """The address of a network card as iptables prints it; ``none`` of what has none."""
    return "none" if number == NO_CARD else ":".join(f"{number >> at & 255:02X}" for at in range(40, -1, -8))


if TYPE_CHECKING:
    _Told = Callable[[Intervals, Universe], list[str]]

_FIRST: dict[int, tuple[str, _Told]] = {
    PROTOCOL: ("", _protocols),
    SOURCE: ("from", _addresses),
    SPORT: ("port", _numbers),
    DESTINATION: ("to", _addresses),
    DPORT: ("to port", _numbers),
}
_THEN: dict[int, tuple[str, _Told]] = {
    ICMP: ("type", _icmp),
    CARD: ("network card", _cards),
    IN: ("in", interfaces),
    OUT: ("out", interfaces),
    SOURCE_KIND: ("source of type", _kinds),
    DESTINATION_KIND: ("destination of type", _kinds),
    NEW_DESTINATION: ("translated to", _addresses),
    NEW_DPORT: ("translated to port", _numbers),
    NEW_KIND: ("translated to an address of type", _kinds),
    NEW_SOURCE: ("translated from", _addresses),
    NEW_SPORT: ("translated from port", _numbers),
}
"""What a dimension is called, and how its values are told, in the order of telling."""


def outcome(of: Outcome, family: Family) -> str:
    """``denied``, ``allowed``, or ``allowed to 172.18.0.2:80`` where the packet is sent elsewhere."""
    to = destination(of, family)
    return f"{of.fate} to {to}" if to else of.fate


def destination(of: Outcome, family: Family) -> str:
    """Where translation sends a packet: ``172.18.0.2:80``, ``port 8080``; "" where it is not translated."""
    if of.to is None:
        return ""
    to = ",".join(addresses(of.to.addresses or (), family)) or ("the host itself" if of.to.own else "")
    ports = ",".join(numbers(of.to.ports or ()))
    if not ports:
        return to
    return f"[{to}]:{ports}" if ":" in to else f"{to}:{ports}" if to else f"port {ports}"
