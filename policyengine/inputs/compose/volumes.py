"""Mounts, in the short syntax ``[SOURCE:]TARGET[:MODE]`` and in the long one.

The short syntax is read as compose-go's ``ParseVolume`` reads it. Relative sources stay as they are written.
"""

from __future__ import annotations

import os.path
import re
from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.inputs.compose import sharing
from policyengine.inputs.compose.dotenv import is_file
from policyengine.inputs.compose.mounted import bound, granted
from policyengine.inputs.compose.node import DEFAULT, flag
from policyengine.inputs.compose.sharing import Sharing
from policyengine.inputs.compose.sizes import memory
from policyengine.inputs.normal import host_path
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policyengine.documents.document import DocPath
    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts

_WINDOWS_DRIVE = re.compile(r"[A-Za-z]:")
_KEYS = ("type", "source", "target", "read_only", "propagation", "size")
_WRITTEN = ("type", "source", "target", "read_only")
_PARTS = {"propagation": "bind", "size": "tmpfs"}
"""Keys that are written below the key of the mount's type."""
_PROPAGATIONS = frozenset({"private", "rprivate", "shared", "rshared", "slave", "rslave"})
_ELSEWHERE = Unknown("service.volumes_from", "volumes_from mounts what a container mounts that is not in the project")
_API_SOCKET = {"type": "bind", "source": "/var/run/docker.sock", "target": "/var/run/docker.sock"}

Volume = dict[str, object]


def fill(facts: Facts, node: Node) -> None:
    """Give a container its mounts: all that ``volumes``, ``tmpfs``, ``use_api_socket``, secrets and configs mount."""
    volumes = node.get("volumes")
    if volumes is not None and not isinstance(volumes, list):
        node.put(facts, "volumes", volumes)
        return
    found, open_ = _all_mounts(node)
    for index, (volume, at) in enumerate(found):
        _mark(facts, node, index, volume, at)
    mounts = [{"read_only": False, **volume} if isinstance(volume, dict) else volume for volume, _ in found]
    place = found[0][1][len(node.at)] if found and volumes is None else "volumes"
    node.put(facts, "volumes", None if volumes is None and not mounts else mounts, str(place))
    if len(node.services) > 1 and node.context.wants("container", "shared_volumes"):
        sharing.fill(facts, node, found, _sharing(node))
    if open_ is not None:
        facts.leave_open("volumes", open_)
        facts.leave_open("shared_volumes", open_)


def _all_mounts(node: Node) -> tuple[list[tuple[object, DocPath]], Unknown | None]:
    """The mounts of a service, found once."""
    known = node.definitions.mounts
    if node.name not in known:
        known[node.name] = _mounts(node, ())
    return known[node.name]


def _sharing(node: Node) -> Sharing:
    definitions = node.definitions
    if definitions.sharing is None:
        definitions.sharing = Sharing({name: _all_mounts(other)[0] for name, other in node.services.items()})
    return definitions.sharing


def _mounts(node: Node, through: tuple[str, ...]) -> tuple[list[tuple[object, DocPath]], Unknown | None]:
    """The mounts of a service, each with its place, and why there may be more.

    Of several ``volumes`` with one target the last counts, and it stands where the first does.
    """
    own = [(bound(volume, node.definitions), at) for volume, at in _items(node, "volumes", short)]
    by_target = {_target(volume, index): (volume, at) for index, (volume, at) in enumerate(own)}
    found = [*by_target.values(), *_items(node, "tmpfs", tmpfs), *_api_socket(node), *granted(node)]
    others, open_ = _from_others(node, (*through, node.name))
    return [*found, *others], open_


def named(node: Node) -> set[object]:
    """The names of the volumes that a service mounts by name."""
    mounts = (volume for volume, _ in _items(node, "volumes", short) if isinstance(volume, dict))
    return {mount.get("source") for mount in mounts if mount.get("type") == "volume"} - {None}


def _target(volume: object, index: int) -> object:
    target = volume.get("target") if isinstance(volume, dict) else None
    return target if isinstance(target, str) else index


def _from_others(node: Node, through: tuple[str, ...]) -> tuple[list[tuple[object, DocPath]], Unknown | None]:
    """What other services mount that ``volumes_from`` names; it stands where they are named."""
    written, found, open_ = node.get("volumes_from"), [], None
    for index, item in enumerate(written if isinstance(written, list) else ()):
        name, _, mode = (scalar_text(item) or "").partition(":")
        other = node.services.get(name)
        if other is None or name in through:
            open_ = _ELSEWHERE
            continue
        mounts, more = _mounts(other, through)
        open_ = open_ or more
        at = (*node.at, "volumes_from", index)
        found += [(_with_mode(volume, mode), at) for volume, _ in mounts if not _is_tmpfs(volume)]
    return found, open_


def _is_tmpfs(volume: object) -> bool:
    """A temporary filesystem is never shared."""
    return isinstance(volume, dict) and volume.get("type") == "tmpfs"


def _with_mode(volume: object, mode: str) -> object:
    return {**volume, "read_only": True} if mode == "ro" and isinstance(volume, dict) else volume


