"""What sshd asks the system for while it reads its configuration: home directories, names of ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.authentication.numbers import decimal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.authentication.files import Root


class System(Struct, frozen=True):
    """Home directories by user, groups by user (None: who there is, is not known), and ports by TCP service."""

    homes: Mapping[str, str] = field(default_factory=lambda: {"root": "/root"})
    groups: Mapping[str, tuple[str, ...]] | None = None
    services: Mapping[str, int] = field(default_factory=lambda: {"ssh": 22})


def system_of(root: Root) -> System:
    """What a root's /etc/passwd, /etc/group and /etc/services say; what is not there is as on a bare system."""
    users = _colons(root, "/etc/passwd", 6)
    members = _colons(root, "/etc/group", 4)
    bare = System()
    if not users:
        return bare
    homes = {user[0]: user[5] for user in users}
    groups = {user[0]: _groups(user[0], user[3], members) for user in users}
    return System(homes, groups, _services(root) or bare.services)


def _colons(root: Root, path: str, least: int) -> list[list[str]]:
    """The lines of a file of colon-separated fields that have so many; the first of a name counts."""
    found: dict[str, list[str]] = {}
    for line in _lines(root, path):
        parts = line.split(":")
        if len(parts) >= least and not line.startswith("#"):
            found.setdefault(parts[0], parts)
    return list(found.values())


def _lines(root: Root, path: str) -> list[str]:
    from policyengine.authentication.resolving import Text, text

    read = text(root, path)
    return read.text.split("\n") if isinstance(read, Text) else []


def _groups(user: str, primary: str, groups: list[list[str]]) -> tuple[str, ...]:
    """The names of a user's groups: the primary one, then those that list the user."""
    return tuple(
        dict.fromkeys(
            [group[0] for group in groups if group[2] == primary]
            + [group[0] for group in groups if user in group[3].split(",")]
        )
    )


def _services(root: Root) -> dict[str, int]:
    """The TCP services of /etc/services, their aliases included: services(5)."""
    found: dict[str, int] = {}
    for line in _lines(root, "/etc/services"):
        name, *rest = line.partition("#")[0].split() or [""]
        port, _, protocol = (rest[0] if rest else "").partition("/")
        if protocol == "tcp" and port.isascii() and port.isdecimal():
            for one in (name, *rest[1:]):
                found.setdefault(one, decimal(port))
    return found
