"""Sets of addresses that zones and rules name (firewalld.ipset(5))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.firewall.addresses import number
from policyengine.firewall.firewalld.expressions import IP, MAC, Fragment, match, meta, network, payload, port
from policyengine.firewall.firewalld.vocabulary import IPSET, IPSET_ROOT, check

if TYPE_CHECKING:
    from policyengine.firewall.firewalld.expressions import Side
    from policyengine.firewall.firewalld.markup import Element
    from policyengine.firewall.rules import Family
    from policyengine.model.location import Location

TYPES = frozenset(
    {
        *("hash:ip", "hash:ip,port", "hash:ip,port,ip", "hash:ip,port,net", "hash:ip,mark"),
        *("hash:net", "hash:net,net", "hash:net,port", "hash:net,port,net", "hash:net,iface", "hash:mac"),
    }
)
SOURCES = frozenset(
    {"hash:ip", "hash:ip,port", "hash:ip,mark", "hash:net", "hash:net,port", "hash:net,iface", "hash:mac"}
)
"""The types that a zone, or a source of a rule, may name."""


class Ipset(Struct, frozen=True):
    """A set: what its entries consist of, and they. ``open``: they have a timeout, so that files do not say them."""

    name: str
    where: Location
    type: str
    family: Family | None
    entries: tuple[object, ...]
    open: bool

    @property
    def parts(self) -> list[str]:
        """What an entry consists of."""
        return self.type.partition(":")[2].split(",")

    def match(self, side: Side, *, negated: bool = False) -> Fragment:
        """Whether a packet is in it by one side. The interface is asked for as firewalld does: of the other side."""
        fields = [field for part in self.parts for field in self._fields(part, side)]
        left = {"concat": fields} if len(self.parts) > 1 else fields[0]
        return match(left, f"@{self.name}", "!=" if negated else "==")

    def _fields(self, part: str, side: Side) -> list[Fragment]:
        if part == "port":
            return [meta("l4proto"), payload("th", "dport" if side == "daddr" else "sport")]
        if part == "iface":
            return [meta("iifname" if side == "daddr" else "oifname")]
        if part == "mark":
            return [meta("mark")]
        return [payload("ether" if self.family is None else IP[self.family], side)]


def ipset(name: str, root: Element) -> Ipset:
    """A set of its file. Raises :class:`DocumentError`."""
    check(root, "ipset", IPSET_ROOT, IPSET)
    kind = root.get("type")
    if kind not in TYPES:
        raise root.error(f'"{kind}" is no type of a set')
    options = {one.get("name"): one.get("value") for one in reversed(root.all("option"))}
    family: Family | None = None if kind == "hash:mac" else 6 if options.get("family") == "inet6" else 4
    is_open = options.get("timeout", "0") != "0"
    parts = kind.partition(":")[2].split(",")
    entries = () if is_open else tuple(_entry(one, parts, family) for one in root.all("entry"))
    return Ipset(name, root.where, kind, family, entries, is_open)


def _entry(element: Element, parts: list[str], family: Family | None) -> object:
    told = element.text.strip().split(",")
    if len(told) != len(parts):
        raise element.error(f'"{element.text.strip()}" is no entry of a set of {", ".join(parts)}')
    try:
        found = [value for part, text in zip(parts, told, strict=True) for value in _values(part, text, family)]
    except ValueError as error:
        raise element.error(str(error)) from None
    return {"concat": found} if len(parts) > 1 else found[0]


def _values(part: str, text: str, family: Family | None) -> list[object]:
    if part == "port":
        protocol, colon, ports = text.rpartition(":")
        return [protocol if colon else "tcp", port(ports)]
    if part in ("ip", "net"):
        return [_addresses(text, family or 4)]
    if part == "mark":
        return [int(text, 0)]
    if part == "mac" and not MAC(text):
        raise ValueError(f'"{text}" is no address of a card')
    return [text.lower() if part == "mac" else text]


def _addresses(text: str, family: Family) -> object:
    low, dash, high = text.partition("-")
    if not dash:
        return network(text, family)
    if number(low, family) > number(high, family):
        raise ValueError(f'"{text}" is no range: it ends before it begins')
    return {"range": [low, high]}
