"""YAML and JSON: values and positions from libyaml's events.

The event stream is three times as fast as PyYAML's ``CSafeLoader`` and is read without recursion, so that depth,
duplicate keys and aliases are judged while reading: nothing hostile is ever built.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml
from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from policyengine.documents.document import LINE_BREAK, Comment, DocPath, Document, Entry, Span
from policyengine.documents.scalars import resolve
from policyengine.documents.yaml_positions import (
    ALIAS,
    END,
    MAPPING,
    MERGE,
    OTHER,
    SCALAR,
    SEQUENCE,
    Marks,
    Positions,
    line_starts,
    marked,
)
from policyengine.documents.yaml_skimming import PASSED_OVER, stretches
from policyengine.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from policyengine.documents.yaml_positions import Node
    from policyengine.documents.yaml_skimming import Skim

_SURROGATES = re.compile(r"(?<!\\)(\\++)u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})").sub

_COMMENT = re.compile(r"(?:^|(?<=[ \t]))(#)").finditer

MAX_DEPTH = 200
"""How deep mappings and sequences may nest; real files stay below 50."""

MAX_EVENTS = 4_000_000
"""How many values and ends of values a file may hold: about as many as a manifest of the largest size does.

A file of nothing but commas would hold ten times as many, and take memory and minutes accordingly.
"""

MAX_TAGS = 1000
"""How often ``%TAG`` may stand in a file: libyaml compares each such directive with all others."""

MAX_EXPANDED = 200_000
"""How many values aliases may stand for, all together, counted as if they were written out."""

_ONE = (1, None)
"""The weight of a scalar."""

_OPEN = object()
"""Stands for an anchored value that is still being read."""


class YamlDocument(Document):
    """A YAML or JSON file. ``values`` holds one value for each document of the stream.

    Mapping keys are strings as written. For documents that ``skim`` has a value for, that value stands, and nothing of
    them is read. Raises :class:`DocumentError` at once when the text is malformed.
    """

    format = "yaml"

    def __init__(
        self,
        path: str,
        text: str,
        tags: Mapping[str, Callable[[object], object]] | None = None,
        skim: Skim | None = None,
    ) -> None:
        super().__init__(path, _json_as_yaml(text) if _is_json(path, text) else text)
        builder = _Builder(path, self.text, tags or {})
        self._values = builder.build(skim)
        self._positions = Positions(self.text, builder.marks)
        self._known: dict[DocPath, Node | None] = {}
        self._heads: dict[Node, Span] = {}

    @property
    def values(self) -> list[object]:
        """One value for each document of the stream."""
        return self._values

    def span(self, path: DocPath) -> Span:
        """The span of the value at ``path``; of the nearest key or item around it when there is none."""
        if not path or not isinstance(path[0], int) or path[0] >= len(self._nodes):
            return Span(1, 1, 1, 1)
        node = self._node(path)
        if node is not None:
            return node.shown
        while node is None:
            path = path[:-1]
            node = self._node(path)
        # Of much that is missing in one place each is looked for.
        found = self._heads.get(node)
        if found is None:
            found = self._heads[node] = node.head
        return found

    def _node(self, path: DocPath) -> Node | None:
        """The node at a path that begins with a document of the stream. Many that are asked for begin alike."""
        if path not in self._known:
            above = self._node(path[:-1]) if len(path) > 1 else None
            self._known[path] = (
                above.child(path[-1]) if above else self._nodes[int(path[0])] if len(path) == 1 else None
            )
        return self._known[path]

    def key_span(self, path: DocPath) -> Span:
        """The span of the key at ``path``; of the value where there is no key."""
        node = self._nodes[int(path[0])]
        for step in path[1:]:
            below = node.child(step)
            if below is None:
                return node.head
            node = below
        return node.head

    def scalar_spans(self, path: DocPath) -> Iterable[Span]:
        """The spans of every scalar at or below ``path``; of ``NAME=value`` items the value only."""
        if not path or not isinstance(path[0], int) or path[0] >= len(self._nodes):
            return
        node = self._node(path)
        if node is not None:
            yield from node.scalars(self.lines)

    def comments(self) -> Iterator[Comment]:
        """The comments (YAML 1.2, 6.6): # at the start of a line or after white space, outside of scalars."""
        starts = line_starts(self.text)
        for number, line in enumerate(self.lines if "#" in self.text else (), 1):
            for found in _COMMENT(line):
                if not self._positions.holds(starts[number - 1] + found.start(1)):
                    column = found.start(1) + 1
                    yield Comment(number, column, line[column:], alone=not line[: column - 1].strip())
                    break

    def entries(self) -> Iterator[Entry]:
        """The documents, the values of mappings and the items of sequences."""
        waiting: list[tuple[DocPath, Node]] = []
        waiting.extend(((number,), node) for number, node in reversed(list(enumerate(self._nodes))))
        while waiting:
            path, node = waiting.pop()
            yield Entry(path, node.whole)
            waiting.extend(((*path, step), below) for step, below in reversed(list(node.own)))

    @property
    def _nodes(self) -> list[Node]:
        return self._positions.roots


