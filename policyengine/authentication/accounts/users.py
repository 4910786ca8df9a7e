"""passwd(5) and shadow(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from policyengine.authentication.accounts.cursor import Cursor
    from policyengine.authentication.accounts.lines import Line

UID, GID, HOME, SHELL = 2, 3, 5, 6
CHANGED, LEAST, MOST, WARNED, INACTIVE, EXPIRES = range(2, 8)
"""The numbers of fields, to tell where they stand."""

_SIGN = 1 << 31


class User(Struct, frozen=True):
    """A line of passwd. An empty ``shell`` is as the line has it; programs take /bin/sh then."""

    line: Line
    name: str
    password: str
    uid: int
    gid: int
    home: str
    shell: str


class Shadow(Struct, frozen=True):
    """A line of shadow. None stands for an empty field and for -1, which is taken for one."""

    line: Line
    name: str
    password: str
    changed: int | None = None
    least: int | None = None
    most: int | None = None
    warned: int | None = None
    inactive: int | None = None
    expires: int | None = None


def user(line: Line, fields: Cursor) -> User:
    """A line of passwd; its shell is all that is left of it."""
    name, password = fields.text(), fields.text()
    uid, gid = fields.number(), fields.number()
    fields.text()
    return User(line, name, password, uid, gid, fields.text(), fields.rest)


def shadow(line: Line, fields: Cursor) -> Shadow:
    """A line of shadow. One that ends after the days of change is of the old form."""
    name, password = fields.text(), fields.text()
    days = [_days(fields.optional()) for _ in range(3)]
    fields.skip_spaces()
    if fields.rest:
        days += [_days(fields.optional()) for _ in range(3)]
        if fields.rest:
            fields.optional(last=True)
    return Shadow(line, name, password, *days)


def _days(value: int | None) -> int | None:
    """A number as a C int."""
    if value is None:
        return None
    signed = value if value < _SIGN else value - (1 << 32)
    return None if signed == -1 else signed
