"""One line of a configuration while it is read, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.sshd.words import SPACE, Word, arguments, delimited
from policyengine.model.location import Location

if TYPE_CHECKING:
    from policyengine.authentication.sshd.build import Build
    from policyengine.authentication.sshd.system import System


class Problem(Struct, frozen=True):
    """Why sshd refuses a configuration, in its words, and where."""

    message: str
    where: Location


class FatalError(Exception):
    """sshd stops here."""


class BadError(Exception):
    """A line is wrong: sshd reads on, and stops at the end of the file."""


class Source(Struct, frozen=True):
    """A line as it is written: its file, number and text without its indentation and its end."""

    path: str
    number: int
    indent: int
    text: str


class Line:
    """A line's keyword and arguments, which are taken one after the other."""

    def __init__(self, source: Source, build: Build, system: System) -> None:
        self.build = build
        self.system = system
        self._source = source
        self._text = _trimmed(source.text)
        keyword, rest = delimited(self._text)
        if keyword == "":
            keyword, rest = delimited(rest) if rest is not None else (None, None)
        self.keyword = keyword or ""
        self.rest = rest or ""
        self._words: list[Word] = []
        self._at = 0

    @property
    def is_empty(self) -> bool:
        """Whether it is blank or a comment."""
        return not self.keyword or self.keyword.startswith("#")

    def again(self) -> Line:
        """The same line, of which no argument has been taken."""
        same = Line(self._source, self.build, self.system)
        same.divide()
        return same

    def divide(self) -> None:
        """Find its arguments. Raises :class:`BadError` where it has none, or a quote is not closed."""
        if not self.rest:
            raise BadError(f'no argument after keyword "{self.keyword}"')
        found = arguments(self.rest, len(self._text) - len(self.rest))
        if found is None:
            raise BadError("invalid quotes")
        self._words = list(found)

    def next(self) -> str | None:
        """The next argument; None when there is none left."""
        if self._at >= len(self._words):
            return None
        self._at += 1
        return self._words[self._at - 1].text

    def need(self, message: str) -> str:
        """The next argument, which may not be missing or empty."""
        if not (word := self.next()):
            raise FatalError(message)
        return word

    @property
    def left(self) -> int:
        """How many arguments are left."""
        return len(self._words) - self._at

    def peek(self) -> str | None:
        """The next argument, which stays."""
        return self._words[self._at].text if self.left else None

    def consume(self) -> None:
        """Take all that is left."""
        self._at = len(self._words)

    @property
    def whole(self) -> str:
        """All that follows the keyword, as it is written."""
        return self.rest.lstrip(SPACE)

    @property
    def written(self) -> str:
        """The arguments as they are written, without a comment."""
        if not self._words:
            return self.whole
        return self._text[self._words[0].start : self._words[-1].end]

    @property
    def keyword_at(self) -> Location:
        """Where the keyword is written."""
        start = self._text.lower().find(self.keyword.lower())
        return self._span(max(start, 0), max(start, 0) + len(self.keyword))

    @property
    def values_at(self) -> Location:
        """Where the arguments are written; the keyword where there are none."""
        if not self.rest:
            return self.keyword_at
        start = len(self._text) - len(self.rest)
        return self._span(start, self._words[-1].end if self._words else len(self._text))

    def _span(self, start: int, end: int) -> Location:
        source = self._source
        first = source.indent + 1
        return Location(source.path, source.number, first + start, source.number, first + end)


def _trimmed(text: str) -> str:
    """Without the white space at its end; a line's first character stays in any case."""
    return text[:1] + text[1:].rstrip(f"{SPACE}\f")
