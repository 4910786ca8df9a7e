"""The files of accounts, joined: which group a number is, which line of shadow is whose."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from policyengine.authentication.accounts.lines import Table
from policyengine.authentication.accounts.login_defs import Setting, effective, number
from policyengine.authentication.accounts.people import sort
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from policyengine.authentication.accounts.database import Database
    from policyengine.authentication.accounts.groups import Group, Gshadow
    from policyengine.authentication.accounts.people import Sort
    from policyengine.authentication.accounts.users import Shadow, User

BUILT_IN_SHELLS = frozenset({"/bin/sh", "/bin/csh"})
"""What getusershell(3) lists where there is no /etc/shells."""

One = TypeVar("One")


class Joined(Struct, frozen=True):
    """The files of accounts by what they are asked for. Of several lines with one name or number the first counts.

    ``unknown_groups`` says why the groups are not known. The same holds for lines of ``shadows`` and ``gshadows``.
    """

    files: Database
    users: Sequence[User]
    user_names: frozenset[str]
    groups: Sequence[Group]
    unknown_groups: Unknown | None
    shadows: Mapping[str, Shadow] | Unknown
    gshadows: Mapping[str, Gshadow] | Unknown
    group_names: Mapping[int, str]
    memberships: Mapping[str, Sequence[str]]
    shells: frozenset[str] | Unknown
    first_regular: int | Unknown | None

    @classmethod
    def of(cls, files: Database) -> Joined:
        """The files of a root."""
        users: Sequence[User] = _entries(files.passwd)
        groups: Sequence[Group] = _entries(files.group)
        memberships: defaultdict[str, list[str]] = defaultdict(list)
        for group in groups:
            for member in dict.fromkeys(group.members):
                memberships[member].append(group.name)
        return cls(
            files=files,
            users=users,
            user_names=frozenset(user.name for user in users),
            groups=groups,
            unknown_groups=files.group if isinstance(files.group, Unknown) else None,
            shadows=_by_name(files.shadow),
            gshadows=_by_name(files.gshadow),
            group_names={group.gid: group.name for group in reversed(groups)},
            memberships=memberships,
            shells=_shells(files),
            first_regular=_first_regular(files.login_defs),
        )

    def sort(self, user: User) -> Sort | Unknown:
        """Whom a user's number belongs to."""
        return sort(user.uid, self.first_regular)

    def is_person(self, user: User) -> bool:
        """Whether it is one, or may be."""
        return self.sort(user) not in ("root", "system")


def _entries(table: Table | Unknown | None) -> Sequence[Any]:
    return table.entries if isinstance(table, Table) else ()


def _by_name(table: Table | Unknown | None) -> Mapping[str, Any] | Unknown:
    return table if isinstance(table, Unknown) else {entry.name: entry for entry in reversed(_entries(table))}


def _shells(files: Database) -> frozenset[str] | Unknown:
    if files.shells is None or isinstance(files.shells, Unknown):
        return BUILT_IN_SHELLS if files.shells is None else files.shells
    return frozenset(one.name for one in files.shells)


def _first_regular(settings: Iterable[Setting] | Unknown | None) -> int | Unknown | None:
    if settings is None or isinstance(settings, Unknown):
        return settings
    found = effective(settings).get("UID_MIN")
    return None if found is None else number(found.value)
