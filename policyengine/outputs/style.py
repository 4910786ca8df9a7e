"""Text on a terminal: colours, and what keeps a file's contents from steering the terminal.

The few ANSI codes are written here and not taken from rich, whose import alone takes longer than a whole check.
"""

from __future__ import annotations

import unicodedata

from msgspec import Struct

_CODES = {
    "critical": "1;31",
    "high": "31",
    "medium": "33",
    "low": "36",
    "info": "36",
    "unknown": "1;35",
    "error": "1;31",
    "waived": "32",
    "pass": "32",
    "good": "1;32",
    "strong": "1",
    "frame": "36",
}
"""Only the standard colours that can be read on dark and on light terminals: neither blue nor white nor dim."""


class Style(Struct, frozen=True):
    """Paints text, or leaves it alone when ``colour`` is off."""

    colour: bool = False

    def paint(self, text: str, look: str) -> str:
        """Return ``text`` in a look: a severity, a status, ``strong`` or ``frame``."""
        if not self.colour or look not in _CODES:
            return text
        return f"\x1b[{_CODES[look]}m{text}\x1b[0m"


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
