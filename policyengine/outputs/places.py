"""Where a finding is, in the words of those that show it beside the code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from policyengine.model.location import is_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.model.location import Location


def from_repository(here: str | None = None) -> Callable[[str], str]:
    """A function from a report's paths to those that a forge knows: from the top of the repository.

    The report's are relative to the working directory, ``here``. What is no file stays as it is, and so does every
    path where there is no repository; a file outside of it becomes absolute.
    """
    start = os.path.abspath(here or os.getcwd())  # noqa: PTH100, PTH109 - paths are asked of every finding
    top = _top(start)

    def moved(path: str) -> str:
        if top is None or not is_file(path):
            return path
        whole = os.path.normpath(os.path.join(start, path))  # noqa: PTH118 - as above
        inside = f"{whole}/".startswith(f"{top}/")
        return (whole[len(top) + 1 :] or ".") if inside else whole

    return moved


def last_line(location: Location) -> int | None:
    """The last line of a span: its end is exclusive, so that a span may end at the start of a line it has no part of.

    None for what has no line.
    """
    line, end = location.line, location.end_line
    if line is None or end is None or end <= line:
        return line
    return end - 1 if location.end_column == 1 else end


def _top(start: str) -> str | None:
    """The nearest directory at or above one that is a git work tree's top."""
    directory = start
    while not os.path.exists(os.path.join(directory, ".git")):  # noqa: PTH110, PTH118 - raises nowhere
        directory, below = os.path.dirname(directory), directory  # noqa: PTH120 - as above
        if directory == below:
            return None
    return directory.rstrip("/")
