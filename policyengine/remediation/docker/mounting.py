"""Changes of what is mounted."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple, cast

from msgspec.structs import replace

from policyengine.remediation.changes import AddItems, RemoveField, SetField
from policyengine.remediation.docker.answers import mapping, mappings, text, texts
from policyengine.remediation.docker.applying import applied, at
from policyengine.remediation.docker.draft import Draft, refuse
from policyengine.remediation.docker.mounts import Bind, bind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from policyengine.errors import RemedyError
    from policyengine.remediation.changes import FieldChange

    Volume = dict[str, object]
    Mount = dict[str, object]

_PROPAGATION = frozenset(("private", "rprivate", "shared", "rshared", "slave", "rslave"))


class _Edits(NamedTuple):
    """What becomes of a mount, wherever it is asked for; None takes it away. Of ``Tmpfs`` the options are given."""

    of_bind: Callable[[Bind], Bind | None] = lambda _: None
    of_mount: Callable[[Mount], Mount | None] = lambda _: None
    of_tmpfs: Callable[[list[str]], list[str] | None] = lambda _: None


def volumes(draft: Draft, changes: Sequence[FieldChange]) -> None:
    """Change, remove, replace and add mounts. What is not changed is asked for as before.

    The position after the last one adds one.
    """
    listed = draft.facts.get("volumes")
    before = cast("list[Volume]", listed) if isinstance(listed, list) else []
    if any(isinstance(change, AddItems) for change in changes):
        raise refuse("a mount is no text", f"set volumes[{len(before)}]")
    for change in changes:
        if isinstance(change, RemoveField) and len(change.path) > 1:
            at(before, cast("int", change.path[1]), change.path)
    added = [change for change in changes if isinstance(change, SetField) and change.path[1:] == (len(before),)]
    others = [change for change in changes if change not in added]
    wanted = [*cast("list[Volume]", applied(before, others) or []), *(cast("Volume", one.value) for one in added)]
    _mount(draft, before, wanted)
    draft.tell("volumes", wanted or None)


def _mount(draft: Draft, before: list[Volume], wanted: list[Volume]) -> None:
    known = {_clean(volume["target"]): volume for volume in before}
    left = {_clean(volume.get("target")) for volume in wanted}
    for target in known:
        if target not in left:
            _unmount(draft, target)
    for volume in wanted:
        there = known.get(_clean(volume.get("target")))
        if there is None:
            _add(draft, volume)
        elif there != volume:
            _change(draft, there, volume)


def _clean(path: object) -> str:
    return posixpath.normpath(str(path))


def _unmount(draft: Draft, target: str) -> None:
    if target in map(_clean, mapping(draft.defaults, "Volumes")):
        raise refuse(f"the image makes {target} a volume, which would be there again, and empty")
    if not _edit(draft.host, target, _Edits()):
        raise _of_others(target)
    own = mapping(draft.config, "Volumes")
    draft.config["Volumes"] = {path: value for path, value in own.items() if _clean(path) != target}


def _of_others(target: str) -> RemedyError:
    return refuse(f"{target} is mounted from another container", "change volumes_from, or that container")


def _add(draft: Draft, volume: Volume) -> None:
    """Mount something more, asked for as ``docker run --mount`` does."""
    type_ = str(volume.get("type"))
    mount: Mount = {"Type": type_, "Target": volume.get("target"), "ReadOnly": volume.get("read_only") is True}
    if volume.get("source"):
        mount["Source"] = volume["source"]
    for field in ("propagation", "size"):
        if volume.get(field):
            mount = cast("Mount", _CHANGES[field](volume[field], type_).of_mount(mount))
    draft.host["Mounts"] = [*mappings(draft.host, "Mounts"), mount]


def _change(draft: Draft, before: Volume, wanted: Volume) -> None:
    target = _clean(wanted["target"])
    for field in sorted({*before, *wanted}):
        if before.get(field) == wanted.get(field):
            continue
        if field not in _CHANGES:
            raise refuse(f"with another {field} it is another mount")
        if not _edit(draft.host, target, _CHANGES[field](wanted.get(field), str(wanted.get("type")))):
            raise _of_others(target)


def _read_only(value: object, _type: str) -> _Edits:
    def options(given: Sequence[str]) -> list[str]:
        return [*(one for one in given if one not in ("ro", "rw")), *(["ro"] if value is True else [])]

    return _Edits(
        lambda there: replace(there, options=tuple(options(there.options))),
        lambda mount: {**mount, "ReadOnly": value is True},
        options,
    )


def _propagation(value: object, type_: str) -> _Edits:
    if type_ != "bind":
        raise refuse("only a bind has a propagation")

    def of_bind(there: Bind) -> Bind:
        others = tuple(one for one in there.options if one not in _PROPAGATION)
        return replace(there, options=(*others, *((str(value),) if value else ())))

    def of_mount(mount: Mount) -> Mount:
        return {**mount, "BindOptions": {**mapping(mount, "BindOptions"), "Propagation": value or ""}}

    return _Edits(of_bind, of_mount)


def _size(value: object, type_: str) -> _Edits:
    if type_ != "tmpfs":
        raise refuse("only a tmpfs has a size")

    def of_mount(mount: Mount) -> Mount:
        return {**mount, "TmpfsOptions": {**mapping(mount, "TmpfsOptions"), "SizeBytes": value or 0}}

    def of_tmpfs(options: list[str]) -> list[str]:
        others = [one for one in options if not one.lower().startswith("size=")]
        return [*others, *([f"size={value}"] if value else [])]

    return _Edits(of_mount=of_mount, of_tmpfs=of_tmpfs)


_CHANGES: Mapping[str, Callable[[object, str], _Edits]] = {
    "read_only": _read_only,
    "propagation": _propagation,
    "size": _size,
}


def _edit(host: dict[str, object], target: str, edits: _Edits) -> bool:
    """Change what is mounted on a target, wherever that is asked for; whether it is."""
    return any([_edit_binds(host, target, edits), _edit_mounts(host, target, edits), _edit_tmpfs(host, target, edits)])


def _edit_binds(host: dict[str, object], target: str, edits: _Edits) -> bool:
    binds = [bind(item) for item in texts(host, "Binds")]
    if all(_clean(there.target) != target for there in binds):
        return False
    left = [edits.of_bind(there) if _clean(there.target) == target else there for there in binds]
    host["Binds"] = [str(there) for there in left if there is not None]
    return True


def _edit_mounts(host: dict[str, object], target: str, edits: _Edits) -> bool:
    mounts = mappings(host, "Mounts")
    if all(_clean(text(there, "Target")) != target for there in mounts):
        return False
    left = [edits.of_mount(there) if _clean(text(there, "Target")) == target else there for there in mounts]
    host["Mounts"] = [there for there in left if there is not None]
    return True


def _edit_tmpfs(host: dict[str, object], target: str, edits: _Edits) -> bool:
    found = [path for path in mapping(host, "Tmpfs") if _clean(path) == target]
    tmpfs = dict(mapping(host, "Tmpfs"))
    for path in found:
        left = edits.of_tmpfs([one for one in str(tmpfs[path]).split(",") if one])
        if left is None:
            del tmpfs[path]
        else:
            tmpfs[path] = ",".join(left)
    host["Tmpfs"] = tmpfs or None
    return bool(found)
