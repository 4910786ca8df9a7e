"""One input file: its text, its values, and where in the text each value stands."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from policyengine.model.location import Location
from policyengine.model.masking import MASK, arguments, concealed
from policyengine.model.source_line import source_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from policyengine.errors import DocumentError
    from policyengine.model.source_line import SourceLine

DocPath = tuple[str | int, ...]
"""From a document's values down to one of them: ``(0, "services", "web", "ports", 1)``.

The first step is the number of the YAML document in the stream, or of the instruction in a Dockerfile."""

MAX_EXCERPT = 4000
"""The longest line, in characters, of which an excerpt is shown."""

LINE_BREAK = re.compile(r"\r\n|\r|\n")
"""What ends a line, as in YAML 1.2."""


class Span(NamedTuple):
    """A stretch of text: 1-based lines and columns, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Comment(NamedTuple):
    """A comment in the text. ``text`` is what follows its ``#``; ``alone`` says that its line has nothing else."""

    line: int
    column: int
    text: str
    alone: bool


class Entry(NamedTuple):
    """A value with all that belongs to it: of a mapping's value its key too, of a stage all its instructions."""

    path: DocPath
    span: Span


class Refused(NamedTuple):
    """A part of a text that is not read, and why."""

    error: DocumentError
    text: str


class Document(ABC):
    """One input file, in the ``format`` yaml, dockerfile, rules, ssh, sshd, sudoers or accounts.

    ``path`` is the path as reports show it, ``values`` what the text says. ``refused`` are the parts of the text that
    are not read, where the others may be without them.
    """

    format: ClassVar[str]
    refused: Sequence[Refused] = ()

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._hidden: list[DocPath] = []
        self._hiding: list[Callable[[], Iterable[DocPath]]] = []
        self._masks: dict[int, set[Span]] = {}
        self._located: dict[DocPath, Location] = {}
        self._excerpts: dict[int, str | None] = {}

    @property
    @abstractmethod
    def values(self) -> list[object]:
        """The document's values; a :data:`DocPath` starts with an index into them."""

    @abstractmethod
    def span(self, path: DocPath) -> Span:
        """The span of the value at ``path``; of the nearest value around it when there is none."""

    @abstractmethod
    def scalar_spans(self, path: DocPath) -> Iterable[Span]:
        """The spans of every scalar at or below ``path``; of ``NAME=value`` items the value only."""

    def comments(self) -> Iterable[Comment]:
        """The comments, in the order of the text. What only looks like one inside a value is none."""
        return ()

    def seeming_comments(self) -> Iterable[Comment]:
        """What looks like a comment after a value and is a part of it, where not all that looks so is one."""
        return ()

    def entries(self) -> Iterable[Entry]:
        """What a comment above it can speak of, in the order of the text, the outer before the inner."""
        return ()

    @cached_property
    def lines(self) -> list[str]:
        """The text's lines, without their ends."""
        return LINE_BREAK.split(self.text) if "\r" in self.text else self.text.split("\n")

    def locate(self, path: DocPath) -> Location:
        """The location of the value at ``path``; of the nearest value around it when there is none."""
        found = self._located.get(path)
        if found is None:
            span = self.span(path)
            found = Location(self.path, span.line, span.column, span.end_line, span.end_column)
            self._located[path] = found
        return found

    def written_in(self, path: DocPath) -> tuple[str, DocPath]:
        """The file that the value at ``path`` is, or would be, written in, and its place there."""
        return self.path, path

    def hide(self, path: DocPath) -> None:
        """Mark every value at or below ``path`` as sensitive: excerpts mask it."""
        self._hidden.append(path)
        self._excerpts.clear()

    def hide_found(self, find: Callable[[], Iterable[DocPath]]) -> None:
        """Mark what ``find`` finds as sensitive. It is asked before the first excerpt, so never where none is shown."""
        self._hiding.append(find)
        self._excerpts.clear()

    def excerpt(self, line: int) -> str | None:
        """A line of the text, 1-based, with every sensitive value masked, and what shows by its form to be a secret.

        None for one that is too long to be read by people: all of a file may stand on it, and all its findings.
        """
        if line not in self._excerpts:
            self._excerpts[line] = self._excerpt(line)
        return self._excerpts[line]

    def _excerpt(self, line: int) -> str | None:
        if not 1 <= line <= len(self.lines) or len(self.lines[line - 1]) > MAX_EXCERPT:
            return None
        self._find_hidden()
        text = self.lines[line - 1]
        hidden = [_hidden(text, line, span) for span in self._masks.get(line, ())]
        for start, end in _joined([*hidden, *self._arguments.get(line, ())]):
            text = text[:start] + MASK + text[end:]
        return concealed(text)

    @cached_property
    def _arguments(self) -> dict[int, list[tuple[int, int]]]:
        """Where commands are given secrets, by line: a command may go on for several lines, or be a list of words."""
        found: dict[int, list[tuple[int, int]]] = {}
        starts = [0, *accumulate(len(line) + 1 for line in self.lines)]
        for start, end in arguments("\n".join(self.lines)):
            line = bisect_right(starts, start)
            at = starts[line - 1]
            found.setdefault(line, []).append((start - at, min(end - at, len(self.lines[line - 1]))))
        return found

    def excerpt_at(self, location: Location) -> SourceLine | None:
        """The line where a location in this file starts, as :meth:`excerpt` has it; None for what has no line."""
        shown = None if location.line is None else self.excerpt(location.line)
        return None if shown is None else source_line(self.lines[(location.line or 1) - 1], shown, location)

    def _find_hidden(self) -> None:
        """Look up, once, the spans of what was hidden since the last excerpt: readers hide as they go along."""
        while self._hiding:
            self._hidden.extend(self._hiding.pop()())
        found = {span for path in self._hidden for span in self.scalar_spans(path)}
        self._hidden.clear()
        for span in found:
            for line in range(span.line, span.end_line + 1):
                self._masks.setdefault(line, set()).add(span)


_HASH = re.compile(r"(?<=[ \t])#")


def seeming(lines: Iterable[tuple[int, str]]) -> Iterator[Comment]:
    """What stands in numbered lines after a blank and a ``#`` that no quote is open before."""
    for number, line in lines:
        for found in _HASH.finditer(line):
            before = line[: found.start()]
            if before.strip() and not (before.count('"') % 2 or before.count("'") % 2):
                yield Comment(number, found.end(), line[found.end() :], alone=False)


def _hidden(text: str, line: int, span: Span) -> tuple[int, int]:
    """Where a span begins and ends in one of its lines."""
    start = span.column - 1 if line == span.line else len(text) - len(text.lstrip())
    return start, span.end_column - 1 if line == span.end_line else len(text)


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans without those that are empty, the last first; those that overlap are one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found[::-1]
