"""sudoers as a document: which files are so named, and what in one is a comment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.documents.document import Comment, Entry, seeming
from policyengine.documents.rules import RulesDocument

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"(?:.*[._-])?sudoers(?:[_-][A-Za-z0-9_-]+)?").fullmatch
_BEGINNING = re.compile(
    r"""(?mx) (?: [ \t]* (?: \# (?!include) [^\n]* )? \r?\n )* [ \t]* (?:
        Defaults (?: [:@>!][^\n]*\S )? [ \t]++ !? [a-z_]++ [ \t]*+ (?: [-+]?= | , | \r?$ )
      | (?: User | Runas | Host | Cmnd | Cmd )_Alias [ \t]+ [A-Z]
      | [@\#]include(?:dir)? [ \t]+ \S*sudoers
      | [%\w+-]+ [ \t]+ ALL [ \t]* = [ \t]* [(A-Z/] )"""
).match
_COMMENT = re.compile(r"[ \t]*#(?!include(?:dir)?[ \t]|-?[0-9])(.*)")


_TRAILED = re.compile(
    r"""(?x) [ \t]*+ (?: \#include(?:dir)?[ \t] )?+
    (?: "(?:\\.|[^"\\])*+" | \\. | [^"\\\#] | \#(?=-?[0-9]) )++ \#(?P<text>.*)
    """
).match
"""A line with a ``#`` that is neither quoted nor escaped, nor a user's number."""


def is_sudoers(name: str, directory: str) -> bool:
    """Whether a file is named as sudoers is, or lies where its parts do, with a name that sudo reads."""
    return _NAME(name) is not None or (directory == "sudoers.d" and "." not in name and not name.endswith("~"))


def looks_like_sudoers(text: str) -> bool:
    """Whether a text begins with a line that only sudoers has."""
    return _BEGINNING(text) is not None


class SudoersDocument(RulesDocument):
    """A sudoers file. Paths into it are those of :class:`RulesDocument`."""

    format = "sudoers"

    def comments(self) -> Iterable[Comment]:
        """The lines that are comments, and what follows a ``#``: neither ``#include`` nor a user by number."""
        for number, line in enumerate(self.lines, 1):
            found = _COMMENT.match(line)
            if found is not None:
                yield Comment(number, found.start(1), found[1], alone=True)
            elif after := _TRAILED(line):
                yield Comment(number, after.start("text"), after["text"], alone=False)

    def seeming_comments(self) -> Iterable[Comment]:
        """What is quoted or escaped."""
        return seeming((number, line) for number, line in enumerate(self.lines, 1) if not _TRAILED(line))

    def entries(self) -> Iterable[Entry]:
        """Every line that is neither blank nor a comment."""
        for number, line in enumerate(self.lines, 1):
            if line.strip() and _COMMENT.match(line) is None:
                yield Entry((0, number), self.span((0, number)))
