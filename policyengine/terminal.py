"""What standard output can show."""

from __future__ import annotations

import os
import shutil
import sys
from itertools import takewhile

WIDTH = 100
"""Columns where no terminal says otherwise, so that redirected output is the same everywhere."""


_LINKING = ("WT_SESSION", "KONSOLE_VERSION", "DOMTERM", "KITTY_WINDOW_ID")
"""Variables of terminals all versions of which have links."""

_PROGRAMS = {"iTerm.app": (3, 1), "WezTerm": (20200620,), "vscode": (1, 72), "ghostty": (0,), "zed": (0,)}
"""``TERM_PROGRAM``, and the version from which on it has links."""

_VTE = 5000
"""0.50.0, which was to have links, crashes on them; later ones do not."""


def is_terminal() -> bool:
    """Whether somebody reads along."""
    return sys.stdout.isatty()


def width() -> int:
    """The columns of the terminal."""
    return shutil.get_terminal_size((WIDTH, 24)).columns if is_terminal() else WIDTH


def table_width() -> int | None:
    """The room for tables; None where nobody reads along: whole lines are what ``grep`` wants."""
    return width() if is_terminal() else None


def links(*, coloured: bool) -> bool:
    """Whether to link to files: on a terminal with colours that is known to follow links, and not in CI.

    ``FORCE_HYPERLINK`` decides where it is set: 0 is no. What is known is what npm's ``supports-hyperlinks`` knows:
    https://github.com/chalk/supports-hyperlinks
    """
    forced = os.environ.get("FORCE_HYPERLINK")
    if forced:
        return forced.strip("0") != ""
    if not coloured or not is_terminal() or os.environ.get("TERM") == "dumb":
        return False
    return not any(map(os.environ.get, ("CI", "TEAMCITY_VERSION"))) and _has_links()


def _has_links() -> bool:
    environ = os.environ
    if any(environ.get(name) for name in _LINKING) or environ.get("TERM") in ("alacritty", "xterm-kitty"):
        return True
    since = _PROGRAMS.get(environ.get("TERM_PROGRAM", ""))
    if since is not None:
        return _numbers(environ.get("TERM_PROGRAM_VERSION", "")) >= since
    return _numbers(environ.get("VTE_VERSION", "")) > (_VTE,)


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version up to what is none: ``1.96.2``, ``20240203-110809-5046fc22``."""
    parts = version.replace("-", ".").split(".")
    return tuple(int(part) for part in takewhile(str.isdecimal, parts))


def colour(when: str = "auto") -> bool:
    """Whether to paint: ``always``, ``never``, or ``auto``: on a terminal that can show it."""
    if when != "auto":
        return when == "always"
    return is_terminal() and os.environ.get("TERM") != "dumb"
