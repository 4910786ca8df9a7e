"""Patterns, lists of patterns, and lists of addresses: PATTERNS of ssh_config(5), ``match.c``, ``addrmatch.c``."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import TYPE_CHECKING, Literal

from policyengine.authentication.numbers import decimal
from policyengine.authentication.sshd.words import lower
from policyengine.authentication.wildcards import ANY, compiled_parts, octets

if TYPE_CHECKING:
    from collections.abc import Sequence

Outcome = Literal[1, 0, -1]
"""Matched, not matched, or matched by a pattern that is negated with ``!``."""

_MOST = 1022
"""A list with a longer pattern matches nothing."""


@lru_cache(1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    found = re.findall(r"\*+|.", octets(pattern), re.DOTALL)
    return compiled_parts([ANY if part[0] == "*" else "." if part == "?" else re.escape(part) for part in found])


def matches(text: str, pattern: str) -> bool:
    """Whether a pattern with ``*`` and ``?`` matches the whole text."""
    return _compiled(pattern).fullmatch(octets(text)) is not None


def in_list(text: str, patterns: str, *, small: bool = False) -> Outcome:
    """Whether a comma-separated list matches; the first negated pattern that does, decides.

    ``small``: the list's letters are made small first, as for host names.
    """
    found: Outcome = 0
    for part in _parts(patterns):
        negated, pattern = part.startswith("!"), part.removeprefix("!")
        if len(pattern) > _MOST:
            return 0
        if matches(text, lower(pattern) if small else pattern):
            if negated:
                return -1
            found = 1
    return found


def _parts(patterns: str) -> list[str]:
    """The parts of a list. After a comma at its end there is none."""
    parts = patterns.split(",")
    return parts if parts[-1] else parts[:-1]


def group_matches(groups: tuple[str, ...], patterns: str) -> bool:
    """Whether the list matches one of the groups, and none of them by a negated pattern."""
    outcomes = [in_list(group, patterns) for group in groups]
    return -1 not in outcomes and 1 in outcomes


def address_list_is_valid(patterns: str) -> bool:
    """Whether a list of addresses, networks and patterns has no empty part and no network with host bits."""
    return all(part.removeprefix("!") and _network(part.removeprefix("!")) is not False for part in patterns.split(","))


def address_in_list(address: str, patterns: str) -> Outcome | None:
    """Whether a list of addresses matches; None where sshd finds it invalid before that is decided."""
    own = parsed_address(address)
    if own is None:
        return 0
    found: Outcome = 0
    for part in patterns.split(","):
        negated, pattern = part.startswith("!"), part.removeprefix("!")
        network = _network(pattern) if pattern else False
        if network is False:
            return None
        if (matches(address, pattern)) if network is None else _within(own, network):
            if negated:
                return -1
            found = 1
    return found


def network_in_list(pattern: str, others: Sequence[str]) -> bool:
    """Whether a pattern is an address or a network that lies within one of others; their patterns are passed over."""
    network = _network(pattern)
    if not network:
        return False
    wider = [found for one in others if (found := _network(one))]
    return any(network[1] >= one[1] and _within(network[0], one) for one in wider)


Address = IPv4Address | IPv6Address
Network = tuple[Address, int]


def _within(address: Address, network: Network) -> bool:
    base, length = network
    if address.version != base.version:
        return False
    shift = address.max_prefixlen - length
    return int(address) >> shift == int(base) >> shift


def _network(pattern: str) -> Network | Literal[False] | None:
    """An address or a network; False for one with host bits or too long a mask, None for what is a pattern."""
    text, slash, mask = pattern.partition("/")
    if len(pattern) > 63 or (slash and not re.fullmatch(r"[0-9]+", mask, re.ASCII)) or (slash and int(mask) > 128):
        return None
    if (address := parsed_address(text)) is None:
        return None
    length = int(mask) if slash else address.max_prefixlen
    if length > address.max_prefixlen:
        return False
    try:
        ip_network((int(address).to_bytes(address.max_prefixlen // 8, "big"), length))
    except ValueError:
        return False
    return address, length


def parsed_address(text: str) -> Address | None:
    """A numeric address, as getaddrinfo(3) takes one: IPv4 also in the forms of inet_aton(3)."""
    if ":" in text:
        try:
            return IPv6Address(text) if "%" not in text else None
        except ValueError:
            return None
    return _inet_aton(text)


_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*", re.ASCII)


def _inet_aton(text: str) -> IPv4Address | None:
    """One to four numbers, decimal, octal or hexadecimal; the last one fills the bytes that are left."""
    parts = text.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    *first, last = [_number(part) for part in parts]
    if any(number > 255 for number in first) or last >= 256 ** (4 - len(first)):
        return None
    return IPv4Address(sum(number << (24 - 8 * at) for at, number in enumerate(first)) + last)


def _number(text: str) -> int:
    if text[:2] in ("0x", "0X"):
        return int(text, 16)
    return int(text, 8) if text.startswith("0") else decimal(text)
