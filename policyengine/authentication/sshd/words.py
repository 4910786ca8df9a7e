"""How a line of sshd_config is divided: a keyword, and arguments that may be quoted."""

from __future__ import annotations

from typing import NamedTuple

SPACE = " \t\r\n"
"""What lies between a keyword and its arguments."""

_UPPER = {ord(char): char.lower() for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def lower(text: str) -> str:
    """A text with ASCII letters only made small, as strcasecmp(3) compares in the C locale that sshd runs in."""
    return text.translate(_UPPER)


class Word(NamedTuple):
    """An argument, and the columns (from 0) of the line that it is written in."""

    text: str
    start: int
    end: int


def delimited(text: str) -> tuple[str | None, str | None]:
    r"""The first token and what is left: separated by white space and at most one ``=``, with double quotes.

    None for a token: its quote is not closed. None for what is left: nothing is. (``strdelim`` of OpenSSH: a token ends
    where its quote does, ``"a"b`` are two, and a quote may begin within one.)
    """
    end = next((at for at, char in enumerate(text) if char in f'{SPACE}"='), None)
    if end is None:
        return text, None
    if text[end] == '"':
        close = text.find('"', end + 1)
        return (None, None) if close < 0 else (text[:end] + text[end + 1 : close], text[close + 1 :].lstrip(SPACE))
    left = text[end + 1 :].lstrip(SPACE)
    if text[end] != "=" and left.startswith("="):
        left = left[1:].lstrip(SPACE)
    return text[:end], left


def arguments(text: str, start: int = 0) -> tuple[Word, ...] | None:
    r"""The arguments of a line, up to a ``#`` that begins one; None for a quote that is not closed.

    Both kinds of quotes, anywhere in an argument; ``\"``, ``\'``, ``\\`` and, outside of quotes, ``\ `` are escapes
    (``argv_split`` of OpenSSH). ``start`` is the column that the text begins in.
    """
    found: list[Word] = []
    at = 0
    while at < len(text) and text[at] != "#":
        if text[at] in " \t":
            at += 1
            continue
        word, end, closed = _argument(text, at)
        if not closed:
            return None
        found.append(Word(word, start + at, start + end))
        at = end
    return tuple(found)


def _argument(text: str, at: int) -> tuple[str, int, bool]:
    """One argument, where it ends, and whether its quotes are closed."""
    chars: list[str] = []
    quote = ""
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text) and (text[at + 1] in "'\"\\" or (not quote and text[at + 1] == " ")):
            at += 1
            chars.append(text[at])
        elif not quote and char in " \t":
            break
        elif not quote and char in "'\"":
            quote = char
        elif char == quote:
            quote = ""
        else:
            chars.append(char)
        at += 1
    return "".join(chars), at, not quote
