"""What a container mounts: as it is asked for (``Binds``, ``Mounts``, ``Tmpfs``), and as it came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.remediation.docker.answers import mapping, mappings, text, texts

if TYPE_CHECKING:
    from policyengine.connections.docker import Answer

KEPT = "nocopy"
"""The option of a pinned volume: what an image has there is not copied into it, even where it is empty."""

_INIT = "/sbin/docker-init"
"""On what Docker mounts its init; Podman's is in ``/run``, where nobody expects to find anything again."""


class Bind(Struct, frozen=True):
    """One item of ``Binds``: ``SOURCE:TARGET[:OPTIONS]``, on Linux."""

    source: str
    target: str
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ":".join((self.source, self.target, *((",".join(self.options),) if self.options else ())))


def bind(item: str) -> Bind:
    """A bind from its text."""
    source, _, rest = item.partition(":")
    target, _, options = rest.partition(":")
    return Bind(source, target, tuple(option for option in options.split(",") if option))


def pinned(container: Answer) -> tuple[dict[str, object], tuple[str, ...]]:
    """``HostConfig`` with the container's anonymous volumes asked for by name, and their names.

    They are in neither ``Binds`` nor ``Mounts`` by name, so that a container made of these would get empty ones.
    What ``VolumesFrom`` gives is not pinned: it comes again.
    """
    host = dict(mapping(container, "HostConfig"))
    taken = {bind(item).target for item in texts(host, "Binds")}
    mounts = {text(mount, "Target"): mount for mount in mappings(host, "Mounts")}
    names: list[str] = []
    added: list[str] = []
    for mount in sorted(mappings(container, "Mounts"), key=lambda mount: text(mount, "Destination")):
        target, name = text(mount, "Destination"), text(mount, "Name")
        asked = mounts.get(target)
        if text(mount, "Type") != "volume" or target in taken or (asked is not None and text(asked, "Source")):
            continue
        if asked is not None:
            mounts[target] = {**asked, "Source": name}
        elif _comes_again(container, target):
            continue
        else:
            added.append(str(Bind(name, target, (KEPT,) if mount.get("RW") else ("ro", KEPT))))
        names.append(name)
    if added:
        host["Binds"] = [*texts(host, "Binds"), *added]
    if names and mounts:
        host["Mounts"] = list(mounts.values())
    return host, tuple(names)


def places(container: Answer) -> list[str]:
    """The paths at which an engine makes something in a container's own files by itself, and would in a new one.

    It puts there what mounts, devices and its init (``--init``) are mounted on, and the working directory.
    """
    host = mapping(container, "HostConfig")
    mounted = [text(mount, "Destination") for mount in mappings(container, "Mounts")]
    devices = [text(device, "PathInContainer") for device in mappings(host, "Devices")]
    return [*mounted, *mapping(host, "Tmpfs"), *devices, _INIT, *_working_directory(container)]


def _working_directory(container: Answer) -> list[str]:
    found = text(mapping(container, "Config"), "WorkingDir")
    return [found] if found else []


def _comes_again(container: Answer, target: str) -> bool:
    """Whether a volume that nobody names is there only since another container has it."""
    others = texts(mapping(container, "HostConfig"), "VolumesFrom")
    return bool(others) and target not in mapping(mapping(container, "Config"), "Volumes")
