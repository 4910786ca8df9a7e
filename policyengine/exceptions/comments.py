"""Ignores in comments: ``# policyengine: ignore[privileged] reason``.

A comment after a value speaks for what is found on its line. One on a line of its own speaks for what begins on the
next line, to its end: for a value, for an object with all that it holds, for a stage of a Dockerfile, for a table of
iptables. One before everything else speaks for the whole file when it is parted from what follows, by an empty line or
by ``---``; and so does ``ignore-file`` wherever it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.exceptions.anchors import anchor, innermost
from policyengine.exceptions.grammar import HINT, ignore
from policyengine.exceptions.marks import Mark
from policyengine.model.location import Location
from policyengine.model.masking import concealed
from policyengine.model.report import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.documents.document import Comment, DocPath, Document, Entry
    from policyengine.exceptions.grammar import Ignore

    Position = tuple[int, int]
    Extent = tuple[Position, Position, str]

WORD = "policyengine:"


def comment_marks(document: Document, problems: list[Problem]) -> Iterator[Mark]:
    """The marks that comments of a document are. What makes no sense is added to ``problems``."""
    comments = tuple(document.comments())
    problems += _misplaced(document, {comment.line for comment in comments})
    ours = [comment for comment in comments if comment.text.strip().startswith(WORD)]
    if ours:
        text = _text(document, ours, frozenset(one.line for one in comments if one.alone))
        yield from (mark for comment in ours if (mark := text.mark(comment, problems)))


def _misplaced(document: Document, commented: set[int]) -> Iterator[Problem]:
    """What was meant as an ignore, and is no comment where it stands."""
    for seeming in document.seeming_comments():
        if seeming.line in commented or not seeming.text.strip().startswith(WORD):
            continue
        why = "this is no comment here, but a part of the value: write it on a line of its own, above"
        yield Problem(why, document.path, seeming.line, seeming.column)


class _Text(Struct, frozen=True):
    """A document, looked at once for all its comments: there may be very many.

    ``starting`` has the outermost entry that begins at a line, ``around`` the innermost one at the lines of comments,
    ``following`` for each line the next one that holds a value; ``parting`` is the last line before all values that is
    empty or ``---``. ``names`` are those of the entries that were asked for.
    """

    document: Document
    starting: Mapping[int, Entry]
    around: Mapping[int, Entry]
    following: Sequence[int]
    parting: int
    names: dict[DocPath, str] = field(default_factory=dict)

    def mark(self, comment: Comment, problems: list[Problem]) -> Mark | None:
        end = comment.column + 1 + len(comment.text)
        place = Location(self.document.path, comment.line, comment.column, comment.line, end)
        try:
            found = ignore(comment.text.strip().removeprefix(WORD))
            start, stop, name = self._extent(found, comment)
        except ValueError as error:
            message = concealed(f"this comment is not understood: {error} ({HINT})")
            problems.append(Problem(message, place.path, place.line, place.column))
            return None
        return Mark("inline", found, place, name, start, stop)

    def _extent(self, found: Ignore, comment: Comment) -> Extent:
        """From where to where a comment speaks, and a name for that. Raises ValueError when there is nothing there."""
        if found.whole:
            return self._everything()
        if not comment.alone:
            return self._line(comment.line)
        line = self.following[comment.line]
        if not line:
            raise ValueError("nothing follows that it could speak of")
        if comment.line < self.parting:
            return self._everything()
        entry = self.starting.get(line)
        if entry is None:
            return self._line(line)
        return (line, 1), (entry.span.end_line, entry.span.end_column), self._name(entry)

    def _everything(self) -> Extent:
        return (1, 1), (len(self.document.lines) + 1, 1), "file"

    def _line(self, line: int) -> Extent:
        around = self.around.get(line)
        return (line, 1), (line + 1, 0), f"line of {self._name(around)}" if around else "line"

    def _name(self, entry: Entry) -> str:
        if entry.path not in self.names:
            self.names[entry.path] = anchor(entry, self.document)
        return self.names[entry.path]


def _text(document: Document, ours: Sequence[Comment], comments: frozenset[int]) -> _Text:
    entries = tuple(document.entries())
    following = _following(document.lines, comments)
    starting = {entry.span.line: entry for entry in reversed(entries)}
    spoken_of = {line for one in ours for line in (one.line, following[one.line]) if line}
    first = entries[0].span.line if entries else 0
    return _Text(document, starting, innermost(spoken_of, entries), following, _parting(document.lines, first))


def _parting(lines: Sequence[str], first: int) -> int:
    """The last line before the first value that is empty or ``---``, 0 where there is none."""
    before = range(first - 1, 0, -1)
    return next((line for line in before if not lines[line - 1].strip() or lines[line - 1].startswith("---")), 0)


def _following(lines: Sequence[str], comments: frozenset[int]) -> list[int]:
    """By line the first one after it that is neither empty nor a comment; 0 where there is none."""
    found = [0] * (len(lines) + 1)
    for number in range(len(lines) - 1, -1, -1):
        text = lines[number].strip()
        holds = text and text != "---" and number + 1 not in comments
        found[number] = number + 1 if holds else found[number + 1]
    return found
