"""The operand of umask: POSIX.1-2017, umask, and its symbolic modes, which are those of chmod."""

from __future__ import annotations

import re

_OCTAL = re.compile(r"0*[0-7]{1,4}").fullmatch
_CLAUSE = re.compile(r"([ugoa]*)([=+-])([rwx]*)").fullmatch
_SHIFTS = {"u": 6, "g": 3, "o": 0}
_BITS = {"r": 4, "w": 2, "x": 1}


def mask(operand: str) -> str | None:
    """The mask as octal digits, at least three; None where it is none, or depends on the mask before it.

    ``u=rwx,g=rx,o=`` says what is left: 027.
    """
    if _OCTAL(operand):
        return f"{int(operand, 8):03o}"
    left: dict[str, int] = {}
    for clause in operand.split(","):
        parts = _CLAUSE(clause)
        if parts is None:
            return None
        whom, sign, permissions = parts.groups()
        for who in "ugo" if not whom or "a" in whom else whom:
            if sign != "=" and who not in left:
                return None
            left[who] = _changed(left.get(who, 0), sign, sum({_BITS[one] for one in permissions}))
    if left.keys() != _SHIFTS.keys():
        return None
    return f"{sum((7 & ~left[who]) << shift for who, shift in _SHIFTS.items()):03o}"


def _changed(left: int, sign: str, bits: int) -> int:
    if sign == "=":
        return bits
    return left | bits if sign == "+" else left & ~bits
