"""Spans of time: systemd.time(7)."""

from __future__ import annotations

import re

_UNITS = {
    **dict.fromkeys(("", "s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604800.0),
    **dict.fromkeys(("M", "month", "months"), 2629800.0),
    **dict.fromkeys(("y", "year", "years"), 31557600.0),
    **dict.fromkeys(("ms", "msec"), 0.001),
    **dict.fromkeys(("us", "µs", "usec"), 0.000001),
}
_PART = re.compile(r"\s*(\d{1,15}(?:\.\d{1,9})?)\s*([A-Za-zµ]*)")


def seconds(span: str) -> int | None:
    """``5min 20s`` as seconds, a begun one as a whole; None for ``infinity``, and for what is no span."""
    total, at = 0.0, 0
    while at < len(span.rstrip()) and (part := _PART.match(span, at)):
        if part[2] not in _UNITS:
            return None
        total += float(part[1]) * _UNITS[part[2]]
        at = part.end()
    return int(-(-total // 1)) if at and at == len(span.rstrip()) else None
