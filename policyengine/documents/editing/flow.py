"""Changes of mappings and sequences in brackets, JSON's among them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.documents.editing.changes import (
    Change,
    begins_line,
    indent,
    line_break,
    line_end,
    line_start,
    next_line,
)
from policyengine.errors import EditError

if TYPE_CHECKING:
    from policyengine.documents.editing.nodes import Node

_COMMA = re.compile(r"[ \t\r\n]*,").match
_BLANK = re.compile(r"[ \t]*").match
_LAST_IN_LINE = re.compile(r"[ \t]*(,?)[ \t]*(?:(?<=[ \t,])#[^\r\n]*)?(?=\r|\n)").match
_CLOSED = re.compile(r"[ \t]*[\]}]").match


def inserted(text: str, node: Node, opening: int, rendered: str) -> list[Change]:
    """Changes that put an entry at the end of a mapping or a sequence whose bracket is at ``opening``."""
    if text[opening] not in "{[":
        raise EditError("the mapping stands in a sequence without brackets of its own")
    if not node.values:
        if text[opening + 1 : node.end - 1].strip():
            raise EditError("there is a comment between the brackets")
        return [Change(opening + 1, opening + 1, rendered)]
    if "\n" in text[opening : node.end] or "\r" in text[opening : node.end]:
        return _on_a_line_of_its_own(text, node, rendered)
    last = node.values[-1].end
    comma = _COMMA(text, last)
    return [Change(comma.end(), comma.end(), f" {rendered}") if comma else Change(last, last, f", {rendered}")]


def _on_a_line_of_its_own(text: str, node: Node, rendered: str) -> list[Change]:
    """As the entries before it are, where they are."""
    start, last = (node.keys or node.values)[-1].start, node.values[-1].end
    if not begins_line(text, start):
        raise EditError("what stands in brackets is laid out in a way that is not followed")
    line = line_break(text, start) + indent(text, start) + rendered
    if _CLOSED(text, last):
        return [Change(last, last, f",{line}")]
    rest = _LAST_IN_LINE(text, last)
    if rest is None:
        raise EditError("what stands in brackets is laid out in a way that is not followed")
    end = line_end(text, last)
    return [Change(end, end, f"{line},")] if rest[1] else [Change(last, last, ","), Change(end, end, line)]


def removed(text: str, node: Node, index: int) -> list[Change]:
    """Changes that take an entry out, and one comma with it."""
    start, end = (node.keys or node.values)[index].start, node.values[index].end
    comma = _COMMA(text, end)
    if comma and "\n" not in comma[0] and "\r" not in comma[0]:
        return [_with_comma(text, start, comma.end())]
    if index:
        before = node.values[index - 1].end
        if "#" in text[before:start]:
            raise EditError("there is a comment before what would be removed")
        return [Change(before, end, "")]
    return [Change(start, end, "")]


def _with_comma(text: str, start: int, stop: int) -> Change:
    blank = _BLANK(text, stop)
    stop = blank.end() if blank else stop
    if begins_line(text, start) and text[stop : stop + 1] in ("\r", "\n"):
        return Change(line_start(text, start), next_line(text, stop), "")
    return Change(start, stop, "")
