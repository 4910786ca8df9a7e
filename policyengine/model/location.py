"""Where something is written."""

from __future__ import annotations

from typing import NamedTuple


class Location(NamedTuple):
    """A span of a file, 1-based, its end exclusive; or a live object, whose ``path`` is a URI and which has no line.

    Columns count characters, as editors do.
    """

    path: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
