"""The names of users and groups by their numbers, and users' homes: passwd(5), group(5).

A line without its fields, or with a number that is none, is passed over as getpwent(3) does.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.numbers import decimal
from policyengine.authentication.resolving import text
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.authentication.files import Root

MOST_HOMES = 512
"""In how many homes files are looked for: each is a question to whoever has them."""

_USER_FIELDS, _GROUP_FIELDS = 7, 4


class User(Struct, frozen=True):
    """A user of /etc/passwd."""

    name: str
    uid: int
    home: str


def users(root: Root) -> tuple[User, ...] | Unknown:
    """The users in the order of the file; none where there is no file."""
    lines = _fields(root, "/etc/passwd", _USER_FIELDS)
    if isinstance(lines, Unknown):
        return lines
    return tuple(User(one[0], decimal(one[2]), one[5]) for one in lines)


def homes(named: Iterable[User]) -> Mapping[str, User] | Unknown:
    """Each home once: root's is root's, whoever else has it. / is nobody's own. Unknown where there are too many."""
    found: dict[str, User] = {}
    for user in sorted(named, key=lambda user: user.uid != 0):
        home = posixpath.normpath(user.home)
        if home.startswith("/") and home.strip("/"):
            found.setdefault(home, user)
    if len(found) > MOST_HOMES:
        return Unknown("/etc/passwd", f"there are {len(found)} homes, and files are looked for in {MOST_HOMES} at most")
    return found


def groups(root: Root) -> Mapping[int, str] | Unknown:
    """The names of groups: of two with one number the first, as getgrgid(3) tells it."""
    lines = _fields(root, "/etc/group", _GROUP_FIELDS)
    return lines if isinstance(lines, Unknown) else {decimal(one[2]): one[0] for one in reversed(lines)}


def by_number(found: tuple[User, ...] | Unknown) -> Mapping[int, str] | Unknown:
    """The names of users: of two with one number the first, as getpwuid(3) tells it."""
    return found if isinstance(found, Unknown) else {user.uid: user.name for user in reversed(found)}


def called(number: int, names: Mapping[int, str] | Unknown) -> str | Unknown:
    """What a number is called. 0 is root whatever the file says, since it has the rights of root."""
    if number == 0:
        return "root"
    return names if isinstance(names, Unknown) else names.get(number, str(number))


def _fields(root: Root, path: str, count: int) -> list[list[str]] | Unknown:
    found = text(root, path)
    if found is None or isinstance(found, Unknown):
        return found or []
    lines = (line.split(":") for line in found.text.split("\n"))
    return [line for line in lines if len(line) >= count and line[0] and line[2].isascii() and line[2].isdigit()]
