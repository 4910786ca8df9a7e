"""Kubernetes quantities: ``64Mi``, ``500m``, ``1e3``.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from __future__ import annotations

import re
from fractions import Fraction

_QUANTITY = re.compile(
    r"(?P<sign>[+-]?)(?P<number>[0-9]{1,60}(?:\.[0-9]{0,60})?|\.[0-9]{1,60})"
    r"(?:(?P<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?P<exponent>[+-]?[0-9]{1,3}))?"
).fullmatch

_SUFFIXES = {
    **{f"{letter}i": Fraction(1024**power) for power, letter in enumerate("KMGTPE", 1)},
    **{letter: Fraction(10**power) for power, letter in zip(range(3, 19, 3), "kMGTPE", strict=True)},
    "m": Fraction(1, 10**3),
    "u": Fraction(1, 10**6),
    "n": Fraction(1, 10**9),
}

_LARGEST = Fraction(2**63 - 1)


def quantity(text: str) -> Fraction | None:
    """The number that a quantity stands for, None for what is no quantity. Larger ones are capped at 2^63-1."""
    match = _QUANTITY(text)
    if match is None:
        return None
    value = Fraction(match["number"].rstrip(".")) * _SUFFIXES.get(match["suffix"], Fraction(1))
    if match["exponent"]:
        value *= Fraction(10) ** int(match["exponent"])
    return min(-value if match["sign"] == "-" else value, _LARGEST)
