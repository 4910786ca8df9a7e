"""Formats that texts can have, by the names that policies give them."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DATE = re.compile(
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)"
    r"(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
).fullmatch
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}").fullmatch
_EMAIL = re.compile(r"(?:[^<>@]* <)?[^\s<>@]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}>?").fullmatch
_HASH = re.compile(r"[0-9a-f]{7,64}").fullmatch
_LICENSE = re.compile(
    r"\(*[A-Za-z0-9.-]+\+?\)*(?: (?:AND|OR|WITH|and|or|with) \(*(?:DocumentRef-[\w.-]+:)?[A-Za-z0-9.-]+\+?\)*)*"
).fullmatch
_SEMVER = re.compile(
    r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
).fullmatch
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#]+[^\s]*|mailto:\S+", re.IGNORECASE).fullmatch


def _checked(match: Callable[[str], object]) -> Callable[[str], bool]:
    return lambda text: match(text) is not None


FORMATS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "digest": _checked(_DIGEST),
        "email": _checked(_EMAIL),
        "hash": _checked(_HASH),
        "rfc3339": _checked(_DATE),
        "semver": _checked(_SEMVER),
        "spdx": _checked(_LICENSE),
        "text": lambda text: bool(text.strip()),
        "url": _checked(_URL),
    }
)
"""A digest (``sha256:...``); an address, with a name before it or without; a hexadecimal hash, as those of git; a

moment (RFC 3339); a version (Semantic Versioning 2.0.0); a licence (the grammar of SPDX expressions: ``MIT OR
Apache-2.0``); any text that is not empty; a URL.
"""
