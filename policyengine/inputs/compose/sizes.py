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
_PART = re.compile(rf"({_DECIMAL})(ns|us|µs|ms|s|m|h|d|w)")
_DURATION = re.compile(rf"(?:{_PART.pattern})+").fullmatch
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_UNITS = {unit: 1024**power for power, unit in enumerate(["", "k", "m", "g", "t", "p"])}


def memory(value: object) -> int | None:
    """Bytes: ``512m``, ``1.5gb``, ``64MiB``, ``1048576``; units are powers of 1024, as in go-units' RAMInBytes."""
    if _is_number(value):
        return int(value) or None
    match = _SIZE(_text(value))
    if match is None:
        raise ValueError("a size such as 512m or 1.5gb")
    return int(float(match["number"]) * _UNITS[match["unit"].lower()]) or None


def swap(value: object) -> int | None:
    """Bytes of memory and swap together; -1 stands for any amount of swap, 0 for what is not set."""
    return -1 if _text(value) == "-1" else memory(value)


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


def whole(value: object) -> int:
    """A whole number, which may be written as text: variables always are."""
    text = _text(value)
    if _WHOLE(text) is None:
        raise ValueError("a whole number")
    return int(text)


def seconds(value: object) -> float:
    """A duration such as ``1m30s`` in seconds: https://pkg.go.dev/time#ParseDuration, and days and weeks."""
    text = _text(value)
    if text == "0":
        return 0
    if _DURATION(text) is None:
        raise ValueError("a duration such as 1m30s")
    total = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    return int(total) if total == int(total) else total


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def _text(value: object) -> str:
    return "" if isinstance(value, bool) else (scalar_text(value) or "").strip()
