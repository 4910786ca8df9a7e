"""The lines of a file of PAM: continued ones as one, without comments. pam.conf(5), and libpam's own reader."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.model.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE = " \n\t"
_blank = re.compile(r"[ \n\t]").search
_other = re.compile(r"[^ \n\t]").search


class Word(Struct, frozen=True):
    """A word; ``[...]`` is one, without its brackets and with ``\\]`` as ``]``."""

    text: str
    bracketed: bool = False


class Line(Struct, frozen=True):
    """A line with all that continues it, and where it starts and ends."""

    text: str
    where: Location

    def words(self) -> tuple[Word, ...]:
        """Its words."""
        return tuple(_words(self.text))


class Lines(Struct, frozen=True):
    """A file's lines. ``complete``: it does not end where a line is to be continued, which libpam gives up on."""

    lines: tuple[Line, ...]
    complete: bool = True


def lines(text: str, path: str) -> Lines:
    """The lines of a text that say something. A blank line or comment does not end what is continued."""
    found: list[Line] = []
    begun, first = "", 0
    for number, whole in enumerate(text.split("\n"), 1):
        bare = whole.partition("\0")[0].lstrip(_SPACE)
        kept, comment, _ = bare.partition("#")
        if not kept:
            continue
        first = first if begun else number
        trimmed = kept.rstrip(_SPACE)
        if not comment and trimmed.endswith("\\"):
            begun += f"{trimmed[:-1]} "
            continue
        found.append(Line(begun + kept, _place(path, first, number, whole)))
        begun = ""
    return Lines(tuple(found), complete=not begun)


def _place(path: str, first: int, last: int, text: str) -> Location:
    """Of a line, or from the first of several to the end of the last."""
    start = len(text) - len(text.lstrip()) + 1 if first == last else 1
    return Location(path, first, start, last, len(text.partition("#")[0].rstrip()) + 1)


def _words(text: str) -> Iterator[Word]:
    at = 0
    while found := _other(text, at):
        at = found.start()
        bracketed = text[at] == "["
        word, at = _bracketed(text, at + 1) if bracketed else _plain(text, at)
        yield Word(word, bracketed)


def _plain(text: str, at: int) -> tuple[str, int]:
    """The word there, and the place after what ends it."""
    found = _blank(text, at)
    end = found.start() if found else len(text)
    return text[at:end], end + 1


def _bracketed(text: str, at: int) -> tuple[str, int]:
    """What is inside, up to the first ``]`` that has no backslash before it; all where there is none."""
    inside: list[str] = []
    while at < len(text) and text[at] != "]":
        at += text.startswith("\\]", at)
        inside.append(text[at])
        at += 1
    return "".join(inside), at + 1
