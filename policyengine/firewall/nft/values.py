"""Constants of expressions as numbers: addresses, ports, words, prefixes, ranges, flags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.firewall import addresses
from policyengine.firewall.intervals import Intervals, normalised
from policyengine.firewall.nft.cases import NotModelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.firewall.rules import Family


def address(text: str, family: Family) -> int:
    """An address as a number. Raises :class:`NotModelled` for what is none of the family's."""
    try:
        return addresses.number(text, family)
    except ValueError:
        raise NotModelled from None


def intervals(values: Iterable[object], words: Mapping[str, int], family: Family, top: int) -> Intervals:
    """The numbers that values stand for. Raises :class:`NotModelled`."""
    found = normalised(_pair(value, words, family) for value in values)
    if found and found[-1][1] > top:
        raise NotModelled
    return found


def number(value: object, words: Mapping[str, int], family: Family) -> int:
    """The number of one value; several flags are one. Raises :class:`NotModelled`."""
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, str):
        return _word(value, words, family)
    flags = value.get("|") if isinstance(value, dict) else value
    if not isinstance(flags, list):
        raise NotModelled
    found = 0
    for flag in flags:
        found |= number(flag, words, family)
    return found


def _word(text: str, words: Mapping[str, int], family: Family) -> int:
    if text in words:
        return words[text]
    if text[:2] == "0x":
        return int(text, 16) if text[2:].isalnum() and not set(text[2:].lower()) - set("0123456789abcdef") else _no()
    if _CARD(text):
        return int(text.replace(":", ""), 16)
    return int(text) if text.isascii() and text.isdigit() else address(text, family)


_CARD = re.compile(r"(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}").fullmatch
"""The address of a network card."""


def _no() -> int:
    raise NotModelled


def _pair(value: object, words: Mapping[str, int], family: Family) -> tuple[int, int]:
    if isinstance(value, dict):
        if "range" in value:
            return _range(value["range"], words, family)
        if "prefix" in value:
            return _prefix(value["prefix"], words, family)
    found = number(value, words, family)
    return found, found


def _range(said: object, words: Mapping[str, int], family: Family) -> tuple[int, int]:
    if not isinstance(said, list) or len(said) != 2:
        raise NotModelled
    low, high = (number(one, words, family) for one in said)
    return (low, high) if low <= high else (_no(), 0)


def _prefix(said: object, words: Mapping[str, int], family: Family) -> tuple[int, int]:
    length = said.get("len") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(length, int) or not 0 <= length <= addresses.BITS[family]:
        raise NotModelled
    rest = (1 << (addresses.BITS[family] - length)) - 1
    low = number(said.get("addr"), words, family)
    return low & ~rest, low | rest
