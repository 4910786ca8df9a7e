"""The days on which exceptions end."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_SHOWN = 40


def day(text: str) -> date:
    """The day that a text such as ``2027-01-31`` names. Raises ValueError for every other text."""
    if not _DAY(text):
        raise ValueError(f'"{text[:_SHOWN]}" is no day such as 2027-01-31')
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no day {text}") from None


def today() -> date:
    """The day that it is, in UTC: the same for everybody who judges the same thing at the same time."""
    return datetime.now(UTC).date()


def is_over(until: str | None, now: date) -> bool:
    """Whether a last day, as :func:`day` takes it, is past. That day still counts; without one there is no end."""
    return until is not None and date.fromisoformat(until) < now
