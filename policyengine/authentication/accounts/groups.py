"""group(5) and gshadow(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.accounts.cursor import members

if TYPE_CHECKING:
    from policyengine.authentication.accounts.cursor import Cursor
    from policyengine.authentication.accounts.lines import Line

GID, MEMBERS = 2, 3
"""The numbers of fields of group, to tell where they stand."""


class Group(Struct, frozen=True):
    """A line of group."""

    line: Line
    name: str
    password: str
    gid: int
    members: tuple[str, ...]


class Gshadow(Struct, frozen=True):
    """A line of gshadow."""

    line: Line
    name: str
    password: str
    administrators: tuple[str, ...]
    members: tuple[str, ...]


def group(line: Line, fields: Cursor) -> Group:
    """A line of group."""
    name, password = fields.text(), fields.text()
    return Group(line, name, password, fields.number(), members(fields.rest))


def gshadow(line: Line, fields: Cursor) -> Gshadow:
    """A line of gshadow."""
    name, password = fields.text(), fields.text()
    return Gshadow(line, name, password, members(fields.text()), members(fields.rest))
