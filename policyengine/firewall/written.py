"""A text with the path that it was read from: what firewalls that consist of several files are given as."""

from __future__ import annotations

from msgspec import Struct


class Written(Struct, frozen=True):
    """One file."""

    path: str
    text: str
