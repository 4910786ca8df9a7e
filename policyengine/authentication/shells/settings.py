"""What is set in start-up files of shells."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.model.location import Location

if TYPE_CHECKING:
    from policyengine.authentication.resolving import Text
    from policyengine.model.unknown import Unknown


class Mask(Struct, frozen=True):
    """A umask: three or four octal digits."""

    value: str | Unknown
    where: Location


class Variable(Struct, frozen=True):
    """A variable that is given a value, and what else a shell is told of it: there, or anywhere else in its file."""

    name: str
    value: str | Unknown
    where: Location
    exported: bool = False
    readonly: bool = False


class Run(Struct, frozen=True):
    """A command that may be run. ``replaces``: by exec, the shell ends with it."""

    name: str
    args: tuple[str, ...]
    where: Location
    replaces: bool = False


class Told(Struct, frozen=True):
    """What one file says; ``unread`` says why some of it was not understood."""

    masks: tuple[Mask, ...] = ()
    variables: tuple[Variable, ...] = ()
    commands: tuple[Run, ...] = ()
    unread: Unknown | None = None


def location(file: Text, start: int, end: int) -> Location:
    """The place of a part of a file: columns count characters."""
    starts = _lines(file.text)

    def at(offset: int) -> tuple[int, int]:
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    return Location(file.where, *at(start), *at(end))


@lru_cache(4)
def _lines(text: str) -> list[int]:
    """Where the lines of a text start; asked for again and again of one text."""
    return [0, *(match.end() for match in re.finditer("\n", text))]
