"""Numbers as sshd_config has them: integers, times, sizes, ports. None stands for what is none."""

from __future__ import annotations

import re

from policyengine.authentication.numbers import decimal

INT_MAX = 2**31 - 1
LONG_MAX = 2**63 - 1

_STRTOL = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]+)", re.ASCII)


def strtol(text: str) -> tuple[int, str] | None:
    """A decimal number at the beginning, limited to 64 bits, and what follows it."""
    if (found := _STRTOL.match(text)) is None:
        return None
    return max(-LONG_MAX - 1, min(LONG_MAX, decimal(found[1]))), text[found.end() :]


def ranged(text: str, most: int) -> int | str:
    """A number from 0 to ``most``; else what is wrong with it: ``invalid``, ``too small``, ``too large``."""
    found = strtol(text)
    if found is None or found[1]:
        return "invalid"
    number = found[0]
    return "too small" if number < 0 else "too large" if number > most else number


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def seconds(text: str) -> int | None:
    """A time: TIME FORMATS of sshd_config(5), ``1h30m``."""
    if not text:
        return None
    total = 0
    while text:
        found = strtol(text)
        if found is None or found[0] < 0:
            return None
        number, text = found
        unit, text = text[:1], text[1:]
        if unit and unit.lower() not in _UNITS:
            return None
        total += number * _UNITS[unit.lower() or "s"]
        if total > INT_MAX:
            return None
    return total


_SCALED = re.compile(r"[ \t\n\v\f\r]*([+-]?)([0-9.]*)(.?)(.?)", re.ASCII | re.DOTALL)
_SCALES: dict[str, int] = {unit: 1024**power for power, unit in enumerate("bkmgtpe")}
_MOST_DIGITS = 19


def scaled(text: str) -> int | None:
    """A size: ``1G``, ``1.5M``, as ``scan_scaled`` of OpenBSD's libutil has it."""
    found = _SCALED.match(text)
    if found is None or found[2].count(".") > 1:
        return None
    sign = -1 if found[1] == "-" else 1
    digits, _, fraction = found[2].partition(".")
    if len(digits) >= _MOST_DIGITS:
        return None
    whole = sign * int(digits or "0")
    if not found[3]:
        return whole
    scale: int | None = _SCALES.get(found[3].lower())
    if scale is None or (found[4].isascii() and found[4].isalnum()) or abs(whole) > LONG_MAX // scale:
        return None
    return whole * scale + sign * _fraction(fraction, scale)


def _fraction(digits: str, scale: int) -> int:
    """A decimal fraction of a scale, cut to what 64 bits hold."""
    digits = digits[: _MOST_DIGITS - 2]
    part, length = int(digits or "0"), len(digits)
    while part >= LONG_MAX // scale:
        part, length = part // 10, length - 1
    part *= scale
    for _ in range(length):
        part //= 10
    return part


def colon_separated(text: str) -> list[int]:
    """The numbers that sscanf(3) finds for ``%d:%d:%d``; whatever follows them is not looked at."""
    found: list[int] = []
    while len(found) < 3 and (one := strtol(text)):
        found.append(as_int(one[0]))
        text = one[1]
        if not text.startswith(":"):
            break
        text = text[1:]
    return found


def octal(text: str) -> int | None:
    """A mode from 0 to 0777, whatever follows it."""
    found = re.match(r"[ \t\n\v\f\r]*([+-]?[0-7]+)", text, re.ASCII)
    if found is None:
        return None
    number = as_int(int(found[1], 8))
    return number if 0 <= number <= 0o777 else None


def as_int(number: int) -> int:
    """A number as C makes an int of what strtol(3) gives: limited to 64 bits, and cut to 32."""
    limited = max(-LONG_MAX - 1, min(LONG_MAX, number))
    return (limited + 2**31) % 2**32 - 2**31
