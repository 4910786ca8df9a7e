"""Commands that are written as one text."""

from __future__ import annotations

import shlex


def words(text: str) -> list[str]:
    """A command's words as a shell would split it; the whole where that is impossible."""
    try:
        return shlex.split(text)
    except ValueError:
        return [text]
