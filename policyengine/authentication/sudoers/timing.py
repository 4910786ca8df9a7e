"""Durations and moments in sudoers."""

from __future__ import annotations

import calendar
import re
from typing import TYPE_CHECKING

from policyengine.authentication.numbers import decimal

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST = 2**31 - 1
_UNITS = {"d": 24 * 60 * 60, "h": 60 * 60, "m": 60, "s": 1, "": 1}
_CENTURIES = 146_097 * 24 * 60 * 60
"""The seconds of 400 years, after which the calendar repeats itself."""

_PART = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]+)([^0-9]?)", re.ASCII)
_MOMENT = re.compile(
    r"([0-9]{10}|[0-9]{12}|[0-9]{14})(?![0-9])(?:[.,]([0-9]))?(Z|[+-][0-9]{2}(?:[0-9]{2})?(?![0-9]))?", re.ASCII
)


def timeout(text: str) -> int:
    """The seconds of ``1d2h3m4s``, whose units come in that order, or of a number. Raises :class:`ValueError`."""
    left, seconds, units = text, 0, "dhms"
    while True:
        part = _PART.match(left)
        if part is None:
            raise ValueError("invalid timeout value")
        unit = part[2].lower()
        if unit and unit not in units:
            raise ValueError("invalid timeout value")
        number = decimal(part[1])
        seconds += number * _UNITS[unit]
        if number < 0 or seconds > _MOST:
            raise ValueError("timeout value too large")
        units = units[units.index(unit) :] if unit else units
        left = left[part.end() :]
        if not left:
            return seconds


def moment(name: str) -> Callable[[str], int]:
    """Reads a moment in Generalized Time (RFC 4517, 3.3.13) as seconds since 1970.

    Sudo takes one without a zone in the zone of the machine, which is not known here: it is taken as UTC.
    """

    def read(text: str) -> int:
        found = _MOMENT.fullmatch(text)
        if found is None:
            raise ValueError(f"invalid {name} value")
        return _seconds(found)

    return read


def _seconds(found: re.Match[str]) -> int:
    digits = found[1]
    year, month, day, hour = int(digits[:4]), int(digits[4:6]), int(digits[6:8]), int(digits[8:10])
    minute, second = int(digits[10:12] or 0), int(digits[12:14] or 0)
    fraction = int(found[2] or 0) * 6
    if len(digits) == 10:
        minute += fraction
    elif len(digits) == 12:
        second += fraction
    years, months = divmod(month - 1, 12)  # timegm(3) takes months and days beyond their ends as well
    centuries, years = divmod(year + years, 400)
    first = calendar.timegm((2000 + years, months + 1, 1, 0, 0, 0)) + (centuries - 5) * _CENTURIES
    return first + ((day - 1) * 24 * 60 + hour * 60 + minute) * 60 + second - _offset(found[3])


def _offset(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    seconds = (int(zone[1:3]) * 60 + int(zone[3:5] or 0)) * 60
    return -seconds if zone[0] == "-" else seconds
