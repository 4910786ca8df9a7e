"""What a shell writes to a command's input: ``echo root:... | chpasswd``, ``chpasswd <<< root:...``, ``<<EOF``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Span = tuple[int, int]

_WORD = re.compile(
    r"""(?x)
      \\"(?:[^"\\\n]|\\(?!"))*+(?:\\")?+ | \\'(?:[^'\\\n]|\\(?!'))*+(?:\\')?+
    | "(?:[^"\\\n]|\\.)*+"?+ | '[^'\n]*+'?+
    | (?: \$\{[^{}\s]*+\} | [^\s"'`;|&()\\] | \\(?!["'\s]). )++
    """
)
_SAYS_NOTHING = re.compile(
    r"""(?x) -[neE]+ | echo | printf | [0-9]*[<>].*
    | ["'\\]*+ (?: \$\{\w+\} | \$[A-Za-z_]\w*+ | %[sb] | \\+[nr] | [:\s] )*+ ["'\\]*+
    """
).fullmatch
"""Options, formats, variables."""
_FORMAT = re.compile(r"""["'\\]*+(?:(?P<user>%[sb])|[\w.-]++):%[sb].*""").fullmatch
_DELIMITER = re.compile(r"""<<-?[ \t]*+\\?["']?(\w++)""").match
_BLANK = re.compile(r"[ \t]*+").match
_FILLED_LINE = re.compile(r"[^\s][^\n]*+")
_LONGEST = 10_000
"""How many characters of a here-document are looked at."""


class Written:
    """What is written by the commands before a pipe, told step by step."""

    def __init__(self) -> None:
        self._from: int | None = None
        self._said: list[Span] = []
        self._piped: list[Span] = []
        self._is_group = False

    def passes(self, step: re.Match[str]) -> None:
        """A step of the text: a word, what ends a command, or what stands between."""
        if step["word"] in ("echo", "printf"):
            self._from = step.end()
        elif step["word"] and step["word"].startswith("<<"):
            self._said.append((step.start(), -1))
        elif step["end"]:
            self._ends(step["end"], step.start())
        elif not step["word"] and ("(" in step[0] or "{ " in step[0]):
            self._is_group = True

    def _ends(self, by: str, at: int) -> None:
        if self._from is not None:
            self._said.append((self._from, at))
            self._from = None
        if by in ("|", "|&"):
            self._piped, self._said, self._is_group = self._said, [], False
        elif by != ")" and not (self._is_group and by in (";", "\n")):
            self._piped, self._said, self._is_group = [], [], False

    def read(self, text: str) -> Iterator[tuple[Span, bool]]:
        """The words that a command reads, and whether a format has put a colon before them; each is told once."""
        for start, end in self._piped:
            yield from ((span, False) for span in _document(text, start)) if end < 0 else _words(text, start, end)
        self._piped = []


def _words(text: str, start: int, end: int) -> Iterator[tuple[Span, bool]]:
    formatted, number = None, 0
    for word in _WORD.finditer(text, start, end):
        if found := _FORMAT(word[0]):
            formatted, number = found, 0
            continue
        number += 1
        is_user = formatted is not None and formatted["user"] is not None and number % 2
        if _SAYS_NOTHING(word[0]) is None and not is_user:
            yield word.span(), formatted is not None


def here(text: str, at: int) -> Iterator[Span]:
    """The word after ``<<<``, or the lines of the document that ``<<EOF`` begins."""
    if not text.startswith("<<<", at):
        yield from _document(text, at)
        return
    blank = _BLANK(text, at + 3)
    word = _WORD.match(text, blank.end()) if blank else None
    if word and _SAYS_NOTHING(word[0]) is None:
        yield word.span()


def _document(text: str, at: int) -> Iterator[Span]:
    named = _DELIMITER(text, at)
    if named is None:
        return
    ends = re.compile(rf"\n[ \t]*+{named[1]}[ \t]*+\r?(?:\n|\Z)")
    begins = text.find("\n", at, at + _LONGEST)
    end = ends.search(text, begins, begins + _LONGEST) if begins >= 0 else None
    if end is not None:
        yield from (line.span() for line in _FILLED_LINE.finditer(text, begins, end.start()))
