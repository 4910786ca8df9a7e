"""What may differ between a container and the one that was made in its place, of an unchanged image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from policyengine.remediation.docker.answers import mapping, mappings, text, texts
from policyengine.remediation.docker.endpoints import SHORT, endpoints
from policyengine.remediation.docker.mounts import KEPT, bind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.connections.docker import Answer


class Change(NamedTuple):
    """Why a value may differ, and, where that is not all that can be said, what it may differ in.

    ``same`` tells of the old and the new container whether no more than that differs.
    """

    reason: str
    same: Callable[[Answer, Answer], bool] = lambda _old, _new: True


def _hostname(old: Answer, new: Answer) -> bool:
    ours, theirs = (text(mapping(one, "Config"), "Hostname") for one in (old, new))
    return ours == theirs or (ours == text(old, "Id")[:SHORT] and theirs == text(new, "Id")[:SHORT])


def _environment(old: Answer, new: Answer) -> bool:
    ours, theirs = (sorted(texts(mapping(one, "Config"), "Env")) for one in (old, new))
    return ours == theirs


def _exposed(old: Answer, new: Answer) -> bool:
    ours, theirs = (mapping(mapping(one, "Config"), "ExposedPorts") for one in (old, new))
    return ours == theirs or text(mapping(new, "HostConfig"), "NetworkMode").startswith("container:")


def _binds(old: Answer, new: Answer) -> bool:
    ours, theirs = (texts(mapping(one, "HostConfig"), "Binds") for one in (old, new))
    pins = {
        target: volume for target, volume in _volumes(old).items() if target not in {bind(one).target for one in ours}
    }
    added = [bind(item) for item in theirs if item not in ours]
    return theirs[: len(ours)] == ours and all(pins.get(one.target) == one.source for one in added)


def _asked_mounts(old: Answer, new: Answer) -> bool:
    volumes = _volumes(old)
    ours, theirs = (mappings(mapping(one, "HostConfig"), "Mounts") for one in (old, new))
    named = [
        mount if text(mount, "Source") or text(mount, "Type") != "volume"
        else {**mount, "Source": volumes.get(text(mount, "Target"))}
        for mount in ours
    ]  # fmt: skip
    return named == theirs


def _volumes(container: Answer) -> dict[str, str]:
    """The names of volumes by target."""
    mounts = mappings(container, "Mounts")
    return {text(mount, "Destination"): text(mount, "Name") for mount in mounts if text(mount, "Type") == "volume"}


def _links(old: Answer, new: Answer) -> bool:
    ours, theirs = ([_link(item) for item in texts(mapping(one, "HostConfig"), "Links")] for one in (old, new))
    return sorted(ours) == sorted(theirs)


def _link(item: str) -> tuple[str, str]:
    linked, _, alias = item.partition(":")
    return linked.lstrip("/"), alias.rpartition("/")[2]


def _mounts(old: Answer, new: Answer) -> bool:
    ours, theirs = (
        {text(mount, "Destination"): _plain(mount) for mount in mappings(one, "Mounts")} for one in (old, new)
    )
    return ours == theirs


def _plain(mount: Answer) -> Answer:
    modes = [mode for mode in text(mount, "Mode").split(",") if mode not in ("", "ro", KEPT)]
    return {**mount, "Mode": modes}


def _networks(old: Answer, new: Answer) -> bool:
    return endpoints(old) == endpoints(new)


_FILE = Change("a file of the engine that is named after the id")
_LABEL = Change("SELinux's label: each container has its own unless one is asked for")

CHANGES: Mapping[str, Change] = {
    "Id": Change("it is another container"),
    "Created": Change("when it was made"),
    "Name": Change("while the old one is still there, which has the name"),
    "State": Change("it has run for another time"),
    "RestartCount": Change("it has not been restarted yet"),
    "ExecIDs": Change("commands that were started in the old one (docker exec) are not started again"),
    "GraphDriver": Change("its writable layer is new: what was written there is not carried over"),
    "ResolvConfPath": _FILE,
    "HostnamePath": _FILE,
    "HostsPath": _FILE,
    "LogPath": _FILE,
    "MountLabel": _LABEL,
    "ProcessLabel": _LABEL,
    "Config.Hostname": Change("where it is the beginning of the id", _hostname),
    "Config.Image": Change("the reference, where the image is pinned by its digest"),
    "Config.Env": Change("the order in which variables are listed", _environment),
    "Config.ExposedPorts": Change(
        "the image's, where another container's network is shared: they mean nothing", _exposed
    ),
    "HostConfig.Binds": Change("anonymous volumes are mounted by name", _binds),
    "HostConfig.Mounts": Change("anonymous volumes are mounted by name", _asked_mounts),
    "HostConfig.Links": Change("the container's own name stands in it", _links),
    "Mounts": Change("their order, and that nothing is copied from the image into anonymous volumes", _mounts),
    "NetworkSettings": Change(
        "what the networks gave: addresses, MAC addresses, ports that were not asked for", _networks
    ),
}
"""By path in ``/containers/NAME/json``. A path stands for all that is below it.

Labels that whoever replaces a container puts on the new one, to find it after a failure, come to ``Config.Labels``.
"""


def unexpected(old: Answer, new: Answer, ours: frozenset[str] = frozenset()) -> list[str]:
    """The paths at which more differs than :data:`CHANGES` allows. ``ours`` are labels that are added on purpose.

    No values: there are secrets among them.
    """
    labels = {key: value for key, value in mapping(mapping(new, "Config"), "Labels").items() if key not in ours}
    compared = {**new, "Config": {**mapping(new, "Config"), "Labels": labels}}
    found = _differing(old, compared, "")
    return [path for path in found if path not in CHANGES or not CHANGES[path].same(old, new)]


def _differing(old: Any, new: Any, path: str) -> Iterator[str]:
    """The paths at which two values differ: the nearest that is in the table, else the deepest."""
    if path not in CHANGES and isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _differing(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
    elif old != new:
        yield path
