"""Any value of an input as JSON can hold it."""

from __future__ import annotations

import json
import math
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence, Set
from functools import singledispatch

from policyengine.model.unknown import Unknown

_SURROGATE = re.compile("[\ud800-\udfff]")
_BITS = 256


def plain(value: object) -> object:
    """Return ``value`` as JSON data. What JSON has no notion of becomes text, unknown values become None.

    Not a number and the infinities are written as YAML does, bytes in base64, integers of more than 256 bits in
    hexadecimal. Of an object that is no data at all only the type is named: its text might show anything.
    """
    kind = type(value)  # what nearly everything is, is told apart sooner so than by the dispatcher
    if kind is str:
        return well_formed(value)  # type: ignore[arg-type]
    if kind is dict:
        return {_key(key): plain(item) for key, item in value.items()}  # type: ignore[attr-defined]
    if kind is list or kind is tuple:
        return [plain(item) for item in value]  # type: ignore[attr-defined]
    return _plain(value)


@singledispatch
def _plain(value: object) -> object:
    return f"<{type(value).__name__}>"


@_plain.register(type(None))
@_plain.register(Unknown)
def _(_value: object) -> object:
    return None


@_plain.register
def _(value: bool) -> object:
    return value


@_plain.register
def _(value: int) -> object:
    return int(value) if value.bit_length() <= _BITS else hex(value)


@_plain.register
def _(value: float) -> object:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    return float(value)


@_plain.register
def _(value: str) -> object:
    return well_formed(value)


@_plain.register
def _(value: bytes) -> object:
    return b64encode(value).decode("ascii")


@_plain.register(Mapping)
def _(value: Mapping[object, object]) -> object:
    return {_key(key): plain(item) for key, item in value.items()}


@_plain.register(Sequence)
def _(value: Sequence[object]) -> object:
    return [plain(item) for item in value]


@_plain.register(Set)
def _(value: Set[object]) -> object:
    return sorted((plain(item) for item in value), key=json.dumps)


def _key(key: object) -> str:
    return well_formed(key) if isinstance(key, str) else json.dumps(plain(key))


def well_formed(text: str) -> str:
    """Return text that every encoding of Unicode can hold: file names may come with lone surrogates."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
