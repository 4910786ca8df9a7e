"""Matches and statements in nft's JSON (libnftables-json(5)), as firewalld writes them."""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING, Literal

from policyengine.firewall.addresses import BITS, first_and_last, shown
from policyengine.firewall.firewalld.icmp import TYPES
from policyengine.firewall.nft.words import PROTOCOLS

if TYPE_CHECKING:
    from policyengine.firewall.rules import Family

Fragment = dict[str, object]
"""A match or a statement."""

Side = Literal["saddr", "daddr"]

MAC = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}").fullmatch
IP: dict[Family, str] = {4: "ip", 6: "ip6"}
FAMILIES: dict[str, Family] = {"ipv4": 4, "ipv6": 6}
PORTED = ("tcp", "udp", "sctp", "dccp")

ACCEPT: Fragment = {"accept": None}
DROP: Fragment = {"drop": None}
REJECT: Fragment = {"reject": {"type": "icmpx", "expr": "admin-prohibited"}}

_INTERFACE = re.compile(r"[^ /!*]{1,16}").fullmatch
_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day"}
_LIMIT = re.compile(r"([1-9]\d*)/(s|m|h|d|second|minute|hour|day)").fullmatch


def match(left: object, right: object, operator: str = "==") -> Fragment:
    """One match."""
    return {"match": {"op": operator, "left": left, "right": right}}


def payload(protocol: str, field: str) -> Fragment:
    """A field of a header."""
    return {"payload": {"protocol": protocol, "field": field}}


def meta(key: str) -> Fragment:
    """A property of a packet."""
    return {"meta": {"key": key}}


def is_family(family: Family) -> Fragment:
    """Whether a packet is of a family."""
    return match(meta("nfproto"), f"ipv{family}")


def has_state(*states: str) -> Fragment:
    """Whether a packet is of one of some states."""
    return match({"ct": {"key": "state"}}, {"set": list(states)}, "in")


def interface(side: Literal["iifname", "oifname"], name: str, operator: str = "==") -> Fragment:
    """Whether a packet comes in, or goes out, by an interface; a ``+`` at the end of a name is for any rest.

    Raises ValueError for what is no name.
    """
    if not _INTERFACE(name):
        raise ValueError(f'"{name}" is no name of an interface')
    return match(meta(side), f"{name[:-1]}*" if name.endswith("+") else name, operator)


def family_of(text: str) -> Family:
    """The family of an address or a network. Raises ValueError."""
    return 6 if ":" in text else 4


def network(text: str, family: Family) -> object:
    """An address or a network of a family. Raises ValueError."""
    address, slash, mask = text.partition("/")
    low, high = first_and_last(f"{address.strip('[]') if family == 6 else address}{slash}{mask}", family)
    if low == high:
        return shown(low, family)
    return {"prefix": {"addr": shown(low, family), "len": BITS[family] - (high - low).bit_length()}}


def address(side: Side, text: str, family: Family | None = None, *, negated: bool = False) -> Fragment:
    """Whether a packet has an address, of a network or a card, on one side. Raises ValueError."""
    operator = "!=" if negated else "=="
    if MAC(text):
        return match(payload("ether", side), text.lower(), operator)
    family = family or family_of(text)
    return match(payload(IP[family], side), network(text, family), operator)


def port(text: str) -> object:
    """A port, or a range of ports, by number or by the name that a service has. Raises ValueError."""
    low, dash, high = text.partition("-")
    if dash and low.isdecimal() and high.isdecimal():
        first, last = sorted((_port(low), _port(high)))
        return first if first == last else {"range": [first, last]}
    return _port(text)


def _port(text: str) -> int:
    if text.isascii() and text.isdecimal():
        found = int(text)
        if found > 65535:
            raise ValueError(f'"{text}" is no port')
        return found
    try:
        return socket.getservbyname(text)
    except (OSError, UnicodeError):
        raise ValueError(f'"{text}" is no port') from None


def ports(protocol: str, field: Literal["sport", "dport"], text: str) -> Fragment:
    """Whether a packet of a protocol is from, or to, some ports. Raises ValueError."""
    if protocol not in PORTED:
        raise ValueError(f'"{protocol}" is no protocol with ports ({", ".join(PORTED)})')
    return match(payload(protocol, field), port(text))


def protocol(text: str) -> Fragment:
    """Whether a packet is of a protocol, by name or number. Raises ValueError."""
    is_number = text.isascii() and text.isdecimal() and int(text) <= 255
    if not is_number and text not in PROTOCOLS:
        raise ValueError(f'"{text}" is no protocol')
    return match(meta("l4proto"), int(text) if is_number else text)


def icmp(name: str, family: Family) -> list[Fragment]:
    """Whether a packet is a message of a type. Raises ValueError."""
    found = TYPES[family].get(name)
    if found is None:
        raise ValueError(f'there is no type "{name}" of ICMP for IPv{family}')
    header = "icmp" if family == 4 else "icmpv6"
    kind, code = found
    matches = [match(payload(header, "type"), kind)]
    return matches if code is None else [*matches, match(payload(header, "code"), code)]


def limit(text: str, burst: str = "") -> Fragment:
    """So many packets in a time, and no more. Raises ValueError."""
    found = _LIMIT(text)
    if found is None or (burst and not burst.isdecimal()):
        raise ValueError(f'"{text}" is no limit: it is a number and a unit, as in 5/m')
    return {"limit": {"rate": int(found[1]), "burst": int(burst or "5"), "per": _UNITS[found[2][0]]}}


_ICMP_CODES = {
    "icmp-host-prohibited": "host-prohibited",
    "host-prohib": "host-prohibited",
    "icmp-net-prohibited": "net-prohibited",
    "net-prohib": "net-prohibited",
    "icmp-admin-prohibited": "admin-prohibited",
    "admin-prohib": "admin-prohibited",
    "icmp-net-unreachable": "net-unreachable",
    "net-unreach": "net-unreachable",
    "icmp-host-unreachable": "host-unreachable",
    "host-unreach": "host-unreachable",
    "icmp-port-unreachable": "port-unreachable",
    "port-unreach": "port-unreachable",
    "icmp-proto-unreachable": "prot-unreachable",
    "proto-unreach": "prot-unreachable",
}
_ICMPV6_CODES = {
    "icmp6-adm-prohibited": "admin-prohibited",
    "adm-prohibited": "admin-prohibited",
    "icmp6-no-route": "no-route",
    "no-route": "no-route",
    "icmp6-addr-unreachable": "addr-unreachable",
    "addr-unreach": "addr-unreachable",
    "icmp6-port-unreachable": "port-unreachable",
    "port-unreach": "port-unreachable",
}


def reject(kind: str, family: Family | None) -> list[Fragment]:
    """A refusal of a kind; only TCP can be answered by a reset. Raises ValueError."""
    if not kind:
        return [{"reject": None}]
    if family is None:
        raise ValueError("a reject with a type wants a rule of one family")
    if kind == "tcp-reset" or (kind == "tcp-rst" and family == 4):
        return [match(meta("l4proto"), "tcp"), {"reject": {"type": "tcp reset"}}]
    code = (_ICMP_CODES if family == 4 else _ICMPV6_CODES).get(kind)
    if code is None:
        raise ValueError(f'"{kind}" is no type of reject for IPv{family}')
    return [{"reject": {"type": "icmp" if family == 4 else "icmpv6", "expr": code}}]
