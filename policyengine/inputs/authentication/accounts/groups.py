"""Groups as facts."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from policyengine.authentication.accounts import groups as of_groups
from policyengine.authentication.accounts import lines
from policyengine.inputs.authentication.accounts.told import Told, clean, of_field
from policyengine.inputs.authentication.accounts.users import MOST_OTHERS
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.accounts.groups import Group
    from policyengine.inputs.authentication.accounts.joined import Joined


def groups(joined: Joined) -> list[Told]:
    """What is told of every group, in the order of the file."""
    by_gid: defaultdict[int, list[Group]] = defaultdict(list)
    by_name: defaultdict[str, list[Group]] = defaultdict(list)
    primary: defaultdict[int, list[str]] = defaultdict(list)
    for group in joined.groups:
        by_gid[group.gid].append(group)
        by_name[group.name].append(group)
    for user in joined.users:
        primary[user.gid].append(clean(user.name))
    passwd = joined.files.passwd
    unknown = passwd if isinstance(passwd, Unknown) else None
    made = []
    for group in joined.groups:
        told = _told(joined, group, unknown)
        told.put("primary_members", unknown or primary.get(group.gid, []))
        told.put("same_name", len(by_name[group.name]) - 1, group.line.place(lines.NAME))
        others = [
            clean(one.name) for one in islice((one for one in by_gid[group.gid] if one is not group), MOST_OTHERS)
        ]
        told.put("same_gid", list(others), group.line.place(of_groups.GID))
        made.append(told)
    return made


def _told(joined: Joined, group: Group, unknown: Unknown | None) -> Told:
    line = group.line
    told = Told(line.place())
    told.put("name", clean(group.name), line.place(lines.NAME))
    told.put("gid", group.gid, line.place(of_groups.GID))
    told.put("members", [clean(name) for name in group.members], line.place(of_groups.MEMBERS))
    strangers = [clean(name) for name in group.members if name not in joined.user_names]
    told.put("strangers", unknown or strangers, line.place(of_groups.MEMBERS))
    _tell_password(joined, group, told)
    return told


def _tell_password(joined: Joined, group: Group, told: Told) -> None:
    """The password is that of gshadow where there is a line of it, whatever group says: newgrp.c."""
    field, place = group.password, group.line.place(lines.PASSWORD)
    if isinstance(joined.gshadows, Unknown):
        told.put("password", joined.gshadows, place)
        told.put("administrators", joined.gshadows, place)
        return
    entry = joined.gshadows.get(group.name)
    if entry is not None:
        field, place = entry.password, entry.line.place(lines.PASSWORD)
        told.put("administrators", [clean(name) for name in entry.administrators], entry.line.place(2))
    is_missing = entry is None and field == "x"
    told.put("password", {"state": "missing"} if is_missing else of_field(field), place)
