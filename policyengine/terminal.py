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


def colour() -> bool:
    """Whether to paint: on a terminal that can, unless ``NO_COLOR`` is set; anywhere when ``FORCE_COLOR`` is.

    See https://no-color.org and https://force-color.org: an empty value counts as unset.
    """
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (is_terminal() and os.environ.get("TERM") != "dumb")