class _Builder:
    """Builds the values of one stream from its events."""

    def __init__(self, path: str, text: str, tags: Mapping[str, Callable[[object], object]]) -> None:
        self._path = path
        self._text = text
        self._tags = tags
        self._roots: list[object] = []
        self._stack: list[tuple[object, object, str | None, object]] = []
        self._into: Any = self._roots
        self._key: object = None
        self._anchors: dict[str, object] = {}
        self._weights: dict[int, tuple[int, object]] = {}
        self._budget = MAX_EXPANDED
        self.marks = Marks()
        self._offset = 0
        self._anchored_at: dict[str, int] = {}

    def build(self, skim: Skim | None = None) -> list[object]:
        if self._text.count("%TAG") > MAX_TAGS:
            raise DocumentError(f"more than {MAX_TAGS:,} times %TAG", path=self._path)
        try:
            for stretch in stretches(self._text, skim):
                self._offset = stretch.start
                part = self._text if skim is None else self._text[stretch.start : stretch.end]
                if stretch.value is None or not (stretch.value is PASSED_OVER or _is_shallow(part)):
                    self._read(CParser(part).get_event)
                else:
                    self._skim(part, stretch.value)
            return self._roots
        except yaml.YAMLError as error:
            self._look_for_depth(error)
            raise _document_error(self._path, self._text, error, self._offset) from None
        except UnicodeEncodeError as error:
            line, column = _line_and_column(self._text[: self._offset + error.start])
            raise DocumentError("half of a surrogate pair", path=self._path, line=line, column=column) from None

    def _look_for_depth(self, error: yaml.YAMLError) -> None:
        """Raise the error about depth where libyaml, which looks ahead, came upon a limit of its own before ours."""
        mark: Any = getattr(error, "problem_mark", None)
        if mark is not None and "nesting depth" in str(getattr(error, "problem", "")):
            _Builder(self._path, self._text[: self._offset + mark.index], self._tags).build()

    def _skim(self, part: str, value: object) -> None:
        """Take the value that stands for a document, which has to be well-formed nonetheless."""
        CParser(part).raw_parse()
        if value is PASSED_OVER:
            return
        self._roots.append(value)
        self.marks.kinds.append(SCALAR)
        self.marks.starts.append(self._offset)
        self.marks.ends.append(self._offset)

    def _read(self, next_event: Callable[[], Any]) -> None:
        offset = self._offset
        kinds, starts, ends = self.marks.kinds.append, self.marks.starts.append, self.marks.ends.append
        for _ in range(MAX_EVENTS):
            event = next_event()
            kind = event.__class__
            starts(event.start_mark.index + offset)
            ends(event.end_mark.index + offset)
            if kind is ScalarEvent:
                kinds(SCALAR)
                self._scalar(event)
            elif kind is MappingStartEvent:
                kinds(MAPPING)
                self._open({}, event)
            elif kind is SequenceStartEvent:
                kinds(SEQUENCE)
                self._open([], event)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                kinds(END)
                self._close(event)
            elif kind is AliasEvent:
                kinds(ALIAS)
                self._alias(event)
            else:
                kinds(OTHER)
                if kind is StreamEndEvent:
                    return
                if kind is DocumentStartEvent:
                    self._anchors.clear()
        raise self._error(event, f"more than {MAX_EVENTS:,} values")

    def _scalar(self, event: Any) -> None:
        if self._key is None and self._into.__class__ is dict:
            self._take_key(event)
            return
        value: object = event.value
        if event.implicit[0]:
            value = resolve(event.value)
        elif event.tag is not None:
            value = self._tagged(event.tag, event.value, event)
        if event.anchor is not None:
            self._anchor(event.anchor, value)
        self._put(value)

    def _take_key(self, event: Any) -> None:
        # Only a plain << merges (https://yaml.org/type/merge.html); in quotes it is a key like any other.
        key = MERGE if event.value == "<<" and event.implicit[0] else event.value
        if key in self._into:
            raise self._error(event, f'duplicate key "{_shortened(event.value)}"')
        if event.anchor is not None:
            self._anchor(event.anchor, key)
        self._key = self.marks.keys[len(self.marks.kinds) - 1] = key

    def _anchor(self, name: str, value: object) -> None:
        self._anchors[name] = value
        self._anchored_at[name] = len(self.marks.kinds) - 1

    def _put(self, value: object) -> None:
        if self._into.__class__ is dict:
            self._into[self._key] = value
            self._key = None
        else:
            self._into.append(value)

    def _open(self, value: object, event: Any) -> None:
        if self._key is None and self._into.__class__ is dict:
            raise self._error(event, "a mapping or a sequence cannot be a key")
        if len(self._stack) >= MAX_DEPTH:
            raise self._error(event, f"nested more than {MAX_DEPTH} deep")
        self._put_open(value)
        anchor = event.anchor
        if anchor is not None:
            self._anchor(anchor, _OPEN)
        self._stack.append((self._into, self._key, anchor, event.tag))
        self._into = value
        self._key = None

    def _put_open(self, value: object) -> None:
        if self._into.__class__ is dict:
            self._into[self._key] = value
        else:
            self._into.append(value)

    def _close(self, event: Any) -> None:
        value = self._into
        if value.__class__ is dict and MERGE in value:
            self._merge(value, event)
        self._into, key, anchor, tag = self._stack.pop()
        if isinstance(tag, str):
            tagged = self._tagged(tag, value, event)
            if tagged is not value:
                self._replace(key, tagged)
                value = tagged
        self._key = None
        if anchor is not None:
            self._anchors[anchor] = value
            self._weights[id(value)] = (self._weigh(value), value)  # the value is kept, so that its id stays its own

    def _replace(self, key: object, value: object) -> None:
        if isinstance(self._into, dict):
            self._into[key] = value
        elif isinstance(self._into, list):
            self._into[-1] = value

    def _merge(self, mapping: dict[str, object], event: Any) -> None:
        merged = mapping.pop(MERGE)
        for source in merged if isinstance(merged, list) else [merged]:
            if source is None:
                continue
            if not isinstance(source, dict):
                raise self._error(event, "a merge key (<<) takes a mapping or a list of mappings")
            for key, value in source.items():
                mapping.setdefault(key, value)

    def _alias(self, event: Any) -> None:
        if self._key is None and self._into.__class__ is dict:
            raise self._error(event, "an alias cannot be a key")
        if event.anchor not in self._anchors:  # not told by its name: a password may begin with *
            raise self._error(event, "there is no anchor of this name before this alias")
        value = self._anchors[event.anchor]
        if value is _OPEN:
            raise self._error(event, "the anchor that this alias names contains it")
        self._budget -= self._weights.get(id(value), _ONE)[0]
        if self._budget < 0:
            raise self._error(event, f"aliases stand for more than {MAX_EXPANDED:,} values")
        self.marks.aliases[len(self.marks.kinds) - 1] = self._anchored_at[event.anchor]
        self._put(value)

    def _weigh(self, value: object) -> int:
        """How many values an anchored value stands for, its own aliases written out."""
        weight, waiting = 0, [value]
        while waiting and weight <= MAX_EXPANDED:
            item = waiting.pop()
            known = self._weights.get(id(item))
            weight += known[0] if known else 1
            if known is None and isinstance(item, dict):
                waiting.extend(item.values())
            elif known is None and isinstance(item, list):
                waiting.extend(item)
        return weight

    def _tagged(self, tag: str, value: object, event: Any) -> object:
        if tag in self._tags:
            try:
                return self._tags[tag](value)
            except ValueError as error:
                raise self._error(event, str(error)) from None
        if isinstance(value, str) and tag in _CORE_TAGS:
            return resolve(value)
        return value

    def _error(self, event: Any, message: str) -> DocumentError:
        line, column = marked(self._text, event.start_mark, self._offset)
        return DocumentError(message, path=self._path, line=line, column=column)


