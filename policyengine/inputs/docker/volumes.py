"""What containers mount."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.inputs import normal
from policyengine.inputs.docker.snapshot import name_of
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.docker.snapshot import Snapshot
    from policyengine.inputs.facts import Facts

_BIND_OPTIONS = frozenset({"bind", "rbind"})
_LOCAL = ("", "local")
_ANONYMOUS = re.compile(r"[0-9a-f]{64}").fullmatch
_SIZE = re.compile(r"size=([0-9]{1,15})([kmgt]?)(?:i?b)?", re.IGNORECASE).fullmatch
_UNITS = {unit: 1024**power for power, unit in enumerate(("", "k", "m", "g", "t"))}
_OTHERS = Unknown("container.shared_volumes", "not all containers are known")
_USUAL = ("", "rprivate")
"""The propagation that a bind has where nobody asks for one."""


def put_volumes(facts: Facts, container: Node, snapshot: Snapshot) -> None:
    """The mounts, and the tmpfs that only the host configuration tells of.

    The engine tells of a mount as it will be; what was asked for beyond that stands in the host configuration.
    """
    mounts, tmpfs = container["Mounts"], container["HostConfig"]["Tmpfs"]
    if mounts.value is not None and not isinstance(mounts.value, list):
        facts.put("volumes", mounts.value, mounts.at)
        return
    asked = {mount["Target"].text: mount for mount in container["HostConfig"]["Mounts"].items()}
    listed = _mounts(container)
    volumes = [_mount(facts, mount, index, asked, snapshot) for index, mount in enumerate(listed)]
    for path, options in tmpfs.entries():
        facts.place(("volumes", len(volumes)), options.at)
        volumes.append(_tmpfs(path, options.text.split(",")))
    facts.put("volumes", volumes or None, mounts.at)
    if snapshot.context.wants("container", "shared_volumes"):
        _put_shared(facts, container, listed, volumes, snapshot)


def _mounts(container: Node) -> list[Node]:
    """The mounts in the order of their targets: an engine tells them in another order each time it is asked."""
    both = dict(container["HostConfig"]["Tmpfs"].entries())  # Podman tells of a tmpfs in both places
    found = (
        mount
        for mount in container["Mounts"].items()
        if not (mount["Type"].text == "tmpfs" and both.get(mount["Destination"].text))
    )
    return sorted(found, key=lambda mount: mount["Destination"].text)


def _put_shared(
    facts: Facts, container: Node, listed: list[Node], volumes: list[dict[str, object]], snapshot: Snapshot
) -> None:
    """What other containers mount too; those that only the engine knows of may."""
    shared: list[dict[str, object]] = []
    for volume, mount in zip(volumes, listed, strict=False):
        others = snapshot.mounting(mount) - {name_of(container)}
        if others and "source" in volume:
            facts.place(("shared_volumes", len(shared)), mount.at)
            shared.append({"source": volume["source"], "containers": sorted(others)})
    facts.put("shared_volumes", shared or None, container["Mounts"].at)
    if any(map(normal.shareable, volumes)) and not snapshot.complete("containers"):
        facts.leave_open("shared_volumes", _OTHERS)


def _mount(facts: Facts, mount: Node, index: int, asked: dict[str, Node], snapshot: Snapshot) -> dict[str, object]:
    kind, source = _told(mount, snapshot)
    facts.place(("volumes", index), mount.at)
    for field, node in (("source", source), ("target", mount["Destination"]), ("read_only", mount["RW"])):
        facts.place(("volumes", index, field), node.at)
    facts.place(("volumes", index, "type"), mount["Type"].at)
    found: dict[str, object] = {"type": kind, "target": mount["Destination"].value}
    if source.text:
        found["source"] = normal.host_path(source.text)
    found["read_only"] = not mount["RW"].true
    if kind == "bind" and mount["Propagation"].text not in _USUAL:
        found["propagation"] = mount["Propagation"].value
    size = asked[mount["Destination"].text]["TmpfsOptions"]["SizeBytes"] if mount["Destination"].text in asked else None
    if size is not None and size.number > 0:
        found["size"] = size.value
    return found


def _told(mount: Node, snapshot: Snapshot) -> tuple[object, Node]:
    """The type and the source of a mount; of a volume that is a bind of a host's path, that path."""
    if mount["Type"].text != "volume":
        return mount["Type"].value, mount["Source"]
    device = bind_of(snapshot.volume(mount["Name"].text))
    if device is not None:
        return "bind", device
    name = mount["Name"]
    return "volume", name if not anonymous(name.text) else mount["nothing"]


def bind_of(volume: Node) -> Node | None:
    """The host path that a volume is a bind of; None for one that is not.

    The driver ``local`` hands its options to mount(2):
    https://docs.docker.com/reference/cli/docker/volume/create/#driver-specific-options.
    """
    options = volume["Options"]
    ours = volume["Driver"].text in _LOCAL and not _BIND_OPTIONS.isdisjoint(options["o"].text.split(","))
    return options["device"] if ours and options["device"].text else None


def anonymous(name: str) -> bool:
    """Whether the engine made a volume's name: its names are ids."""
    return _ANONYMOUS(name) is not None


def _tmpfs(path: str, options: list[str]) -> dict[str, object]:
    found: dict[str, object] = {"type": "tmpfs", "target": path, "read_only": "ro" in options}
    size = max(_sizes(options), default=0)
    return {**found, "size": size} if size else found


def _sizes(options: list[str]) -> Iterator[int]:
    for option in options:
        match = _SIZE(option)
        if match:
            yield int(match[1]) * _UNITS[match[2].lower()]
