"""What standard output can show."""

from __future__ import annotations

import os
import shutil
import sys

WIDTH = 100
"""Columns where no terminal says otherwise, so that redirected output is the same everywhere."""


def is_terminal() -> bool:
    """Whether somebody reads along."""
    return sys.stdout.isatty()


def width() -> int:
    """The columns of the terminal."""
    return shutil.get_terminal_size((WIDTH, 24)).columns if is_terminal() else WIDTH


def table_width() -> int | None:
    """The room for tables; None where nobody reads along: whole lines are what ``grep`` wants."""
    return width() if is_terminal() else None


def colour(when: str = "auto") -> bool:
    """Whether to paint: ``always``, ``never``, or ``auto``: on a terminal that can show it."""
    if when != "auto":
        return when == "always"
    return is_terminal() and os.environ.get("TERM") != "dumb"
