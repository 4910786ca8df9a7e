"""Where each key and value of a YAML stream stands.

What libyaml says of it is recorded, a few bytes an event, while values are read. Spans are worked out only for what a
finding asks for, by walking down to it.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct, field

from policyengine.documents.document import LINE_BREAK, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ASSIGNMENT = re.compile(r"""["']?[A-Za-z_][A-Za-z0-9_.-]*=""")
_BLOCK_HEAD = re.compile(r"(?:[!&][^\s]*[ \t]+)*[|>][0-9+-]*[ \t]+(?=#)[^\r\n]*").match
"""The head of a block scalar that has a comment (YAML 1.2, 8.1.1)."""

MERGE = "<<\ud800"
"""Stands for a merge key. No key that can be written: half a surrogate pair is no YAML."""

SCALAR, MAPPING, SEQUENCE, END, ALIAS, OTHER = range(6)
"""The kinds of events."""


class Marks(Struct):
    """The events of a stream: their ``kinds``, where each starts and ends (in characters of the text).

    ``keys`` are the mappings' keys by the number of their event; ``aliases`` lead from an alias to the first event of
    the value that it stands for.
    """

    kinds: bytearray = field(default_factory=bytearray)
    starts: array[int] = field(default_factory=lambda: array("I"))
    ends: array[int] = field(default_factory=lambda: array("I"))
    keys: dict[int, str] = field(default_factory=dict)
    aliases: dict[int, int] = field(default_factory=dict)

    def add(self, kind: int, start: int, end: int) -> None:
        """Add an event."""
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)

    def cut(self, count: int) -> None:
        """Leave only the first events."""
        for events in (self.kinds, self.starts, self.ends):
            del events[count:]
        for of in (self.keys, self.aliases):
            while of and next(reversed(of)) >= count:
                of.popitem()


class Positions:
    """The spans of a stream, by the marks of its events."""

    def __init__(self, text: str, marks: Marks) -> None:
        self.marks = marks
        self._text = text
        self._below: dict[int, tuple[list[Node], dict[str, Node], list[Node]]] = {}

    @cached_property
    def roots(self) -> list[Node]:
        """The root node of each document."""
        return [Node(self, at) for at in self._nodes(0, len(self.marks.kinds))]

    def span(self, at: int) -> Span:
        """The span of the value that starts at an event."""
        end = self._after[at] - 1 if self.marks.kinds[at] in (MAPPING, SEQUENCE) else at
        return Span(*self._place(self.marks.starts[at]), *self._place(self.marks.ends[end]))

    def end(self, at: int) -> tuple[int, int]:
        """Where a value ends that starts at an event: libyaml ends a block where the next one begins."""
        last = self._after[at] - 1
        while last > at and self.marks.kinds[last] == END and self.marks.starts[last] == self.marks.ends[last]:
            last -= 1
        return self._place(self.marks.ends[last])

    def holds(self, index: int) -> bool:
        """Whether a character of the text is part of a scalar; what follows the head of a block (``|``) is not."""
        at = bisect_right(self.marks.starts, index) - 1
        if at < 0 or self.marks.kinds[at] != SCALAR or index >= self.marks.ends[at]:
            return False
        head = _BLOCK_HEAD(self._text, self.marks.starts[at])
        return head is None or index >= head.end()

    def below(self, at: int) -> tuple[list[Node], dict[str, Node], list[Node]]:
        """The items of a sequence, the values of a mapping, and what its merge key (``<<``) names."""
        found = self._below.get(at)
        if found is None:
            found = self._below[at] = self._found_below(at)
        return found

    def _found_below(self, at: int) -> tuple[list[Node], dict[str, Node], list[Node]]:
        kind = self.marks.kinds[at]
        events = list(self._nodes(at + 1, self._after[at] - 1)) if kind in (MAPPING, SEQUENCE) else []
        if kind != MAPPING:
            return [Node(self, event) for event in events], {}, []
        pairs = [(self.marks.keys[key], Node(self, value, key)) for key, value in zip(events[::2], events[1::2])]  # noqa: B905 - a mapping's events come in pairs
        return [], {key: node for key, node in pairs if key != MERGE}, [node for key, node in pairs if key == MERGE]

    def _nodes(self, start: int, end: int) -> Iterator[int]:
        """The events that start the values between two events, not those inside of them."""
        at = start
        while at < end:
            if self.marks.kinds[at] != OTHER:
                yield at
            at = self._after[at]

    @cached_property
    def _after(self) -> array[int]:
        """For each event the one after its value."""
        after = array("I", range(1, len(self.marks.kinds) + 1))
        opened: list[int] = []
        for at, kind in enumerate(self.marks.kinds):
            if kind in (MAPPING, SEQUENCE):
                opened.append(at)
            elif kind == END:
                after[opened.pop()] = at + 1
        return after

    @cached_property
    def _lines(self) -> list[int]:
        return line_starts(self._text)

    def _place(self, index: int) -> tuple[int, int]:
        return place(index, self._lines)


