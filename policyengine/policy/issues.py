"""Where in a policy file something is wrong: a path into its data that loading turns into line and column."""

from __future__ import annotations

from dataclasses import dataclass

DataPath = tuple[str | int, ...]
"""Keys and indexes from a policy's data down to one value."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong in a policy.

    ``at_key`` points at the key instead of the value; ``offset`` and ``line_offset`` count characters and lines
    into a value that is an expression or a path of its own.
    """

    path: DataPath
    message: str
    hint: str | None = None
    at_key: bool = False
    offset: int = 0
    line_offset: int = 0
