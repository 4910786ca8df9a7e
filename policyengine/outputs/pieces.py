"""JSON in pieces, so that a report of very many findings is never one text in memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from policyengine.outputs.values import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ITEMS = "\0items\0"
"""Stands in the data for the list whose items are given one by one. No text of a report: YAML and JSON allow no NUL."""

_INDENT = 2


def json_pieces(data: object, items: Iterable[object]) -> Iterator[str]:
    """``data`` as indented JSON in ASCII, with ``items`` for the value that is ``ITEMS``."""
    head, tail = _dumped(data).split(json.dumps(ITEMS))
    line = head.rpartition("\n")[2]
    margin = "\n" + " " * (len(line) - len(line.lstrip()))
    yield head + "["
    separator = ""
    for item in items:
        inner = margin + " " * _INDENT
        yield separator + inner + _dumped(item).replace("\n", inner)
        separator = ","
    yield (margin if separator else "") + "]" + tail + "\n"


def _dumped(data: object) -> str:
    return json.dumps(plain(data), indent=_INDENT, allow_nan=False)
