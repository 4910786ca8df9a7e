"""Mounts, in the short syntax ``[SOURCE:]TARGET[:MODE]`` and in the long one.

The short syntax is read as compose-go's ``ParseVolume`` reads it. Relative sources stay as they are written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.inputs.compose.mounted import bound, granted
from policyengine.inputs.compose.node import DEFAULT, flag
from policyengine.inputs.normal import host_path
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policyengine.documents.document import DocPath
    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts

_WINDOWS_DRIVE = re.compile(r"[A-Za-z]:")
_KEYS = ("type", "source", "target", "read_only")
_ELSEWHERE = Unknown("service.volumes_from", "volumes_from mounts what others mount, which is not followed")
_API_SOCKET = {"type": "bind", "source": "/var/run/docker.sock", "target": "/var/run/docker.sock"}

Volume = dict[str, object]


def fill(facts: Facts, node: Node) -> None:
    """Give a container its mounts: all that ``volumes``, ``tmpfs``, ``use_api_socket``, secrets and configs mount."""
    volumes = node.get("volumes")
    if volumes is not None and not isinstance(volumes, list):
        node.put(facts, "volumes", volumes)
        return
    found = [*_items(node, "volumes", short), *_items(node, "tmpfs", tmpfs), *_api_socket(node), *granted(node)]
    found = [(bound(volume, node.definitions), at) for volume, at in found]
    for index, (volume, at) in enumerate(found):
        _mark(facts, node, index, volume, at)
    mounts = [{"read_only": False, **volume} if isinstance(volume, dict) else volume for volume, _ in found]
    place = found[0][1][len(node.at)] if found and volumes is None else "volumes"
    node.put(facts, "volumes", None if volumes is None and not mounts else mounts, str(place))
    if node.get("volumes_from") is not None:
        facts.leave_open("volumes", _ELSEWHERE)


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
    if isinstance(item, dict) and key == "volumes":
        return long(item)
    try:
        return read(scalar_text(item) or "")
    except ValueError as error:
        return node.wrong(key, str(error), at)


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
        node.mark(facts, ("volumes", index, key), at if isinstance(at[-1], str) else (*at, key))
    if "read_only" not in volume:
        facts.how(("volumes", index, "read_only"), DEFAULT)


def long(item: dict[str, object]) -> Volume:
    """A mount in the long syntax; keys only for what is written."""
    mount: Volume = {key: item[key] for key in _KEYS if item.get(key) is not None}
    for key in ("source", "target"):
        path = mount.get(key)
        if isinstance(path, str):
            mount[key] = host_path(path)
    if "read_only" in mount:
        mount["read_only"] = flag(mount["read_only"])
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
    modes = [mode for mode in sections[2].split(",") if mode in ("ro", "rw")] if len(sections) == 3 else []
    return {**mount, "read_only": modes[-1] == "ro"} if modes else mount


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
    return {**mount, "read_only": True} if "ro" in options.split(",") else mount


def is_path(source: str) -> bool:
    """Whether a source is a path of the host and not the name of a volume."""
    return source.startswith((".", "/", "~", "\\\\")) or _WINDOWS_DRIVE.match(source) is not None
