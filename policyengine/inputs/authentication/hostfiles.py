"""The files of a root whose owners and modes count, each as a resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.hostfiles.found import HostFile, found
from policyengine.authentication.hostfiles.watched import HOME
from policyengine.inputs.authentication.origins import WholeFile
from policyengine.model.kinds import file as kind
from policyengine.model.resource import Resource
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.authentication.files import Root
    from policyengine.model.location import Location
    from policyengine.model.scope import Scope

SUPPLIES: Mapping[str, frozenset[str]] = {"file": frozenset(kind.KIND.fields)}

_OF_ENTRY = ("type", "mode", "uid", "gid", "owner", "group", "group_writable", "others_writable", "others_readable")


def resources(
    root: Root,
    name: str,
    scope: Scope,
    origin: str,
    refused: Callable[[str, Location], None],
) -> Iterator[Resource]:
    """The watched files of a root. A file that is not there is no resource; one of which that is unknown is."""
    del name, refused  # each file has its own name, and none is refused
    for file in found(root):
        yield Resource("file", file.path, origin, scope, _facts(file), WholeFile(root.where(file.path)))


def _facts(file: HostFile) -> dict[str, object]:
    facts: dict[str, object] = {"name": file.path, "role": file.role}
    entry = file.entry
    if file.user is not None:
        facts["user"] = file.user.name
        facts["user_owned"] = entry if isinstance(entry, Unknown) else entry.uid in (0, file.user.uid)
    elif file.role in HOME:
        facts |= {"user": entry, "user_owned": entry}
    if isinstance(entry, Unknown):
        return facts | dict.fromkeys(_OF_ENTRY, entry)
    if file.at != file.path:
        facts["leads_to"] = file.at
    return facts | {
        "type": entry.kind,
        "mode": f"{entry.mode:04o}",
        "uid": entry.uid,
        "gid": entry.gid,
        "owner": file.owner,
        "group": file.group,
        "group_writable": bool(entry.mode & 0o020),
        "others_writable": bool(entry.mode & 0o002),
        "others_readable": bool(entry.mode & 0o004),
    }