_CORE_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null"))


_NESTED = "exceeded maximum nesting depth"
"""What libyaml says from 0.2.6 on; brackets in one line reach its limit before ours is asked."""


def _document_error(path: str, text: str, error: yaml.YAMLError, offset: int) -> DocumentError:
    """A libyaml error without the snippet of the text that it carries: the text may hold a secret.

    ``offset`` is where in the text libyaml began.
    """
    mark: Any = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "malformed YAML"
    if mark is not None:
        line, column = marked(text, mark, offset)
        if problem == _NESTED:
            return DocumentError(f"nested more than {MAX_DEPTH} deep", path=path, line=line, column=column)
        return DocumentError(f"malformed YAML: {problem}", path=path, line=line, column=column)
    position = getattr(error, "position", None)
    if isinstance(position, int):  # in bytes
        before = text[:offset] + text[offset:].encode()[:position].decode(errors="ignore")
        line, column = _line_and_column(before)
        return DocumentError(f"malformed YAML: {problem}", path=path, line=line, column=column)
    return DocumentError(f"malformed YAML: {problem}", path=path)


def _is_shallow(part: str) -> bool:
    """Whether mappings and sequences in brackets cannot nest too deep in it."""
    return part.count("[") + part.count("{") <= MAX_DEPTH


def _line_and_column(before: str) -> tuple[int, int]:
    """The place after a text."""
    lines = LINE_BREAK.split(before)
    return len(lines), len(lines[-1]) + 1


def _is_json(path: str, text: str) -> bool:
    """By its name or, since standard input has none, by how it starts."""
    return path.endswith(".json") or text.lstrip()[:1] in ("{", "[")


def _json_as_yaml(text: str) -> str:
    """JSON as libyaml reads it: without tabs between tokens, and without UTF-16 pairs in escapes (RFC 8259, 7)."""
    return _SURROGATES(_character, text.replace("\t", " "))


def _character(pair: re.Match[str]) -> str:
    if len(pair[1]) % 2 == 0:
        return pair[0]  # the backslash before the u is itself escaped
    high, low = int(pair[2], 16), int(pair[3], 16)
    return f"{pair[1]}U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"


def _shortened(name: str) -> str:
    return name if len(name) <= 60 else name[:57] + "..."