class Node(NamedTuple):
    """A value in the text: the event it starts at, and that of its key if it has one.

    An aliased value stands where the alias is; what is below it, where the anchor is.
    """

    positions: Positions
    at: int
    key_at: int | None = None

    @property
    def _target(self) -> int:
        return self.positions.marks.aliases.get(self.at, self.at)

    @property
    def span(self) -> Span:
        """The value's span."""
        return self.positions.span(self.at)

    @property
    def key(self) -> Span | None:
        """The key's span, None where there is no key."""
        return None if self.key_at is None else self.positions.span(self.key_at)

    @property
    def sequence(self) -> list[Node]:
        """The items, none for what is no sequence."""
        return self.positions.below(self._target)[0]

    @property
    def mapping(self) -> dict[str, Node]:
        """The values by key, none for what is no mapping."""
        return self.positions.below(self._target)[1]

    @property
    def is_scalar(self) -> bool:
        """Whether it has nothing below it, even if it were not empty."""
        return self.positions.marks.kinds[self._target] == SCALAR

    def child(self, step: str | int) -> Node | None:
        """The node one step down; keys that a merge key brings in stand where they were written."""
        sequence, mapping, merged = self.positions.below(self._target)
        if isinstance(step, int):
            return sequence[step] if step < len(sequence) else None
        found = mapping.get(step)
        if found is None and merged:
            sources = (source for node in merged for source in (node.sequence or [node]))
            found = next((below for below in (source.child(step) for source in sources) if below), None)
        return found

    @property
    def whole(self) -> Span:
        """From the key, where there is one, to the end of the value."""
        start = self.key or self.span
        return Span(start.line, start.column, *self.positions.end(self.at))

    @property
    def own(self) -> Iterator[tuple[str | int, Node]]:
        """What is written below it; nothing is written below an alias."""
        if self._target == self.at:
            sequence, mapping, merged = self.positions.below(self.at)
            yield from enumerate(sequence)
            yield from mapping.items()
            yield from (("<<", node) for node in merged)

    @property
    def head(self) -> Span:
        """The key, where there is one; else the first entry of a mapping or sequence; else the value."""
        return self.key or self.shown

    @property
    def shown(self) -> Span:
        """What to underline for this value: a scalar itself, of a mapping its key or its first entry."""
        sequence, mapping, _ = self.positions.below(self._target)
        if mapping:
            return self.key or _first_entry(next(iter(mapping.values())))
        if sequence:
            return self.key or sequence[0].shown
        return self.span

    def scalars(self, lines: Sequence[str]) -> Iterator[Span]:
        """The spans of every scalar at or below this node; of ``NAME=value`` items the value only.

        What a merge key brings in is below the node too, and what an alias stands for counts where it is written.
        """
        waiting: list[tuple[Node, bool]] = [(self, False)]
        while waiting:
            node, item = waiting.pop()
            sequence, mapping, merged = self.positions.below(node._target)
            waiting.extend((below, False) for below in (*mapping.values(), *merged))
            waiting.extend((below, True) for below in sequence)
            if node.is_scalar:
                yield _value_part(node.span, lines) if item else node.span
                if node._target != node.at:
                    waiting.append((Node(self.positions, node._target), item))


def _first_entry(first: Node) -> Span:
    key = first.key or first.span
    if first.is_scalar and first.span.line == key.line:
        return Span(key.line, key.column, first.span.end_line, first.span.end_column)
    return key


def _value_part(span: Span, lines: Sequence[str]) -> Span:
    match = _ASSIGNMENT.match(lines[span.line - 1], span.column - 1)
    if match is None or (span.line == span.end_line and match.end() > span.end_column - 1):
        return span
    return Span(span.line, match.end() + 1, span.end_line, span.end_column)


def marked(text: str, mark: Any, offset: int = 0) -> tuple[int, int]:
    """The 1-based line and column of a mark of libyaml's, which began to read at ``offset``.

    libyaml breaks lines at NEL, LS and PS too, as YAML 1.1 did; YAML 1.2 (5.4), editors and the document's ``lines``
    do not.
    """
    return place(mark.index + offset, line_starts(text))


def line_starts(text: str) -> list[int]:
    """Where each line of a text starts."""
    if "\r" in text:
        return [0, *(line_break.end() for line_break in LINE_BREAK.finditer(text))]
    lengths = (len(line) + 1 for line in text.split("\n"))
    return list(accumulate(lengths, initial=0))[:-1]


def place(index: int, starts: Sequence[int]) -> tuple[int, int]:
    """The 1-based line and column of a character, by the lines that start at ``starts``."""
    line = bisect_right(starts, index)
    return line, index - starts[line - 1] + 1
