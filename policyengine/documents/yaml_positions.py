"""Where each key and value of a YAML stream stands. Slower than reading values, so done only for findings."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from policyengine.documents.document import LINE_BREAK, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OTHER_BREAK = re.compile("[\x85\u2028\u2029]").search
_ASSIGNMENT = re.compile(r"""["']?[A-Za-z_][A-Za-z0-9_.-]*=""")


MERGE = "<<\ud800"
"""Stands for a merge key. No key that can be written: half a surrogate pair is no YAML."""


@dataclass(slots=True)
class Node:
    """A value's span, its key's span if it has one, and the nodes below it.

    ``merged`` are the values of the mapping's merge key (``<<``), ``anchored`` the scalar that an alias stands for.
    """

    span: Span
    key: Span | None = None
    mapping: dict[str, Node] | None = None
    sequence: list[Node] | None = None
    merged: list[Node] = field(default_factory=list)
    anchored: Node | None = None

    def child(self, step: str | int) -> Node | None:
        """The node one step down; keys that a merge key brings in stand where they were written."""
        if self.sequence is not None:
            return self.sequence[step] if isinstance(step, int) and step < len(self.sequence) else None
        if self.mapping is None or not isinstance(step, str):
            return None
        found = self.mapping.get(step)
        if found is None:
            found = next((below for below in (source.child(step) for source in self._sources()) if below), None)
        return found

    def _sources(self) -> Iterator[Node]:
        """The mappings that a merge key brings in, the one that counts most first."""
        for node in self.merged:
            yield from node.sequence if node.sequence is not None else [node]

    @property
    def head(self) -> Span:
        """The key, where there is one; else the first entry of a mapping or sequence; else the value."""
        if self.key is not None:
            return self.key
        return self.shown

    @property
    def shown(self) -> Span:
        """What to underline for this value: a scalar itself, of a mapping its key or its first entry."""
        if self.mapping:
            return self.key or _first_entry(self.mapping)
        if self.sequence:
            return self.key or self.sequence[0].shown
        return self.span

    def scalars(self, lines: Sequence[str]) -> Iterator[Span]:
        """The spans of every scalar at or below this node; of ``NAME=value`` items the value only.

        What a merge key brings in is below the node too, and what an alias stands for counts where it is written.
        """
        waiting = [(self, False)]
        while waiting:
            node, item = waiting.pop()
            if node.mapping is not None:
                waiting.extend((below, False) for below in (*node.mapping.values(), *node.merged))
            elif node.sequence is not None:
                waiting.extend((below, True) for below in node.sequence)
            else:
                yield _value_part(node.span, lines) if item else node.span
                if node.anchored is not None:
                    waiting.append((node.anchored, item))


def _first_entry(mapping: dict[str, Node]) -> Span:
    first = next(iter(mapping.values()))
    key = first.key or first.span
    if first.mapping is None and first.sequence is None and first.span.line == key.line:
        return Span(key.line, key.column, first.span.end_line, first.span.end_column)
    return key


def _value_part(span: Span, lines: Sequence[str]) -> Span:
    match = _ASSIGNMENT.match(lines[span.line - 1], span.column - 1)
    if match is None or (span.line == span.end_line and match.end() > span.end_column - 1):
        return span
    return Span(span.line, match.end() + 1, span.end_line, span.end_column)


def positions(text: str) -> list[Node]:
    """The root node of each document of a well-formed stream."""
    return _Walker(text).walk()


def marked(text: str, mark: Any) -> tuple[int, int]:
    """The 1-based line and column of a mark of libyaml's.

    libyaml breaks lines at NEL, LS and PS too, as YAML 1.1 did; YAML 1.2 (5.4), editors and the document's ``lines``
    do not.
    """
    starts = _line_starts(text) if _OTHER_BREAK(text, 0, mark.index) else None
    return _place(mark, starts)


def _line_starts(text: str) -> list[int]:
    return [0, *(line_break.end() for line_break in LINE_BREAK.finditer(text))]


def _place(mark: Any, starts: list[int] | None) -> tuple[int, int]:
    """A mark's place, by the lines that start there; by libyaml's own count where that is right."""
    if starts is None:
        return mark.line + 1, mark.column + 1
    line = bisect_right(starts, mark.index)
    return line, mark.index - starts[line - 1] + 1


class _Walker:
    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = _line_starts(text) if _OTHER_BREAK(text) else None
        self._roots: list[Node] = []
        self._outer: list[Node | None] = []
        self._into: Node | None = None
        self._key: str | None = None
        self._key_span: Span | None = None
        self._anchors: dict[str, Node] = {}

    def walk(self) -> list[Node]:
        parser = CParser(self._text)
        while True:
            event: Any = parser.get_event()
            kind = event.__class__
            if kind is ScalarEvent:
                self._scalar(event)
            elif kind is MappingStartEvent:
                self._open(event, Node(self._spanned(event), self._key_span, mapping={}))
            elif kind is SequenceStartEvent:
                self._open(event, Node(self._spanned(event), self._key_span, sequence=[]))
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._close(event)
            elif kind is AliasEvent:
                self._alias(event)
            elif kind is StreamEndEvent:
                return self._roots

    def _scalar(self, event: Any) -> None:
        if self._wants_key():
            plain_merge = event.value == "<<" and event.implicit[0]
            self._key, self._key_span = MERGE if plain_merge else event.value, self._spanned(event)
            return
        self._put(Node(self._spanned(event), self._key_span), event.anchor)

    def _wants_key(self) -> bool:
        return self._into is not None and self._into.mapping is not None and self._key is None

    def _put(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        if self._into is None:
            self._roots.append(node)
        elif self._into.mapping is not None:
            if self._key == MERGE:
                self._into.merged.append(node)
            else:
                self._into.mapping[str(self._key)] = node
        elif self._into.sequence is not None:
            self._into.sequence.append(node)
        self._key = self._key_span = None

    def _open(self, event: Any, node: Node) -> None:
        outer = self._into
        self._put(node, event.anchor)
        self._outer.append(outer)
        self._into = node

    def _close(self, event: Any) -> None:
        if self._into is not None:
            start, end = self._into.span, self._spanned(event)
            self._into.span = Span(start.line, start.column, end.end_line, end.end_column)
        self._into = self._outer.pop()

    def _alias(self, event: Any) -> None:
        """An aliased value stands where the alias is; what is below it, where the anchor is."""
        node = self._anchors[event.anchor]
        span = self._spanned(event)
        anchored = node if node.mapping is None and node.sequence is None else None
        self._put(Node(span, self._key_span, node.mapping, node.sequence, node.merged, anchored), None)

    def _spanned(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        if self._starts is None:
            return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
        return Span(*_place(start, self._starts), *_place(end, self._starts))
