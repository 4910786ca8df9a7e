"""Variables that the service of sshd is started with: what the files say that its unit names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.resolving import Text, text
from policyengine.model.location import Location
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.files import Root

FILES = ("/etc/sysconfig/sshd", "/etc/default/ssh")
"""``EnvironmentFile=`` of the units of Red Hat and SUSE, and of Debian."""

_ASSIGNMENT = re.compile(
    r"""^[ \t]*(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*
    (?P<value>(?:"(?:[^"\\]|\\[\s\S])*"|'[^']*'|\\[\s\S]|[^\n"'\\])*)""",
    re.MULTILINE | re.VERBOSE,
)
_PIECE = re.compile(r"""(?P<double>"(?:[^"\\]|\\[\s\S])*")|'(?P<single>[^']*)'|\\(?P<escaped>[\s\S])|(?P<bare>.)""")
_IN_QUOTES = re.compile(r'\\([\\"$`\n])')


class Variable(Struct, frozen=True):
    """A variable's value, and where it is given."""

    value: str
    where: Location


def environment(root: Root) -> dict[str, Variable] | Unknown:
    """The variables of the files that are there, the last assignment of each, as systemd.exec(5) reads them.

    A value may be in quotes, or in parts; a backslash at the end of a line continues it. A line that begins with ``#``
    or ``;`` is a comment.
    """
    found: dict[str, Variable] = {}
    for path in FILES:
        read = text(root, path)
        if isinstance(read, Unknown):
            return read
        if read is not None:
            found |= _assigned(read)
    return found


def _assigned(read: Text) -> dict[str, Variable]:
    found: dict[str, Variable] = {}
    for one in _ASSIGNMENT.finditer(read.text):
        line = read.text.count("\n", 0, one.start("name")) + 1
        column = one.start("name") - read.text.rfind("\n", 0, one.start("name"))
        where = Location(read.where, line, column, line, column + len(one["name"]))
        found[one["name"]] = Variable(_value(one["value"]), where)
    return found


def _value(written: str) -> str:
    """A value without its quotes and escapes, and the white space at its end."""
    pieces = list(_PIECE.finditer(written.rstrip()))
    return "".join(map(_piece, pieces))


def _piece(one: re.Match[str]) -> str:
    if one["double"] is not None:
        return _IN_QUOTES.sub(lambda found: found[1].strip("\n"), one["double"][1:-1])
    if one["escaped"] is not None:
        return one["escaped"].strip("\n")
    return one["single"] if one["single"] is not None else one["bare"]
