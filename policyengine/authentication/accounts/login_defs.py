"""login.defs(5) as shadow-utils read it: lib/getdef.c."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.accounts.cursor import SPACES
from policyengine.authentication.numbers import decimal
from policyengine.model.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.authentication.resolving import Text

_LINE = re.compile(r"[ \t]*([^ \t#][^ \t]*)[ \t]([ \t\"]*)([^\"]*)").match
_NUMBER = re.compile(rf"[{SPACES}]*([+-]?)(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))").fullmatch
_LEAST, _MOST = -(1 << 31), (1 << 31) - 1


class Setting(Struct, frozen=True):
    """One item: its name and its value as they are written, and where the value stands."""

    name: str
    value: str
    where: Location


def settings(text: Text) -> tuple[Setting, ...]:
    """The lines that set something, in their order; names are told apart by capital letters."""
    found: list[Setting] = []
    for number, line in enumerate(text.text.split("\n"), 1):
        read = _LINE(line.partition("\0")[0].rstrip(SPACES))
        if read is not None:
            start, end = read.start(3) + 1, read.end(3) + 1
            found.append(Setting(read[1], read[3], Location(text.where, number, start, number, end)))
    return tuple(found)


def effective(found: Iterable[Setting]) -> Mapping[str, Setting]:
    """The settings that count: of several of a name the last."""
    return {one.name: one for one in found}


def number(value: str) -> int | None:
    """A number in decimal, octal (0...) or hexadecimal (0x...); None for what is none, and the default counts then."""
    found = _NUMBER(value)
    if found is None:
        return None
    digits, base = next((text, base) for text, base in zip(found.groups()[1:], (16, 8, 10), strict=True) if text)
    read = decimal(found[1] + digits) if base == 10 else int(found[1] + digits, base)
    return read if _LEAST <= read <= _MOST else None


def is_yes(value: str) -> bool:
    """Whether a switch is on: only by the word yes."""
    return value.lower() == "yes"
