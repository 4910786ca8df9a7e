"""What ``ipset save`` prints: sets that rules ask for by name (``-m set --match-set NAME src``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import DocumentError
from policyengine.firewall.addresses import BITS, first_and_last, number
from policyengine.firewall.ipset.options import OF_ENTRIES, OF_SETS, options
from policyengine.firewall.iptables.matches import port, protocol_number
from policyengine.firewall.iptables.words import Quoted, words
from policyengine.firewall.protocols import (
    ICMP,
    ICMP_TYPES,
    ICMPV6,
    ICMPV6_TYPES,
    PROTOCOLS,
    TCP,
    WITH_PORTS,
    icmp_numbers,
)
from policyengine.firewall.sets import AddressSet, Dimension, Entry, Member

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.firewall.rules import Family

DIMENSIONS: frozenset[Dimension] = frozenset({"ip", "net", "port", "iface", "mac", "mark"})

METHODS = frozenset({"hash", "bitmap"})

BRIDGED = "physdev:"
"""What an interface begins with that is meant as a port of a bridge."""

PORTED = WITH_PORTS - {PROTOCOLS["dccp"]}
"""The protocols of which sets know the ports (``ip_set_get_ip4_port`` in net/netfilter/ipset/ip_set_getport.c)."""

EVERY = {"0.0.0.0/0", "::/0"}


def read(text: str, path: str) -> dict[str, AddressSet]:
    """The sets by name. Raises DocumentError with the line.

    An entry with a timeout is a member now and gone later, which rules are judged by: see ``sets.alternatives``.
    A set that is not modelled is still there: matches of it are unknown. Such are a set of sets (``list:set``), one
    whose mask leaves out other bits than the last, and one that asks for a port of a bridge.
    """
    found: dict[str, _Draft] = {}
    for line_number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            _read(words(line), found)
        except ValueError as error:
            raise DocumentError(str(error), path=path, line=line_number) from None
    return {name: one.whole(name) for name, one in found.items()}


class _Draft:
    """A set of which the entries are being read.

    ``prefix`` is the length of the networks that addresses are taken for (``netmask``), None: they are themselves.
    ``timeout`` is that of entries which do not say another; "0": they stay.
    """

    def __init__(self, method: str, dimensions: tuple[Dimension, ...], family: Family) -> None:
        self.method = method
        self.dimensions = dimensions
        self.family: Family = family
        self.prefix: int | None = None
        self.timeout = "0"
        self.entries: list[Entry] = []
        self.modelled = True

    def whole(self, name: str) -> AddressSet:
        return AddressSet(name, self.dimensions, self.family, tuple(self.entries), self.modelled)


def _read(found: list[str], sets: dict[str, _Draft]) -> None:
    found = [word for word in found if isinstance(word, Quoted) or word not in ("-exist", "-!")]
    command, name, *rest = [*found, "", ""]
    rest = rest[: len(found) - 2]
    if command in ("create", "-N"):
        if name in sets:
            raise ValueError(f"set {name} is there twice")
        sets[name] = _created(rest)
    elif command in ("add", "-A"):
        if name not in sets:
            raise ValueError(f'there is no set "{name}"')
        if not rest:
            raise ValueError("an entry is missing")
        if sets[name].modelled:
            _add(sets[name], rest)
    else:
        raise ValueError(f'"{command}" is no command of ipset save')


def _created(rest: list[str]) -> _Draft:
    """``blocked hash:net family inet hashsize 1024 maxelem 65536``, without the name."""
    method, colon, kinds = rest[0].partition(":") if rest else ("", "", "")
    told = options(rest[1:], OF_SETS)
    family: Family = 6 if told.get("family") in ("inet6", "ipv6") else 4
    dimensions: list[Dimension] = [one for each in kinds.split(",") for one in DIMENSIONS if one == each]
    is_list = (method, kinds) == ("list", "set")
    if not is_list and (method not in METHODS or not colon or len(dimensions) != len(kinds.split(","))):
        raise ValueError(f'there is no type "{rest[0] if rest else ""}" of sets')
    found = _Draft(method, tuple(dimensions), family)
    is_masked = bool({"netmask", "bitmask"} & set(told))
    found.modelled = not is_list and (not is_masked or ("netmask" in told and kinds == "ip"))
    found.timeout = told.get("timeout", "0")
    if found.modelled and is_masked:
        found.prefix = _prefix(told["netmask"], family)
    return found


def _prefix(text: str, family: Family) -> int:
    if not text.isdecimal() or not 0 < int(text) <= BITS[family]:
        raise ValueError(f'"{text}" is no netmask')
    return int(text)


def _add(one: _Draft, rest: list[str]) -> None:
    """``10.0.0.1,tcp:80 timeout 0``; ``10.0.0.0/8 nomatch``; ``10.0.0.0/8,eth wildcard``."""
    parts = rest[0].split(",")
    if len(parts) != len(one.dimensions):
        raise ValueError(f'"{rest[0]}" is no entry of a set of {",".join(one.dimensions)}')
    told = options(rest[1:], OF_ENTRIES)
    if any(kind == "iface" and part.startswith(BRIDGED) for kind, part in zip(one.dimensions, parts, strict=True)):
        one.modelled = False
        return
    members = (_member(one, kind, part, told) for kind, part in zip(one.dimensions, parts, strict=True))
    fleeting = told.get("timeout", one.timeout) != "0"
    one.entries.append(Entry(tuple(members), "nomatch" in told, fleeting))


def _member(one: _Draft, kind: Dimension, text: str, told: Mapping[str, str]) -> Member:
    if kind in ("ip", "net"):
        low, high = _addresses(text, one.family)
        rest = (1 << (BITS[one.family] - one.prefix)) - 1 if one.prefix is not None else 0
        return Member(((low & ~rest, high | rest),))
    if kind == "port":
        return _port(text, of_bitmap=one.method == "bitmap")
    return Member(name=f"{text}*" if "wildcard" in told else text)


def _addresses(text: str, family: Family) -> tuple[int, int]:
    if text in EVERY:
        return 0, (1 << BITS[family]) - 1
    low, dash, high = text.partition("-")
    return (number(low, family), number(high, family)) if dash else first_and_last(text, family)


def _port(text: str, *, of_bitmap: bool) -> Member:
    """``tcp:80``, ``80-90``, ``icmp:echo-request``, ``icmp:8/0``, ``gre:0``.

    A port alone is one of TCP. A bitmap has room for none but ports: they are of TCP and of UDP, whatever is written
    (``bitmap_port_kadt`` in net/netfilter/ipset/ip_set_bitmap_port.c).
    """
    name, colon, ports = text.rpartition(":")
    protocol = protocol_number(name) if colon else TCP
    if protocol in (ICMP, ICMPV6):
        return Member((_icmp(ports, ICMP_TYPES if protocol == ICMP else ICMPV6_TYPES),), protocol)
    if protocol not in PORTED:  # 0 stands for there being none
        return Member(((0, 65535),), protocol)
    low, dash, high = ports.partition("-")
    return Member(((port(low), port(high if dash else low)),), None if of_bitmap else protocol)


def _icmp(text: str, names: dict[str, tuple[int, int | None]]) -> tuple[int, int]:
    if text in names:
        kind, code = names[text]
        return icmp_numbers(kind, code or 0)
    numbers = [one for one in text.split("/") if one.isdecimal() and int(one) < 256]
    if text.count("/") != 1 or len(numbers) != 2:
        raise ValueError(f'there is no type "{text}" of ICMP')
    return icmp_numbers(int(numbers[0]), int(numbers[1]))
