"""Limits as Compose files write them. Every reader returns None for "no limit" and raises ValueError."""

from __future__ import annotations

import math
import re
from typing import TypeGuard

from policyengine.documents.scalars import scalar_text

_DECIMAL = r"(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})"
_SIZE = re.compile(rf"(?P<number>{_DECIMAL}) ?(?P<unit>[kmgtp]?)(?:i?b)?", re.IGNORECASE).fullmatch
_NUMBER = re.compile(_DECIMAL).fullmatch
_WHOLE = re.compile(r"-?[0-9]{1,20}").fullmatch
_UNITS = {unit: 1024**power for power, unit in enumerate(["", "k", "m", "g", "t", "p"])}


def memory(value: object) -> int | None:
    """Bytes: ``512m``, ``1.5gb``, ``64MiB``, ``1048576``; units are powers of 1024, as in go-units' RAMInBytes."""
    if _is_number(value):
        return int(value) or None
    match = _SIZE(_text(value))
    if match is None:
        raise ValueError("a size such as 512m or 1.5gb")
    return int(float(match["number"]) * _UNITS[match["unit"].lower()]) or None


def cpus(value: object) -> float | None:
    """Cores: ``0.5``, ``"2"``."""
    if _is_number(value):
        return value or None
    if _NUMBER(_text(value)) is None:
        raise ValueError("a number of cores such as 0.5")
    return float(_text(value)) or None


def pids(value: object) -> int | None:
    """A number of processes; 0 and -1 stand for no limit."""
    text = _text(value)
    if _WHOLE(text) is None:
        raise ValueError("a number of processes")
    return int(text) if int(text) > 0 else None


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def _text(value: object) -> str:
    return "" if isinstance(value, bool) else (scalar_text(value) or "").strip()
