"""Numbers of any length: whoever writes a file may write a million digits, of which Python makes no integer."""

from __future__ import annotations

MOST_DIGITS = 40
"""No program holds a number of more."""


def decimal(digits: str) -> int:
    """A number in decimal digits, with a sign or without: one that is longer than any that is held is too large."""
    bare = digits.lstrip("+-").lstrip("0")
    value = int(bare or "0") if len(bare) <= MOST_DIGITS else 10**MOST_DIGITS
    return -value if digits.startswith("-") else value
