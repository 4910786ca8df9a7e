"""Versions of OpenSSH: how one is written, and which is meant where none is known."""

from __future__ import annotations

import re
from typing import NamedTuple


class Version(NamedTuple):
    """A version of OpenSSH: 9.2."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


OLDEST = Version(7, 4)
NEWEST = Version(10, 0)
"""The versions between which defaults and keywords are known."""

ASSUMED = Version(9, 2)
"""What is taken where the version is not known: that of Debian 12, whose behaviour was compared in full."""


def parsed(text: str) -> Version | None:
    """The version in ``OpenSSH_9.2p1 Debian-2``, ``1:9.2p1-2+deb12u3`` or ``9.2``."""
    found = re.search(r"(?:OpenSSH_|^(?:[0-9]+:)?)([0-9]{1,2})\.([0-9]{1,2})", text)
    return Version(int(found[1]), int(found[2])) if found else None
