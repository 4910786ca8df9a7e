"""The three truth values of Kleene's logic, ordered so that a judgement is arithmetic.

AND is ``min``, OR is ``max`` and NOT is ``2 - verdict``: what is unknown stays so unless the rest decides.
"""

from __future__ import annotations

from typing import Final

FAIL: Final = 0
UNKNOWN: Final = 1
PASS: Final = 2

NAMES: Final = ("fail", "unknown", "pass")
"""A verdict's name, by the verdict."""
