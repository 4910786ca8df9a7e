"""The homes of users as facts: the directory, what lies in it, and the umasks that are set there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.accounts import homes
from policyengine.authentication.accounts.umasks import START_UP, Umask, umasks
from policyengine.inputs.authentication.accounts.told import clean
from policyengine.model.location import Location
from policyengine.model.unknown import OpenList, Unknown

if TYPE_CHECKING:
    from policyengine.authentication.accounts.homes import Contents, Found, Home
    from policyengine.authentication.accounts.users import User
    from policyengine.authentication.files import Entry, Root
    from policyengine.inputs.authentication.accounts.joined import Joined
    from policyengine.inputs.authentication.accounts.told import Told

OF_HOMES = frozenset({"directory", "files", "umasks"})
"""Fields of a user that are about the home."""

_OTHERS_WRITE = 0o002


class Homes:
    """Tells of the homes of root and of regular users."""

    def __init__(self, root: Root, joined: Joined) -> None:
        self._root = root
        self._joined = joined
        self._budget = homes.Budget()
        persons = [user for user in joined.users if joined.is_person(user)]
        self._persons = frozenset(user.uid for user in persons)
        self._persons_groups = frozenset(user.gid for user in persons)

    def tell(self, user: User, told: Told) -> None:
        """What is to be told of a user's home."""
        if self._joined.sort(user) == "system":
            return
        found = self._home(user)
        if isinstance(found, Unknown):
            told.facts |= dict.fromkeys(OF_HOMES, found)
        elif found is None:
            told.put("directory", {"exists": False})
        else:
            place = Location(self._root.where(found.at))
            told.put("directory", {"exists": True, **self._owned(found.entry, user)}, place)
            self._tell_files(found.at, user, told)

    def _home(self, user: User) -> Home | Unknown | None:
        """The home; of very many users the first ones' only."""
        return self._budget.spent() or homes.home(self._root, user.home)

    def _tell_files(self, at: str, user: User, told: Told) -> None:
        found = homes.contents(self._root, at, self._budget, deep=self._joined.sort(user) != "root")
        files: list[object] = [self._file(one, user) for one in found.found]
        told.put("files", files if found.open is None else OpenList(files, found.open))
        told.places |= {("files", at): Location(self._root.where(one.at)) for at, one in enumerate(found.found)}
        self._tell_umasks(found, told)

    def _tell_umasks(self, found: Contents, told: Told) -> None:
        masks: list[object] = []
        unknown = found.open
        for one in umasks(self._root, found.found):
            if isinstance(one, Umask):
                told.places["umasks", len(masks)] = one.where
                masks.append({"file": one.file, "mask": one.mask})
            else:
                unknown = unknown or one
        told.put("umasks", masks if unknown is None else OpenList(masks, unknown))

    def _file(self, one: Found, user: User) -> dict[str, object]:
        is_link = one.entry.kind == "symlink"
        owned = self._owned(one.entry, user)
        if is_link:
            del owned["mode"]
        return {
            "path": clean(one.path),
            "type": one.entry.kind,
            "start_up": one.path in START_UP,
            "hidden": one.path.startswith(".") and "/" not in one.path,
            "below_hidden": any(part.startswith(".") for part in one.path.split("/")[:-1]),
            "others_writable": not is_link and bool(one.entry.mode & _OTHERS_WRITE),
            **owned,
        }

    def _owned(self, entry: Entry, user: User) -> dict[str, object]:
        return {
            "mode": f"{entry.mode:04o}",
            "uid": entry.uid,
            "gid": entry.gid,
            "users_own": entry.uid == user.uid,
            "users_group": entry.gid == user.gid,
            "persons_own": entry.uid in self._persons,
            "persons_group": entry.gid in self._persons_groups,
        }
