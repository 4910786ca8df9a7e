"""Documents of a stream that need not be read: found by a glance at their text, so that reading is spared them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Skim = Callable[[str], object | None]
    """Given a document's text, the value that stands for it where no more of it is needed; None where it is.

    A :class:`Head` where the document's beginning is needed, and stands for it."""

_AFTER_MARKER = frozenset(" \t\r\n")


class Head(Struct, frozen=True):
    """The beginning of a document, up to a key of its top mapping: what is read of it. The rest starts at ``end``."""

    end: int


PASSED_OVER = object()
"""The value of a stretch that no value stands for: the rest of a document whose beginning was read."""


class Stretch(Struct, frozen=True):
    """A part of a stream: some documents that are to be read, or one that a value stands for."""

    start: int
    end: int
    value: object | None = None


def stretches(text: str, skim: Skim | None) -> Iterator[Stretch]:
    """The parts of a stream, in order. Where directives or ends of documents are written there is but one."""
    if skim is None or _is_one(text):
        yield Stretch(0, len(text))
        return
    read = 0
    for start, end in _documents(text):
        value = skim(text[start:end])
        if isinstance(value, Head):
            yield Stretch(read, start + value.end)
            yield Stretch(start + value.end, end, PASSED_OVER)
            read = end
        elif value is not None:
            if read < start:
                yield Stretch(read, start)
            yield Stretch(start, end, value)
            read = end
    if read < len(text) or not text:
        yield Stretch(read, len(text))


def documents(text: str, skim: Skim | None) -> Iterator[list[Stretch]]:
    """The parts of each document of a stream, in order. Where directives or ends of documents are written it is one."""
    for start, end in [(0, len(text))] if _is_one(text) else _documents(text):
        yield [Stretch(start + part.start, start + part.end, part.value) for part in stretches(text[start:end], skim)]


def _is_one(text: str) -> bool:
    """Whether where a document starts and ends is not told by ``---`` alone."""
    return any(text.startswith(mark) or f"\n{mark}" in text for mark in ("%", "..."))


def _documents(text: str) -> Iterator[tuple[int, int]]:
    """Where each document starts and ends: at ``---``, which no scalar can hold (YAML 1.2, 9.1.2: c-forbidden)."""
    start = 0
    at = text.find("\n---")
    while at >= 0:
        if text[at + 4 : at + 5] in _AFTER_MARKER or at + 4 == len(text):
            yield start, at + 1
            start = at + 1
        at = text.find("\n---", at + 1)
    yield start, len(text)
