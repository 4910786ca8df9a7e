"""A Dockerfile's lines as BuildKit reads them: directives, continued lines joined, comments and heredocs left out.

https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/parser.go
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.documents.document import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What Go's ``unicode.IsSpace`` holds for space; Python's ``str.isspace`` knows four control characters more."""

BOM = "\ufeff"
_DIRECTIVE = re.compile(r"#[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=(.*)").match
_DIRECTIVES = frozenset({"check", "escape", "syntax"})
_ESCAPES = frozenset({"\\", "`"})


class MalformedError(Exception):
    """Text that Docker would not build. ``offset`` is into the instruction's joined text; of a directive, its line."""

    def __init__(self, message: str, offset: int = 0, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.hint = hint


class Joined(Struct, frozen=True):
    """One instruction's text, its continued lines joined, and where in the file each of its characters stands.

    ``starts`` are the offsets at which a line of the file begins, ``places`` the line and column (1-based) of each.
    """

    text: str
    starts: tuple[int, ...]
    places: tuple[tuple[int, int], ...]

    def span(self, start: int, end: int) -> Span:
        """The span of ``text[start:end]`` in the file."""
        line, column = self._place(start)
        if end <= start:
            return Span(line, column, line, column)
        end_line, end_column = self._place(end - 1)
        return Span(line, column, end_line, end_column + 1)

    def _place(self, offset: int) -> tuple[int, int]:
        index = bisect_right(self.starts, offset) - 1
        line, column = self.places[index]
        return line, column + offset - self.starts[index]


class LineReader:
    """Reads a file's lines instruction by instruction.

    ``directives`` are the parser directives by name; ``escape`` is the escape character, of its directive if any.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self.read = 0
        self.directives = self._directives()
        self.escape = self.directives.get("escape", "\\")

    def instruction(self) -> Joined | None:
        """The next instruction's text, None at the end of the file."""
        while self.read < len(self._lines):
            joined = self._joined()
            if joined is not None:
                return joined
        return None

    def heredoc(self, name: str, *, tabs: bool) -> tuple[str, ...] | None:
        """Read a heredoc's lines, and past the line that ends it; ``tabs`` may precede that. None when none ends it."""
        try:
            at = (self._untabbed if tabs else self._lines).index(name, self.read)
        except ValueError:
            return None
        found = tuple(self._lines[self.read : at])
        self.read = at + 1
        return found

    @cached_property
    def _untabbed(self) -> list[str]:
        return [line.lstrip("\t") for line in self._lines]

    def _directives(self) -> dict[str, str]:
        """The parser directives: comments of the form ``# name=value`` before everything else."""
        found: dict[str, str] = {}
        for number, line in enumerate(self._lines, 1):
            match = _DIRECTIVE(line.removeprefix(BOM).lstrip(SPACE))
            if match is None or match[1].lower() not in _DIRECTIVES or not match[2].strip(SPACE):
                break
            name, value = match[1].lower(), match[2].strip(SPACE)
            if name in found:
                raise MalformedError(f"the {name} directive stands twice", number)
            if name == "escape" and value not in _ESCAPES:
                raise MalformedError("the escape directive takes \\ or `", number)
            found[name] = value
        return found

    def _joined(self) -> Joined | None:
        first = self._lines[self.read]
        text = first.lstrip(SPACE + BOM if self.read == 0 else SPACE)
        places = [(self.read + 1, len(first) - len(text) + 1)]
        self.read += 1
        if text.startswith("#"):
            return None
        text, continued = self._continued(text)
        texts = [text]
        while continued and self.read < len(self._lines):
            line = self._lines[self.read]
            self.read += 1
            # Docker passes over comments and empty lines between continued lines.
            if line.lstrip(SPACE)[:1] in ("", "#"):
                continue
            text, continued = self._continued(line)
            texts.append(text)
            places.append((self.read, 1))
        return _joined(texts, places)

    def _continued(self, line: str) -> tuple[str, bool]:
        """The line without the escape character that continues it, and whether there is one.

        Two of them are an escaped escape character, and continue nothing.
        """
        text = line.rstrip(" \t")
        if text.endswith(self.escape) and not text.endswith(self.escape * 2):
            return text[:-1], True
        return line, False


def _joined(texts: list[str], places: list[tuple[int, int]]) -> Joined | None:
    text = "".join(texts)
    if not text.strip(SPACE):
        return None
    starts = [0]
    for piece in texts[:-1]:
        starts.append(starts[-1] + len(piece))
    return Joined(text, tuple(starts), tuple(places))
