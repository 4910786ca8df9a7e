"""The containers that hang on another one, and what becomes of them when it is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from policyengine.remediation.docker.answers import mapping, text, texts
from policyengine.remediation.docker.endpoints import SHORT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.connections.docker import Answer
    from policyengine.remediation.docker.body import Body

Way = Literal["network", "pid", "ipc", "volumes_from", "links"]
Deed = Literal["recreate", "repoint"]

_MODES: Mapping[str, Way] = {"NetworkMode": "network", "PidMode": "pid", "IpcMode": "ipc"}


class Dependant(Struct, frozen=True):
    """A container that hangs on another: by which ``ways``, and what must be done to it.

    ``recreate``: it shares what ends with the other container (a namespace, an address that was written into its
    /etc/hosts), and an engine tells the other by its id, so that not even a restart finds the new one: it is made
    anew after that. ``repoint``: it goes on as it is, and only whoever makes it anew later must refer to the new one.
    """

    id: str
    name: str
    ways: tuple[Way, ...]
    deed: Deed

    @property
    def what(self) -> str:
        """What must be done, for the reader of a plan."""
        how = ", ".join(_SAID[way] for way in self.ways)
        if self.deed == "recreate":
            return f"{self.name} {how}: it is made anew, of the same image, once the new container runs"
        return f"{self.name} {how}: it keeps them, and refers to the new container when it is made anew"


_SAID: Mapping[Way, str] = {
    "network": "shares its network",
    "pid": "shares its processes",
    "ipc": "shares its IPC",
    "volumes_from": "mounts its volumes",
    "links": "is linked to it",
}


def dependants(container: Answer, all_inspects: Iterable[Answer]) -> tuple[Dependant, ...]:
    """The containers among ``all_inspects`` that refer to ``container``, by name.

    Those that hang on dependants in turn are not among them: ask again with each that is to be made anew.
    """
    found = [_dependant(other, container) for other in all_inspects if other.get("Id") != container.get("Id")]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.name))


def _dependant(other: Answer, container: Answer) -> Dependant | None:
    host = mapping(other, "HostConfig")
    ways: list[Way] = [way for key, way in _MODES.items() if _joined(text(host, key), container)]
    if any(refers(item.partition(":")[0], container) for item in texts(host, "VolumesFrom")):
        ways.append("volumes_from")
    if any(refers(item.partition(":")[0].lstrip("/"), container) for item in texts(host, "Links")):
        ways.append("links")
    if not ways:
        return None
    deed: Deed = "repoint" if ways == ["volumes_from"] else "recreate"
    return Dependant(text(other, "Id"), text(other, "Name").lstrip("/"), tuple(ways), deed)


def _joined(mode: str, container: Answer) -> bool:
    kind, _, reference = mode.partition(":")
    return kind == "container" and refers(reference, container)


def refers(reference: str, container: Answer) -> bool:
    """Whether a reference means a container: its name, its id, or the beginning of that."""
    id_, name = text(container, "Id"), text(container, "Name").lstrip("/")
    return bool(reference) and (reference == name or (len(reference) >= SHORT and id_.startswith(reference)))


def repointed(body: Body, container: Answer, new: str) -> Body:
    """A dependant's body that refers to the container ``new`` (an id or a name) wherever it did to ``container``."""
    host = dict(mapping(body.config, "HostConfig"))
    for key in _MODES:
        if _joined(text(host, key), container):
            host[key] = f"container:{new}"
    for key in ("VolumesFrom", "Links"):
        if texts(host, key):
            host[key] = [_repointed(item, container, new) for item in texts(host, key)]
    return replace(body, config={**body.config, "HostConfig": host})


def _repointed(item: str, container: Answer, new: str) -> str:
    """``NAME[:MODE]`` or ``NAME:ALIAS``, and ``/NAME:/OWN/ALIAS`` as an engine tells it."""
    reference, colon, rest = item.partition(":")
    if not refers(reference.lstrip("/"), container):
        return item
    return f"{new}{colon}{rest.rpartition('/')[2]}"
