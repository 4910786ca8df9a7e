"""/etc/default/useradd as useradd(8) reads it: src/useradd.c, get_defaults."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.authentication.accounts.login_defs import Setting
from policyengine.model.location import Location

if TYPE_CHECKING:
    from policyengine.authentication.resolving import Text

NAMES = ("CREATE_MAIL_SPOOL", "EXPIRE", "GROUP", "HOME", "INACTIVE", "SHELL", "SKEL")

_LINE = re.compile(rf"({'|'.join(NAMES)})=([^\0]*)").match


def settings(text: Text) -> tuple[Setting, ...]:
    """The lines that set something: a name at the beginning, a = directly after it, and all that follows."""
    found: list[Setting] = []
    for number, line in enumerate(text.text.split("\n"), 1):
        if (read := _LINE(line)) is not None:
            start, end = read.start(2) + 1, read.end(2) + 1
            found.append(Setting(read[1], read[2], Location(text.where, number, start, number, end)))
    return tuple(found)
