"""What ``ipset save`` prints: sets that rules ask for by name (``-m set --match-set NAME src``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import DocumentError
from policyengine.firewall.addresses import BITS, first_and_last, number
from policyengine.firewall.iptables.matches import port, protocol_number
from policyengine.firewall.iptables.words import words
from policyengine.firewall.protocols import ICMP, ICMP_TYPES, ICMPV6, ICMPV6_TYPES, icmp_numbers
from policyengine.firewall.sets import AddressSet, Dimension, Entry, Member

if TYPE_CHECKING:
    from policyengine.firewall.rules import Family

DIMENSIONS: frozenset[Dimension] = frozenset({"ip", "net", "port", "iface", "mac", "mark"})

EVERY = {"0.0.0.0/0", "::/0"}


def read(text: str, path: str) -> dict[str, AddressSet]:
    """The sets by name. Raises DocumentError with the line.

    A set of sets (``list:set``) is not one that is modelled: matches of it are unknown.
    """
    found: dict[str, AddressSet] = {}
    entries: dict[str, list[Entry]] = {}
    for line_number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            _read(words(line), found, entries)
        except ValueError as error:
            raise DocumentError(str(error), path=path, line=line_number) from None
    return {name: _whole(one, entries[name]) for name, one in found.items()}


def _whole(one: AddressSet, entries: list[Entry]) -> AddressSet:
    return AddressSet(one.name, one.dimensions, one.family, tuple(entries), one.modelled)


def _read(found: list[str], sets: dict[str, AddressSet], entries: dict[str, list[Entry]]) -> None:
    command, name, *rest = [*found, "", ""]
    if command in ("create", "-N", "-!"):
        if name in sets:
            raise ValueError(f"set {name} is there twice")
        sets[name] = _created(name, [word for word in rest if word])
        entries[name] = []
    elif command in ("add", "-A"):
        if name not in sets:
            raise ValueError(f'there is no set "{name}"')
        if sets[name].modelled:
            entries[name].append(_entry(sets[name], rest))
    else:
        raise ValueError(f'"{command}" is no command of ipset save')


def _created(name: str, rest: list[str]) -> AddressSet:
    """``create blocked hash:net family inet hashsize 1024 maxelem 65536``."""
    method, colon, kinds = rest[0].partition(":") if rest else ("", "", "")
    family: Family = 6 if "family" in rest and rest[rest.index("family") + 1 :][:1] == ["inet6"] else 4
    if (method, kinds) == ("list", "set"):
        return AddressSet(name, (), family, modelled=False)
    dimensions: list[Dimension] = [one for each in kinds.split(",") for one in DIMENSIONS if one == each]
    if method not in ("hash", "bitmap") or not colon or len(dimensions) != len(kinds.split(",")):
        raise ValueError(f'there is no type "{rest[0] if rest else ""}" of sets')
    return AddressSet(name, tuple(dimensions), family)


def _entry(one: AddressSet, rest: list[str]) -> Entry:
    """``10.0.0.1,tcp:80 timeout 0``; ``10.0.0.0/8 nomatch``."""
    parts = rest[0].split(",")
    if len(parts) != len(one.dimensions):
        raise ValueError(f'"{rest[0]}" is no entry of a set of {",".join(one.dimensions)}')
    members = tuple(_member(kind, part, one.family) for kind, part in zip(one.dimensions, parts, strict=True))
    return Entry(members, "nomatch" in rest[1:])


def _member(kind: Dimension, text: str, family: Family) -> Member:
    if kind in ("ip", "net"):
        return Member((_addresses(text, family),))
    if kind == "port":
        return _port(text)
    return Member(name=text.removeprefix("physdev:"))


def _addresses(text: str, family: Family) -> tuple[int, int]:
    if text in EVERY:
        return 0, (1 << BITS[family]) - 1
    low, dash, high = text.partition("-")
    return (number(low, family), number(high, family)) if dash else first_and_last(text, family)


def _port(text: str) -> Member:
    """``tcp:80``, ``80-90`` (of a bitmap: any protocol), ``icmp:echo-request``, ``icmp:8/0``, ``gre:0``."""
    name, colon, ports = text.rpartition(":")
    protocol = protocol_number(name) if colon else None
    if protocol in (ICMP, ICMPV6):
        return Member((_icmp(ports, ICMP_TYPES if protocol == ICMP else ICMPV6_TYPES),), protocol)
    low, dash, high = ports.partition("-")
    return Member(((port(low), port(high if dash else low)),), protocol)


def _icmp(text: str, names: dict[str, tuple[int, int | None]]) -> tuple[int, int]:
    if text in names:
        kind, code = names[text]
        return icmp_numbers(kind, code or 0)
    kind_text, _, code_text = text.partition("/")
    numbers = [kind_text, code_text or "0"]
    if not all(one.isdecimal() and int(one) < 256 for one in numbers):
        raise ValueError(f'there is no type "{text}" of ICMP')
    return icmp_numbers(*map(int, numbers))
