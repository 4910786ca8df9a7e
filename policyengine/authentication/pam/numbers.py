"""Numbers as C's library reads them: what follows the digits counts for nothing, or spoils them."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]+)")
INT_MAX = (1 << 31) - 1
LONG_MAX = (1 << 63) - 1


def leading(text: str) -> int | None:
    """The number that a text starts with, as sscanf(3) and strtol(3) find it; None where there is none."""
    found = _NUMBER.match(text)
    return None if found is None else _long(found.group(1))


def whole(text: str) -> int | None:
    """The number that a text is, of those that an int holds with some to spare: as libpwquality takes it."""
    found = _NUMBER.fullmatch(text)
    value = None if found is None else _long(found.group(1))
    return value if value is not None and -INT_MAX - 1 < value < INT_MAX else None


def _long(digits: str) -> int:
    """A number as a C long has it, the greatest or the least where it has more. Python refuses thousands of digits."""
    bare = digits.lstrip("+-").lstrip("0")
    value = LONG_MAX if len(bare) > 19 else min(int(bare or "0"), LONG_MAX)
    return -value if digits.startswith("-") else value
