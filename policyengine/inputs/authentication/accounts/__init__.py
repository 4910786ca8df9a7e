"""The accounts of a root as resources: all together, and each user and each group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.accounts.database import GROUP, PASSWD, read
from policyengine.inputs.authentication.accounts.groups import groups
from policyengine.inputs.authentication.accounts.homes import OF_HOMES, Homes
from policyengine.inputs.authentication.accounts.joined import Joined
from policyengine.inputs.authentication.accounts.told import Told, clean
from policyengine.inputs.authentication.accounts.users import users
from policyengine.inputs.authentication.accounts.whole import whole
from policyengine.model.kinds import accounts as accounts_kind
from policyengine.model.kinds import group as group_kind
from policyengine.model.kinds import user as user_kind
from policyengine.model.location import Location
from policyengine.model.resource import Resource
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.authentication.accounts.lines import Table
    from policyengine.authentication.files import Root
    from policyengine.model.scope import Scope
    from policyengine.model.types import Kind

_KINDS = (accounts_kind.KIND, user_kind.KIND, group_kind.KIND)

SUPPLIES: Mapping[str, frozenset[str]] = {kind.name: frozenset(kind.fields) for kind in _KINDS}

__all__ = ["OF_HOMES", "SUPPLIES", "resources"]


def resources(
    root: Root,
    name: str,
    scope: Scope,
    origin: str,
    refused: Callable[[str, Location], None],
    *,
    homes: bool = True,
) -> Iterator[Resource]:
    """The accounts of a root, its users and its groups; nothing where it has no file of accounts.

    Lines that programs pass over are no problem of the run: they are a fact. ``refused`` is there for those of other
    parts. Without ``homes`` nothing is told of these (:data:`OF_HOMES`): a project's files are not on the system.
    """
    del refused
    found = read(root)
    if found.is_empty:
        return
    joined = Joined.of(found)
    all_users, all_groups = users(joined), groups(joined)
    made = whole(root, name, joined, all_users, all_groups)
    yield Resource("accounts", name, origin, scope, made.facts, made.origins(found.texts))
    of_homes = Homes(root, joined) if homes else None
    for entry, told in zip(joined.users, all_users, strict=True):
        whose = told.copied()
        if of_homes is not None:
            of_homes.tell(entry, whose)
        yield Resource("user", clean(entry.name), origin, scope, whose.facts, whose.origins(found.texts), parent=name)
    for group, told in zip(joined.groups, all_groups, strict=True):
        yield Resource("group", clean(group.name), origin, scope, told.facts, told.origins(found.texts), parent=name)
    yield from _unreadable(root, name, scope, origin, (found.passwd, PASSWD, user_kind.KIND))
    yield from _unreadable(root, name, scope, origin, (found.group, GROUP, group_kind.KIND))


def _unreadable(
    root: Root, name: str, scope: Scope, origin: str, source: tuple[Table | Unknown | None, str, Kind]
) -> Iterator[Resource]:
    """One that stands for all, where a file cannot be read: of users whom nobody sees, nothing must seem right."""
    table, path, kind = source
    if isinstance(table, Unknown):
        told = Told(Location(root.where(path)))
        told.facts |= dict.fromkeys(kind.fields, table)
        yield Resource(kind.name, f"every {kind.name}", origin, scope, told.facts, told.origins({}), parent=name)
