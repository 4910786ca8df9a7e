"""Volumes of an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs import normal
from policyengine.inputs.docker.config import put_labels
from policyengine.inputs.docker.snapshot import name_of, volume_name
from policyengine.inputs.docker.volumes import anonymous, bind_of
from policyengine.inputs.facts import Facts
from policyengine.model.kinds.volume import KIND
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.docker.snapshot import Snapshot
    from policyengine.model.resource import Resource

_FIELDS = (
    ("name", "Name"),
    ("driver", "Driver"),
    ("scope", "Scope"),
    ("mountpoint", "Mountpoint"),
    ("created", "CreatedAt"),
)


def volume(node: Node, snapshot: Snapshot) -> Resource:
    """One volume."""
    facts = Facts(KIND, snapshot.document, node.at, snapshot.context)
    for field, key in _FIELDS:
        facts.put(field, node[key].value, node[key].at)
    options = node["Options"]
    facts.put("options", options.value or None, options.at)
    put_labels(facts, node["Labels"])
    _put_source(facts, node)
    facts.put("anonymous", anonymous(node["Name"].text), node["Name"].at)
    users = _users(node, snapshot)
    facts.put("containers", users or None, node.at)
    facts.put("in_use", bool(users) or _unused(snapshot), node.at)
    return snapshot.resource(facts, volume_name(node), node)


def _put_source(facts: Facts, node: Node) -> None:
    """What the driver ``local`` mounts; other drivers' options mean what they like."""
    if node["Driver"].text not in ("", "local"):
        return
    type_, device, bind = node["Options"]["type"], node["Options"]["device"], bind_of(node)
    # Of a bind the type says nothing; none is what is usually written.
    facts.put("type", None if bind or type_.text == "none" else type_.value or None, type_.at)
    facts.put("device", device.value or None, device.at)
    facts.put("bind", normal.host_path(bind.text) if bind else None, device.at)


def _users(node: Node, snapshot: Snapshot) -> list[str]:
    name = node["Name"].text
    return sorted(
        name_of(container)
        for container in snapshot.containers
        if any(mount["Type"].text == "volume" and mount["Name"].text == name for mount in container["Mounts"].items())
    )


def _unused(snapshot: Snapshot) -> bool | Unknown:
    """No container mounts it, where all containers are known."""
    return False if snapshot.complete("containers") else Unknown("volume.in_use", "not all containers are known")
