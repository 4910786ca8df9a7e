"""A Pod's volumes, and a container's mounts of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.inputs import normal
from policyengine.inputs.kubernetes.node import DEFAULT, SEQUENCE, Found
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.inputs.facts import Facts
    from policyengine.inputs.kubernetes.node import Node

_TYPES = {"hostPath": "bind", "emptyDir": "volume", "persistentVolumeClaim": "volume", "ephemeral": "volume"}
_NAMED_BY = {
    "hostPath": "path",
    "persistentVolumeClaim": "claimName",
    "secret": "secretName",
    "configMap": "name",
    "image": "reference",
    "csi": "driver",
    "nfs": "path",
}
_PROPAGATION = {"None": "rprivate", "HostToContainer": "rslave", "Bidirectional": "rshared"}
"""https://kubernetes.io/docs/concepts/storage/volumes/#mount-propagation"""
_READ_ONLY = frozenset({"secret", "configMap", "projected", "downwardAPI", "image"})
"""Sources that are always mounted read-only."""


class Volume(Struct, frozen=True):
    """A volume of a Pod: its type and source as a mount of a container tells them."""

    type: Found
    source: Found
    read_only: Found


def volumes(spec: Node) -> dict[str, Volume]:
    """The volumes of a Pod by name."""
    named = ((item["name"].text().value, item) for item in spec["volumes"].items())
    return {name: _volume(name, item) for name, item in named if isinstance(name, str)}


def claimed(templates: Node) -> dict[str, Volume]:
    """The volumes that a StatefulSet's ``volumeClaimTemplates`` make."""
    names = (item["metadata"].mapping()["name"].text() for item in templates.items())
    return {
        name.value: Volume(Found("volume", name.at), name, Found(None, name.at))
        for name in names
        if isinstance(name.value, str)
    }


def put_mounts(facts: Facts, mounts: Node, volumes: Mapping[str, Volume]) -> None:
    """Fill a container's ``volumes`` from its ``volumeMounts``."""
    if not isinstance(mounts.value, list):
        facts.put("volumes", mounts.unknown(SEQUENCE) if mounts.written else None, mounts.at)
        return
    found = [(item, dict(_mount(item, volumes))) for item in mounts.items()]
    values = [{field: part.value for field, part in parts.items()} for _, parts in found]
    for index, (item, parts) in enumerate(found):
        facts.place(("volumes", index), item.at)
        for field, part in parts.items():
            facts.place(("volumes", index, field), part.at)
            if part.how:
                facts.how(("volumes", index, field), part.how)
    facts.put("volumes", values, mounts.at)


def source_of(volume: Node) -> str:
    """What a volume is: hostPath, secret, ...; one without a source is an emptyDir, as the API server has it."""
    return next((key for key in volume.keys if _is_source(key) and volume[key].written), "emptyDir")


def _is_source(key: str) -> bool:
    """Whether a key of a volume is its source, and no directive of a patch (``$patch``)."""
    return key != "name" and not key.startswith("$")


def host_path(source: object) -> object:
    """The path that a ``hostPath`` names."""
    path = source.get("path") if isinstance(source, dict) else None
    return normal.host_path(path) if isinstance(path, str) else path


def _volume(name: str, item: Node) -> Volume:
    """A volume."""
    key = source_of(item)
    source = item[key].mapping()
    named = _source(key, source)
    if named.value is None and key != "hostPath":
        named = Found(name, named.at)
    memory = key == "emptyDir" and source["medium"].text().value == "Memory"
    return Volume(
        Found("tmpfs" if memory else _TYPES.get(key, key), source.at),
        named,
        Found(value=True, at=source.at, how=DEFAULT) if key in _READ_ONLY else source["readOnly"].boolean(),
    )


def _source(key: str, source: Node) -> Found:
    """The path or name that a volume's source gives; of NFS ``server:/path``, which is no path of the host."""
    named_by = _NAMED_BY.get(key)
    named = source[named_by].text() if named_by else Found(None, source.at)
    if key == "hostPath" and isinstance(named.value, str):
        return Found(normal.host_path(named.value), named.at)
    if key == "nfs" and isinstance(named.value, str):
        return Found(f"{source['server'].text().value or ''}:{named.value}", named.at)
    return named


def _mount(mount: Node, volumes: Mapping[str, Volume]) -> Iterator[tuple[str, Found]]:
    name = mount["name"].text()
    volume = volumes.get(name.value) if isinstance(name.value, str) else None
    if volume is None:
        missing = Unknown("volumes", "the Pod has no volume of the mount's name")
        yield "type", Found(missing, name.at)
        yield "source", Found(missing, name.at)
    else:
        yield "type", volume.type
        yield "source", _below(volume, mount)
    yield "target", mount["mountPath"].text()
    own = mount["readOnly"].boolean()
    forced = volume is not None and volume.read_only.value is True
    propagation = mount["mountPropagation"].text()
    if isinstance(propagation.value, str):
        yield "propagation", propagation._replace(value=_PROPAGATION.get(propagation.value, propagation.value))
    yield "read_only", volume.read_only if volume and forced else own.or_default(value=False)


def _below(volume: Volume, mount: Node) -> Found:
    """A mount's source: ``subPath`` of a host's directory is a path on the host too."""
    below, source = _sub_path(mount), volume.source.value
    if volume.type.value != "bind" or not isinstance(source, str) or below.value is None:
        return volume.source
    if isinstance(below.value, Unknown):
        return below
    return Found(normal.host_path(f"{source}/{below.value}"), volume.source.at)


def _sub_path(mount: Node) -> Found:
    """A path below the volume; unknown where it holds variables of the container."""
    fixed, expression = mount["subPath"].text(), mount["subPathExpr"].text()
    if isinstance(expression.value, str) and "$(" in expression.value:
        return Found(Unknown("volumes.source", "the path depends on variables of the container"), expression.at)
    return fixed.or_else(expression)
