"""Users as facts: what their lines of passwd and shadow say, and what they have in common with others."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from policyengine.authentication.accounts import lines, people
from policyengine.authentication.accounts import users as of_users
from policyengine.authentication.accounts.passwords import is_shadowed
from policyengine.inputs.authentication.accounts.told import Told, clean, of_field
from policyengine.model.provenance import Provenance
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.authentication.accounts.users import Shadow, User
    from policyengine.inputs.authentication.accounts.joined import Joined

SHELL = "/bin/sh"
"""What is run where passwd names nothing: passwd(5)."""

MOST_OTHERS = 20
"""How many of those are named that have something in common."""

_DAYS = {
    "changed": ("changed", of_users.CHANGED),
    "min_days": ("least", of_users.LEAST),
    "max_days": ("most", of_users.MOST),
    "warn_days": ("warned", of_users.WARNED),
    "inactive_days": ("inactive", of_users.INACTIVE),
    "expires": ("expires", of_users.EXPIRES),
}


def users(joined: Joined) -> list[Told]:
    """What is told of every user, in the order of passwd."""
    by_uid: defaultdict[int, list[User]] = defaultdict(list)
    by_name: defaultdict[str, list[User]] = defaultdict(list)
    by_home: defaultdict[str, list[User]] = defaultdict(list)
    for user in joined.users:
        by_uid[user.uid].append(user)
        by_name[user.name].append(user)
        by_home[_home(user)].append(user)
    made = []
    for user in joined.users:
        told = _told(joined, user)
        told.put("same_name", len(by_name[user.name]) - 1, user.line.place(lines.NAME))
        told.put("same_uid", _others(by_uid[user.uid], user), user.line.place(of_users.UID))
        told.put("same_home", _others(by_home[_home(user)], user), user.line.place(of_users.HOME))
        made.append(told)
    return made


def _home(user: User) -> str:
    """The home without a / at its end: it is the same with one."""
    return user.home.rstrip("/") or user.home[:1]


def _others(found: Sequence[User], user: User) -> list[str]:
    """The names of the others, the first ones of very many: each user would have them all."""
    return [clean(one.name) for one in islice((one for one in found if one is not user), MOST_OTHERS)]


def _told(joined: Joined, user: User) -> Told:
    line = user.line
    told = Told(line.place())
    told.put("name", clean(user.name), line.place(lines.NAME))
    told.put("uid", user.uid, line.place(of_users.UID))
    told.put("gid", user.gid, line.place(of_users.GID))
    told.put("group", _group(joined, user), line.place(of_users.GID))
    told.put("groups", joined.unknown_groups or [clean(name) for name in joined.memberships.get(user.name, ())])
    told.put("home", clean(user.home), line.place(of_users.HOME))
    told.put("sort", joined.sort(user), line.place(of_users.UID))
    _tell_shell(joined, user, told)
    told.put("shadowed", is_shadowed(user.name, user.password), line.place(lines.PASSWORD))
    _tell_password(joined, user, told)
    return told


def _group(joined: Joined, user: User) -> str | Unknown | None:
    name = joined.group_names.get(user.gid)
    return joined.unknown_groups if name is None else clean(name)


def _tell_shell(joined: Joined, user: User, told: Told) -> None:
    shell, place = user.shell or SHELL, user.line.place(of_users.SHELL)
    told.put("shell", clean(shell), place, None if user.shell else Provenance("default", "passwd(5)"))
    told.put("has_shell", people.has_shell(shell), place)
    listed = joined.shells
    told.put("shell_is_listed", listed if isinstance(listed, Unknown) else shell in listed, place)


def _tell_password(joined: Joined, user: User, told: Told) -> None:
    place = user.line.place(lines.PASSWORD)
    if not is_shadowed(user.name, user.password):
        told.put("password", of_field(user.password), place)
        return
    if isinstance(joined.shadows, Unknown):
        told.put("password", joined.shadows, place)
        return
    entry = joined.shadows.get(user.name)
    if entry is None:
        told.put("password", {"state": "missing"}, place)
    else:
        _tell_shadow(entry, told)


def _tell_shadow(entry: Shadow, told: Told) -> None:
    facts = of_field(entry.password)
    told.places[("password", "state")] = told.places[("password", "method")] = entry.line.place(lines.PASSWORD)
    for name, (attribute, field) in _DAYS.items():
        days = getattr(entry, attribute)
        told.places[("password", name)] = entry.line.place(field)
        if days is not None:
            facts[name] = days
    told.put("password", facts, entry.line.place())
