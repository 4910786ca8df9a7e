"""The lines of passwd, shadow, group and gshadow, and what becomes of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from policyengine.authentication.accounts.cursor import SPACES, Cursor, Malformed
from policyengine.model.location import Location

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policyengine.authentication.resolving import Text

LEGACY = ("+", "-")
"""What a name begins with that is none: it includes or excludes what NIS has. nsswitch.conf(5), "compat"."""

NAME, PASSWORD = 0, 1
"""The fields that all four files begin with."""


class Line(Struct, frozen=True):
    """A line that is neither empty nor a comment: its file, as a report calls it, its number, and its text."""

    file: str
    number: int
    text: str

    def place(self, field: int | None = None) -> Location:
        """Where the whole line stands, or one of its fields."""
        parts = self.text.split(":")
        if field is None or field >= len(parts):
            return Location(self.file, self.number, 1, self.number, len(self.text) + 1)
        start = sum(len(part) + 1 for part in parts[:field]) + 1
        return Location(self.file, self.number, start, self.number, start + len(parts[field]))


class Table(Struct, frozen=True):
    """What a file holds: ``entries`` of the file's own kind, lines about NIS, and lines that programs pass over."""

    entries: tuple[Any, ...] = ()
    legacy: tuple[Line, ...] = ()
    malformed: tuple[Line, ...] = ()


Entry = TypeVar("Entry")


def lines(text: Text) -> Iterator[Line]:
    """The lines that count: glibc skips empty ones, and those that begin with a #, after spaces if any."""
    for number, line in enumerate(text.text.split("\n"), 1):
        counted = line.partition("\0")[0]
        if (begun := counted.lstrip(SPACES)) and not begun.startswith("#"):
            yield Line(text.where, number, counted)


def table(text: Text, parse: Callable[[Line, Cursor], Entry]) -> Table:
    """The lines of a file, each parsed."""
    entries: list[Entry] = []
    legacy: list[Line] = []
    malformed: list[Line] = []
    for line in lines(text):
        begun = line.text.lstrip(SPACES)
        if begun.startswith(LEGACY):
            legacy.append(line)
            continue
        try:
            entries.append(parse(line, Cursor(begun)))
        except Malformed:
            malformed.append(line)
    return Table(tuple(entries), tuple(legacy), tuple(malformed))
