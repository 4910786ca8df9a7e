"""Addresses and networks as numbers, from text and back."""

from __future__ import annotations

import socket
from functools import lru_cache
from ipaddress import ip_address, summarize_address_range
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.rules import Family

BITS: dict[Family, int] = {4: 32, 6: 128}
"""How long an address is."""

_PF: dict[Family, int] = {4: socket.AF_INET, 6: socket.AF_INET6}


def number(text: str, family: Family) -> int:
    """An address as a number. Raises ValueError."""
    try:
        return int.from_bytes(socket.inet_pton(_PF[family], text), "big")
    except (OSError, UnicodeEncodeError):
        raise ValueError(f'"{text}" is no IPv{family} address') from None


@lru_cache(maxsize=65536)
def first_and_last(text: str, family: Family) -> tuple[int, int]:
    """The first and last address of a network (``10.0.0.0/8``, ``10.0.0.0/255.0.0.0``) or of a single address.

    Bits of the address beyond its mask are of no account, as to netfilter. Raises ValueError, also for a mask with
    gaps.
    """
    address, slash, mask = text.partition("/")
    low = number(address, family)
    if not slash:
        return low, low
    rest = _hosts(mask, family, text)
    return low & ~rest, low | rest


def _hosts(mask: str, family: Family, text: str) -> int:
    """The bits that a mask leaves to hosts."""
    bits = BITS[family]
    if mask.isdecimal():
        if mask[0] == "0" and len(mask) > 1:
            raise ValueError(f'"{text}" has a prefix that begins with a zero')
        if int(mask) > bits:
            raise ValueError(f'"{text}" has a prefix longer than {bits} bits')
        return (1 << (bits - int(mask))) - 1
    rest = number(mask, family) ^ ((1 << bits) - 1)
    if rest & (rest + 1):
        raise ValueError(f'"{text}" has a mask with gaps, which is not modelled')
    return rest


def shown(address: int, family: Family) -> str:
    """An address as it is written."""
    return socket.inet_ntop(_PF[family], address.to_bytes(BITS[family] // 8, "big"))


def networks(intervals: Intervals, family: Family) -> list[str]:
    """The fewest networks that make up the addresses, a single address without its length."""
    found = []
    for low, high in intervals:
        first, last = ip_address(shown(low, family)), ip_address(shown(high, family))
        for network in summarize_address_range(first, last):
            found.append(str(network).removesuffix(f"/{BITS[family]}"))
    return found