def _items(node: Node, key: str, read: Callable[[str], Volume]) -> Iterator[tuple[object, DocPath]]:
    """Each item's mount, unknown for what is no mount, and where the item is."""
    written = node.get(key)
    if isinstance(written, list):
        for index, item in enumerate(written):
            at = (*node.at, key, index)
            yield _volume(item, at, node, key, read), at
    elif written is not None:
        at = (*node.at, key)
        yield _volume(written, at, node, key, read), at


def _volume(item: object, at: DocPath, node: Node, key: str, read: Callable[[str], Volume]) -> object:
    if isinstance(item, Unknown):
        return item
    try:
        if isinstance(item, dict) and key == "volumes":
            return _rebased(long(item), at, node)
        return _rebased(read(scalar_text(item) or ""), at, node)
    except ValueError as error:
        return node.wrong(key, str(error), at)


def _rebased(volume: Volume, at: DocPath, node: Node) -> Volume:
    """A mount whose source, where it is relative, starts in the project's directory."""
    source = volume.get("source")
    if isinstance(source, str) and volume.get("type") == "bind":
        volume["source"] = _HOME if source.startswith("~") else _led_out(node.rebased(source, at), node)
    return volume


_HOME = Unknown("volumes.source", "it is in the home directory of whoever runs Compose")


def _led_out(source: str, node: Node) -> str | Unknown:
    """A relative source as it is, but one that leads to another directory of the host's root: ``../../../etc``."""
    if not source.startswith(".."):
        return source
    if not is_file(node.document.path):
        return Unknown("volumes.source", "it hangs on where the file is")
    project = os.path.abspath(os.path.dirname(node.document.path))  # noqa: PTH100, PTH120 - links are not followed
    absolute = os.path.normpath(os.path.join(project, source))  # noqa: PTH118
    return source if absolute.split("/")[1] and absolute.split("/")[1] == project.split("/")[1] else absolute


def _api_socket(node: Node) -> Iterator[tuple[object, DocPath]]:
    asked = flag(node.get("use_api_socket"))
    if isinstance(asked, Unknown) or asked is True:
        yield asked if isinstance(asked, Unknown) else _API_SOCKET, (*node.at, "use_api_socket")


def _mark(facts: Facts, node: Node, index: int, volume: object, at: DocPath) -> None:
    node.mark(facts, ("volumes", index), at)
    if not isinstance(volume, dict):
        return
    for key in _KEYS:
        # Only items of lists are written in the long syntax.
        below = (_PARTS[key], key) if key in _PARTS else (key,)
        node.mark(facts, ("volumes", index, key), at if isinstance(at[-1], str) else (*at, *below))
    if "read_only" not in volume:
        facts.how(("volumes", index, "read_only"), DEFAULT)


def long(item: dict[str, object]) -> Volume:
    """A mount in the long syntax; keys only for what is written. Raises ValueError for a size that is none."""
    mount: Volume = {key: item[key] for key in _WRITTEN if item.get(key) is not None}
    for key in ("source", "target"):
        path = mount.get(key)
        if isinstance(path, str):
            mount[key] = host_path(path)
    if "read_only" in mount:
        mount["read_only"] = flag(mount["read_only"])
    for key, part in _PARTS.items():
        below = item.get(part)
        value = below.get(key) if isinstance(below, dict) else None
        if value not in (None, ""):
            mount[key] = memory(value) if key == "size" and not isinstance(value, Unknown) else value
    return mount


def short(text: str) -> Volume:
    """A mount in the short syntax; ``read_only`` only where a mode is written. Raises ValueError."""
    sections = _sections(text)
    if "" in sections or len(sections) > 3:
        raise ValueError("[SOURCE:]TARGET[:MODE]")
    if len(sections) == 1:
        return {"type": "volume", "target": host_path(sections[0])}
    kind = "bind" if is_path(sections[0]) else "volume"
    mount: Volume = {"type": kind, "source": host_path(sections[0]), "target": host_path(sections[1])}
    modes = sections[2].split(",") if len(sections) == 3 else []
    for mode in modes:
        if mode in ("ro", "rw"):
            mount["read_only"] = mode == "ro"
        elif mode in _PROPAGATIONS:
            mount["propagation"] = mode
    return mount


def _sections(text: str) -> list[str]:
    """The parts between colons; a single letter and its colon begin a path of Windows."""
    sections: list[str] = []
    for part in text.split(":"):
        if sections and len(sections[-1]) == 1 and sections[-1].isalpha():
            sections[-1] += f":{part}"
        else:
            sections.append(part)
    return sections


def tmpfs(text: str) -> Volume:
    """An item of ``tmpfs``: a path, after a colon the options of the mount. Raises ValueError."""
    path, _, options = text.partition(":")
    if not path:
        raise ValueError("PATH[:OPTIONS]")
    mount: Volume = {"type": "tmpfs", "target": host_path(path)}
    for option in options.split(","):
        if option == "ro":
            mount["read_only"] = True
        elif option.startswith("size=") and "%" not in option:
            mount["size"] = memory(option.removeprefix("size="))
    return {key: value for key, value in mount.items() if value is not None}


def is_path(source: str) -> bool:
    """Whether a source is a path of the host and not the name of a volume."""
    return source.startswith((".", "/", "~", "\\\\")) or _WINDOWS_DRIVE.match(source) is not None
