"""Text on a terminal: colours, and what keeps a file's contents from steering the terminal.

The few ANSI codes are written here and not taken from rich, whose import alone takes longer than a whole check.
"""

from __future__ import annotations

import os
import re
import unicodedata

from msgspec import Struct

_RED, _AMBER, _BLUE, _GREEN, _MAGENTA = (f"38;5;{number}" for number in (196, 136, 31, 28, 164))
"""Of the 256 colours, whose values are fixed, those that have a contrast of 3:1 on dark and on light terminals.

The 16 that every terminal has its own values for have not: xterm's yellow has 1.7:1 on white, its blue 2.2:1 on black.
"""

_CODES = {
    "critical": f"1;{_RED}",
    "high": _RED,
    "medium": _AMBER,
    "low": _BLUE,
    "info": _BLUE,
    "unknown": f"1;{_MAGENTA}",
    "error": f"1;{_RED}",
    "waived": _GREEN,
    "pass": _GREEN,
    "good": f"1;{_GREEN}",
    "strong": "1",
    "frame": _BLUE,
}


class Style(Struct, frozen=True):
    """Paints text, or leaves it alone when ``colour`` is off; links it to files when ``links`` is their directory."""

    colour: bool = False
    links: str = ""

    def paint(self, text: str, look: str) -> str:
        """Return ``text`` in a look: a severity, a status, ``strong`` or ``frame``."""
        if not self.colour or look not in _CODES:
            return text
        return f"\x1b[{_CODES[look]}m{text}\x1b[0m"

    def link(self, text: str, path: str) -> str:
        """Return ``text``, which is visible already, as a link to a file; ``-`` and live objects are none.

        https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda
        """
        if not self.links or path in ("", "-") or _URL(path):
            return text
        return f"\x1b]8;;{file_uri(os.path.join(self.links, path))}\x1b\\{text}\x1b]8;;\x1b\\"  # noqa: PTH118 - a text


_URL = re.compile(r"[a-z][a-z0-9+.-]*://").match


def file_uri(path: str) -> str:
    """Return ``file://HOST/PATH`` (RFC 8089) for an absolute path: a terminal may show another machine's text.

    All but letters, digits and ``/_.-~`` is percent-encoded: whatever a file's name is, it ends no escape sequence.
    """
    from urllib.parse import quote, quote_from_bytes

    return f"file://{quote(os.uname().nodename, safe='')}{quote_from_bytes(os.fsencode(path), safe='/')}"


def visible(text: str) -> str:
    r"""Return text from a file as it may be shown on a terminal: what is not printable is written as an escape.

    That is every control character (``\x1b`` moves the cursor and sets the window's title), the marks that turn the
    direction of writing round or take no room (Trojan Source, CVE-2021-42574), line ends and lone surrogates.
    """
    if text.isprintable():
        return text
    return "".join(visible_character(character) for character in text)


def visible_character(character: str) -> str:
    """Return one character as :func:`visible` shows it."""
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return _SHORT.get(character) or _escape(ord(character))


_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


def _escape(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
