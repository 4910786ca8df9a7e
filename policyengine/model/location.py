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


STDIN = "-"
"""What a report calls standard input."""

LIVE = "://"
"""What the path of a live object has, and that of a file has not."""


def is_live(path: str) -> bool:
    """Whether what a report calls a path is a URI: that of a live object."""
    return LIVE in path


def is_file(path: str) -> bool:
    """Whether a path of a report is that of a file: neither a live object's URI nor standard input."""
    return path != STDIN and not is_live(path)
