"""Tokens of sudoers, and where they are written."""

from __future__ import annotations

from msgspec import Struct

from policyengine.model.location import Location

END = ""
NEWLINE = "\n"
WORD = "word"
ALIAS = "alias"
ALL = "ALL"
USERGROUP = "group"
NETGROUP = "netgroup"
ADDRESS = "address"
COMMAND = "command"
VARIABLE = "variable"
DIGEST = "digest"
ERROR = "error"
NO_MATCH = "no match"


class Place(Struct, frozen=True):
    """Where a token is written: the file as reports call it and its path in the root, and the place in it."""

    where: str
    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def location(self) -> Location:
        """The same for reports."""
        return Location(self.where, self.line, self.column, self.end_line, self.end_column)

    def to(self, end: Place) -> Place:
        """From here to the end of another one; one in another file leaves it as it is."""
        if end.file != self.file:
            return self
        return Place(self.where, self.file, self.line, self.column, end.end_line, end.end_column)


class Token(Struct, frozen=True):
    """One token: its kind (a word of the grammar stands for itself), its text, a command's arguments, its place.

    ``arguments`` is None where a command has none. An ``ERROR`` has what is wrong as its text.
    """

    kind: str
    text: str
    place: Place
    arguments: str | None = None
