"""Variables in instructions, as BuildKit substitutes them.

https://docs.docker.com/reference/dockerfile/#environment-replacement
https://github.com/moby/buildkit/blob/master/frontend/dockerfile/shell/lex.go
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.inputs.dockerfile.patterns import PatternError, replaced, trimmed
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_DEPTH = 20
"""How deep ``${A:-${B:-...}}`` may nest."""

MAX_SUBSTITUTED = 4 * 1024 * 1024
"""How many characters variables may stand for in one file, all together."""


class Unset(Struct, frozen=True):
    """A variable that has no value unless the build is given one: ``ARG NAME``.

    A default in the text (``${NAME:-x}``) holds; the bare variable is ``unknown``.
    """

    unknown: Unknown


Variable = str | Unset | Unknown | None
"""A variable's value; None where no build can set it."""


class Expander:
    """Substitutes variables in one file's instructions; ``escape`` is the file's escape character."""

    def __init__(self, escape: str) -> None:
        mark = re.escape(escape)
        self.escape = escape
        self.plain = re.compile(rf"[^$'\"}}/{mark}]+").match
        self.plain_quoted = re.compile(rf"[^$\"{mark}]+").match
        self._special = re.compile(rf"[$'\"{mark}]").search
        self._left = MAX_SUBSTITUTED

    def expand(self, word: str, lookup: Callable[[str], Variable]) -> str | Unknown:
        """``word`` without quotes and escapes, its variables replaced; Unknown where one that counts is unknown."""
        if self._special(word) is None:
            return word
        try:
            return _Expansion(word, self, lookup).expanded()
        except (_MalformedError, PatternError) as error:
            return Unknown("substitution", str(error))

    def spend(self, value: Variable) -> None:
        """Count a value that a variable stands for, before it is copied: doubled often enough it fills any memory."""
        self._left -= len(value) if isinstance(value, str) else 0
        if self._left < 0:
            raise _MalformedError(f"the file's variables stand for more than {MAX_SUBSTITUTED:,} characters")


class _MalformedError(Exception):
    """A substitution that Docker refuses, or that is not evaluated here."""


_NAME = re.compile(r"[^\W\d]\w*|\d+|[@*#?$!-]").match
_MODIFIER = re.compile(r":?[-+?]|##?|%%?|//?").match


