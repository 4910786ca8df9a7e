"""The order of ids and versions as people have it."""

from __future__ import annotations

import re

_PARTS = re.compile(r"\d+|\D+").findall


def natural(text: str) -> list[tuple[bool, int, str]]:
    """A key that sorts 1.10 after 1.9."""
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in _PARTS(text)]
