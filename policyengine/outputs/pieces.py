"""JSON in pieces, so that a report of very many findings is never one text in memory."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import msgspec

from policyengine.outputs.values import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ITEMS = "\0items\0"
"""Stands in the data for the list whose items are given one by one. No text of a report: YAML and JSON allow no NUL."""

_INDENT = 2
_HUGE = re.compile(r"[0-9]{77}").search
"""So many digits have integers of more than 256 bits."""


def json_pieces(data: object, items: Iterable[object]) -> Iterator[str]:
    """``data`` as indented JSON in ASCII, with ``items`` for the value that is ``ITEMS``, where there is one."""
    head, *rest = _dumped(data).split(json.dumps(ITEMS))
    if not rest:
        yield f"{head}\n"
        return
    (tail,) = rest
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
    text = _quick(data)
    if text is None:
        text = json.dumps(plain(data), allow_nan=False)
    return msgspec.json.format(text, indent=_INDENT)  # several times as fast as json with an indent


def _quick(data: object) -> str | None:
    """Nearly all data as JSON, in a third of the time; None for what has to be made :func:`plain` first."""
    try:
        text = json.dumps(data, allow_nan=False, default=plain)
    except (TypeError, ValueError):  # keys that are no text, numbers that are none
        return None
    return None if "\\ud" in text or _HUGE(text) else text  # half of a surrogate pair, perhaps