class _Expansion:
    """The expansion of one word."""

    def __init__(self, text: str, expander: Expander, lookup: Callable[[str], Variable]) -> None:
        self._text = text
        self._expander = expander
        self._lookup = lookup
        self._at = 0
        self._depth = 0
        self._raw = False

    def expanded(self) -> str | Unknown:
        return self._until("")

    def _until(self, stop: str) -> str | Unknown:
        """The expansion up to ``stop``, and past it; up to the end for an empty one."""
        pieces: list[str | Unknown] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == stop:
                self._at += 1
                return _joined(pieces)
            pieces.append(self._piece(char))
        if stop:
            raise _MalformedError("a substitution is not closed")
        return _joined(pieces)

    def _piece(self, char: str) -> str | Unknown:
        if char == "$":
            return self._dollar()
        if char == "'":
            return self._single_quoted()
        if char == '"':
            return self._double_quoted()
        if char == self._expander.escape:
            self._at += 2
            return (char if self._raw else "") + self._text[self._at - 1 : self._at]
        match = self._expander.plain(self._text, self._at)
        self._at = match.end() if match else self._at + 1
        return match[0] if match else char

    def _single_quoted(self) -> str:
        end = self._text.find("'", self._at + 1)
        if end < 0:
            raise _MalformedError("a quote is not closed")
        quoted = self._text[self._at + 1 : end]
        self._at = end + 1
        return quoted

    def _double_quoted(self) -> str | Unknown:
        self._at += 1
        pieces: list[str | Unknown] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == '"':
                self._at += 1
                return _joined(pieces)
            pieces.append(self._quoted_piece(char))
        raise _MalformedError("a quote is not closed")

    def _quoted_piece(self, char: str) -> str | Unknown:
        if char == "$":
            return self._dollar()
        match = self._expander.plain_quoted(self._text, self._at)
        if match is not None:
            self._at = match.end()
            return match[0]
        # An escape character; within quotes it escapes only these, and stands for nothing at the end.
        escaped = self._text[self._at + 1 : self._at + 2]
        self._at += 2 if escaped and escaped in ('"', "$", self._expander.escape) else 1
        return (char if self._raw else "") + self._text[self._at - 1] if escaped else ""

    def _dollar(self) -> str | Unknown:
        self._at += 1
        if self._text[self._at : self._at + 1] == "{":
            return self._braced()
        name = self._name()
        return _plain_value(self._value(name)) if name else "$"

    def _name(self) -> str:
        match = _NAME(self._text, self._at)
        if match is None:
            return ""
        self._at = match.end()
        return match[0]

    def _value(self, name: str) -> Variable:
        """A variable's value. A shell's special parameters have none in a build."""
        value = self._lookup(name) if name[0] == "_" or name[0].isalpha() else None
        self._expander.spend(value)
        return value

    def _braced(self) -> str | Unknown:
        self._at += 1
        name = self._name()
        if not name:
            raise _MalformedError("a substitution lacks its name")
        value = self._value(name)
        if self._text[self._at : self._at + 1] == "}":
            self._at += 1
            return _plain_value(value)
        modifier = _MODIFIER(self._text, self._at)
        if self._at == len(self._text):
            raise _MalformedError("a substitution is not closed")
        if modifier is None:
            raise _MalformedError("a substitution has a modifier that there is not")
        self._at = modifier.end()
        if modifier[0][-1] in "-+?":
            return _modified(value, modifier[0], self._word("}"))
        if modifier[0][0] == "/":
            pattern = self._word("/", raw=True)
            return _replaced(value, modifier[0], pattern, self._word("}", raw=True))
        return _trimmed(value, modifier[0], self._word("}", raw=True))

    def _word(self, stop: str, *, raw: bool = False) -> str | Unknown:
        """A modifier's word, up to ``stop``; a pattern is ``raw``: its escape characters stay."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _MalformedError(f"substitutions nest more than {MAX_DEPTH} deep")
        before, self._raw = self._raw, raw
        word = self._until(stop)
        self._depth -= 1
        self._raw = before
        return word


def _joined(pieces: Iterable[str | Unknown]) -> str | Unknown:
    texts = []
    for piece in pieces:
        if isinstance(piece, Unknown):
            return piece
        texts.append(piece)
    return "".join(texts)


def _plain_value(value: Variable) -> str | Unknown:
    if isinstance(value, Unset):
        return value.unknown
    return "" if value is None else value


def _modified(value: Variable, modifier: str, word: str | Unknown) -> str | Unknown:
    """The value of ``${NAME:-word}`` and its like; with the colon an empty value counts as none."""
    if isinstance(value, Unknown):
        return value
    missing = value is None or isinstance(value, Unset) or (modifier[0] == ":" and value == "")
    if modifier[-1] == "-":
        return word if missing else _plain_value(value)
    if modifier[-1] == "+":
        return "" if missing else word
    if missing:
        raise _MalformedError("a variable that must have a value has none")
    return _plain_value(value)


def _trimmed(value: Variable, modifier: str, pattern: str | Unknown) -> str | Unknown:
    """``${NAME#pattern}`` without the shortest match at the beginning, ``##`` the longest, ``%`` at the end."""
    text = _plain_value(value)
    if isinstance(text, Unknown) or isinstance(pattern, Unknown):
        return text if isinstance(text, Unknown) else pattern
    return trimmed(text, pattern, end=modifier[0] == "%", longest=len(modifier) == 2)


def _replaced(value: Variable, modifier: str, pattern: str | Unknown, by: str | Unknown) -> str | Unknown:
    """``${NAME/pattern/word}``: the first match replaced, with ``//`` all of them."""
    text = _plain_value(value)
    unknown = next((part for part in (text, pattern, by) if isinstance(part, Unknown)), None)
    return unknown or replaced(str(text), str(pattern), str(by), every=modifier == "//")
