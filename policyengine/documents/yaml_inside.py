"""Where a character of a scalar's value stands in the YAML text that the scalar is written as.

An expression or a field path in a policy is a language of its own inside a scalar, and its errors are told where
they stand in the file.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPENING = re.compile(r"""(?:[&!]\S*\s+)*(?:[|>][^\n]*(?:\n|$)|["'])?""")
"""Anchor and tag belong to a scalar's span; then a quote opens its content, a line heads a block, or it begins."""

_PLAIN = re.compile(r"\S")
_SINGLE = re.compile(r"''|\S")
_DOUBLE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\s|.)|\S")
_BLANK_ESCAPES = frozenset("tnvrN_LP")


def inside(written: str, value: str, offset: int) -> int:
    """The index in ``written`` of the character of ``value`` at ``offset``.

    ``written`` is the text from where the scalar starts; it may go on after its end. Line breaks are folded and
    indentation is dropped, so what is counted is the characters that are not blank: they stand in both, in the same
    order. The end of the value, or a blank in it, is where the character before it ends.
    """
    before = sum(not char.isspace() for char in value[:offset])
    characters = _characters(written)
    if offset < len(value) and not value[offset].isspace():
        return next(islice(characters, before, None))[0]
    return next(islice(characters, before - 1, None))[1] if before else _begin(written)


def _characters(written: str) -> Iterator[tuple[int, int]]:
    """Where each character that is not blank starts and ends."""
    begin = _begin(written)
    opening = written[begin - 1 : begin] if begin else ""
    for match in {"'": _SINGLE, '"': _DOUBLE}.get(opening, _PLAIN).finditer(written, begin):
        if opening != '"' or not _is_blank(match[0]):
            yield match.span()


def _begin(written: str) -> int:
    """Where the content begins: after the opening quote, or the line that heads a block."""
    match = _OPENING.match(written)
    return match.end() if match else 0


def _is_blank(character: str) -> bool:
    """Whether an escape in double quotes stands for a blank, or, before a line break, for nothing."""
    if character[0] != "\\":
        return False
    if character[1] in "xuU" and len(character) > 2:
        return chr(int(character[2:], 16)).isspace()
    return character[1] in _BLANK_ESCAPES or character[1].isspace()
