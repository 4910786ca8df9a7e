"""The values of a YAML stream, built from libyaml's events.

The event stream is three times as fast as PyYAML's ``CSafeLoader`` and is read without recursion, so that depth,
duplicate keys and aliases are judged while reading: nothing hostile is ever built.
"""

from __future__ import annotations

from functools import cached_property
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

from policyengine.documents.document import LINE_BREAK, Refused
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
    line_starts,
    marked,
    place,
)
from policyengine.documents.yaml_skimming import PASSED_OVER, Stretch, documents, stretches
from policyengine.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policyengine.documents.yaml_skimming import Skim

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

MAX_REFUSED = 100
"""How many documents of a stream are refused one by one; what comes after them is not read."""

_ONE = (1, None)
"""The weight of a scalar."""

_OPEN = object()
"""Stands for an anchored value that is still being read."""


class Builder:
    """Builds the values of one stream from its events; ``marks`` tell where each stands."""

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
        self.refused: list[Refused] = []
        self._offset = 0
        self._anchored_at: dict[str, int] = {}

    def build(self, skim: Skim | None = None) -> list[object]:
        """The values of the documents. Raises :class:`DocumentError` where one of them is refused."""
        self._bound_tags()
        for stretch in stretches(self._text, skim):
            self._take(stretch)
        return self._roots

    def build_partly(self, skim: Skim | None) -> list[object]:
        """What :meth:`build` makes of the documents that it takes; None for each that is ``refused``."""
        self._bound_tags()
        for parts in documents(self._text, skim):
            count, events, budget = len(self._roots), len(self.marks.kinds), self._budget
            try:
                for stretch in parts:
                    self._take(stretch)
            except DocumentError as error:
                start, end = parts[0].start, parts[-1].end
                last = len(self.refused) + 1 >= MAX_REFUSED or not _is_well_formed(self._text[start:end])
                end = len(self._text) if last else end
                self._back_to(count, events, budget)
                self._stand_for(None, start, end)
                self.refused.append(Refused(error, self._text[start:end]))
                if last:
                    break
        return self._roots

    def _back_to(self, count: int, events: int, budget: int) -> None:
        """Forget what was made of a document, after so many documents and events."""
        del self._roots[count:]
        self._stack.clear()
        self._into, self._key = self._roots, None
        self.marks.cut(events)
        self._budget = budget

    def _stand_for(self, value: object, start: int, end: int) -> None:
        """Take a value that stands for a document; none of its text is looked at further."""
        self._roots.append(value)
        self.marks.add(SCALAR, start, end)

    def _bound_tags(self) -> None:
        if self._text.count("%TAG") > MAX_TAGS:
            raise DocumentError(f"more than {MAX_TAGS:,} times %TAG", path=self._path)

    def _take(self, stretch: Stretch) -> None:
        """Read a part of the stream, or take what stands for it."""
        self._offset = stretch.start
        part = self._text[stretch.start : stretch.end]
        try:
            if stretch.value is None or not (stretch.value is PASSED_OVER or _is_shallow(part)):
                self._read(CParser(part).get_event)
            else:
                self._skim(part, stretch.value)
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
            before = self._text[: self._offset + mark.index]
            Builder(self._path, before, self._tags)._take(Stretch(self._offset, len(before)))

    def _skim(self, part: str, value: object) -> None:
        """Take the value that stands for a document, which has to be well-formed nonetheless."""
        CParser(part).raw_parse()
        if value is not PASSED_OVER:
            self._stand_for(value, self._offset, self._offset)

    def _read(self, next_event: Callable[[], Any]) -> None:
        offset = self._offset
        kinds, starts, ends = self.marks.kinds.append, self.marks.starts.append, self.marks.ends.append
        for _ in range(max(1, MAX_EVENTS - len(self.marks.kinds))):
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
        line, column = place(event.start_mark.index + self._offset, self._lines)
        return DocumentError(message, path=self._path, line=line, column=column)

    @cached_property
    def _lines(self) -> list[int]:
        return line_starts(self._text)


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


def _is_well_formed(part: str) -> bool:
    """Whether it is YAML."""
    try:
        CParser(part).raw_parse()
    except (yaml.YAMLError, UnicodeEncodeError):
        return False
    return True


def _is_shallow(part: str) -> bool:
    """Whether mappings and sequences in brackets cannot nest too deep in it."""
    return part.count("[") + part.count("{") <= MAX_DEPTH


def _line_and_column(before: str) -> tuple[int, int]:
    """The place after a text."""
    lines = LINE_BREAK.split(before)
    return len(lines), len(lines[-1]) + 1


def _shortened(name: str) -> str:
    return name if len(name) <= 60 else name[:57] + "..."
