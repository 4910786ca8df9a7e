r"""Escapes in words: ``\x41`` is a byte, and a backslash before any other character leaves the character."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_SPECIAL = re.compile(r"\\([,:= \t#])")


def unescaped(text: str) -> str:
    """A word as sudo keeps it. A NUL ends it, for sudo's strings end there; a backslash at the end stays."""
    if "\\" not in text:
        return text
    return _whole(_ESCAPE.sub(_character, text).partition("\0")[0])


def _character(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return escape[2]
    byte = int(escape[1], 16)
    return chr(byte) if byte < 0x80 else chr(0xDC00 + byte)


def _whole(text: str) -> str:
    """The text with bytes that were written one by one put together to characters."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def command(text: str) -> str:
    """A command's path: only what is special to sudoers is unescaped; a regular expression stays as it is."""
    return text if text.startswith("^") else _SPECIAL.sub(r"\1", text)
