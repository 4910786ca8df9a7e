"""Files with one name a line: shells(5), securetty(5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.model.location import Location

if TYPE_CHECKING:
    from policyengine.authentication.resolving import Text

_SHELL = re.compile(r"[^#/]*(/[^# \t\n\v\f\r]*)").match


class Named(Struct, frozen=True):
    """A name and where it stands."""

    name: str
    where: Location


def shells(text: Text) -> tuple[Named, ...]:
    """The shells: of every line what is between its first / and a space or a #, as getusershell(3) reads it."""
    found: list[Named] = []
    for number, line in enumerate(text.text.split("\n"), 1):
        if (read := _SHELL(line)) is not None:
            found.append(Named(read[1], Location(text.where, number, read.start(1) + 1, number, read.end(1) + 1)))
    return tuple(found)


def terminals(text: Text) -> tuple[Named, ...]:
    """The terminals of securetty: every line that is neither empty nor a comment, without /dev/ (pam_securetty(8))."""
    found: list[Named] = []
    for number, line in enumerate(text.text.split("\n"), 1):
        name = line.strip()
        if name and not name.startswith("#"):
            found.append(Named(name.removeprefix("/dev/"), Location(text.where, number, 1, number, len(line) + 1)))
    return tuple(found)
