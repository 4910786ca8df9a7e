"""Changes of mappings and sequences that are written line by line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.documents.editing.changes import (
    Change,
    begins_line,
    column,
    ends_line,
    line_break,
    line_end,
    line_start,
    next_line,
)
from policyengine.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.documents.editing.nodes import Node

_COMMENT = re.compile(r"(?:^|[ \t\r\n])#").search


def lines_after(text: str, last: int, lines: Iterable[str]) -> Change:
    """A change that puts lines after the one in which a value ends."""
    ending = line_break(text, max(last - 1, 0))
    if text[last - 1 : last] in ("\r", "\n"):  # a text after | or > ends with its last line's break
        return Change(last, last, "".join(line + ending for line in lines))
    if not ends_line(text, last):
        raise EditError("more stands in the line in which the value ends")
    end = line_end(text, last)
    return Change(end, end, "".join(ending + line for line in lines))


def without_comments(text: str, start: int, end: int) -> None:
    """Raise :class:`EditError` where a comment stands in a stretch that would be lost."""
    if _COMMENT(text[start:end]):
        raise EditError("a comment in it would be lost")


def removed(text: str, node: Node, index: int, opening: int) -> list[Change]:
    """Changes that take out one of several entries, a comment in its last line with it.

    ``opening`` is where the first entry of a sequence has its dash.
    """
    start, last = _start(text, node, index, opening), node.values[index].last
    if begins_line(text, start):
        return [_lines(text, line_start(text, start), last)]
    if index or len(node.values) == 1:
        raise EditError("it does not begin its line")
    following = _start(text, node, 1, opening)
    without_comments(text, last, following)
    return [Change(start, following, "")]


def _lines(text: str, start: int, last: int) -> Change:
    """A change that takes out whole lines. What ends without a line break does so after it, and without empty lines."""
    if text[last - 1 : last] in ("\r", "\n"):
        return Change(start, last, "")
    if not ends_line(text, last):
        raise EditError("more stands in the line in which the value ends")
    end = next_line(text, last)
    at_end = end == len(text) and text[-1] not in "\r\n"
    return Change(len(text[:start].rstrip("\r\n")) if at_end else start, end, "")


def _start(text: str, node: Node, index: int, opening: int) -> int:
    return node.keys[index].start if node.kind == "mapping" else dash(text, node, index, opening)


def dash(text: str, node: Node, index: int, opening: int) -> int:
    """Where the dash of an item is: in the column of the first one."""
    if text[opening : opening + 1] != "-":
        raise EditError("the sequence begins in a way that is not followed")
    if not index:
        return opening
    at, wanted = node.values[index].start, column(text, opening)
    while at > opening:
        at = line_start(text, at)
        if text[at + wanted : at + wanted + 1] == "-" and begins_line(text, at + wanted):
            return at + wanted
        at -= 1
    raise EditError("the dash of the item was not found")
