"""Changes of a text: stretches of it, each with what takes its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from policyengine.documents.document import LINE_BREAK

if TYPE_CHECKING:
    from collections.abc import Iterable

BLANK = re.compile(r"[ \t]*")
_REST = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\r\n]*)?(?=\r|\n|\Z)")


class Change(NamedTuple):
    """The characters from ``start`` to ``end``, exclusive, and the text in their place."""

    start: int
    end: int
    text: str


def changed(text: str, changes: Iterable[Change]) -> str:
    """The text after changes that do not overlap; of two at one place the first comes first."""
    parts, at = [], 0
    for change in sorted(changes, key=lambda change: (change.start, change.end)):
        parts += [text[at : change.start], change.text]
        at = change.end
    return "".join([*parts, text[at:]])


def line_start(text: str, at: int) -> int:
    """Where the line begins that a character stands in."""
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def line_end(text: str, at: int) -> int:
    """Where the line ends that a character stands in, its break left out."""
    found = LINE_BREAK.search(text, at)
    return found.start() if found else len(text)


def next_line(text: str, at: int) -> int:
    """Where the line after that of a character begins; the end of the text where there is none."""
    found = LINE_BREAK.search(text, at)
    return found.end() if found else len(text)


def line_break(text: str, at: int = 0) -> str:
    """How the line of a character ends, or, if it is the last, how the text's first line does."""
    found = LINE_BREAK.search(text, at) or LINE_BREAK.search(text)
    return found[0] if found else "\n"


def column(text: str, at: int) -> int:
    """How many characters stand before a character in its line."""
    return at - line_start(text, at)


def indent(text: str, at: int) -> str:
    """What to begin a line with so that it starts in the column of a character; dashes before it become spaces."""
    before = text[line_start(text, at) : at]
    return before if not before.strip(" \t") else " " * len(before)


def begins_line(text: str, at: int) -> bool:
    """Whether nothing but white space stands before a character in its line."""
    return not text[line_start(text, at) : at].strip(" \t")


def ends_line(text: str, at: int) -> bool:
    """Whether nothing but a comment follows in the line from a character on."""
    return _REST.match(text, at) is not None
