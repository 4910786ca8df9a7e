"""Where in a policy file something is wrong: a path into its data that loading turns into line and column."""

from __future__ import annotations

from msgspec import Struct

DataPath = tuple[str | int, ...]
"""Keys and indexes from a policy's data down to one value."""


class Issue(Struct, frozen=True):
    """One thing wrong in a policy.

    ``at_key`` points at the key instead of the value; ``offset`` counts characters into a text that is an expression,
    a path or a message of its own, None when the whole is meant.
    """

    path: DataPath
    message: str
    hint: str | None = None
    at_key: bool = False
    offset: int | None = None
