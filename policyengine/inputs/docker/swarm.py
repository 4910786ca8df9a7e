"""What an engine tells of the Swarm that it is in; most of it only managers know."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.facts import Facts

_COUNTS = (("swarm_managers", "Managers"), ("swarm_nodes", "Nodes"))


def put_swarm(facts: Facts, swarm: Node) -> None:
    """The Swarm section of ``docker info``; a worker knows no more than that it is one."""
    facts.put("swarm", swarm["LocalNodeState"].value, swarm["LocalNodeState"].at)
    facts.put("swarm_manager", swarm["ControlAvailable"].value, swarm["ControlAvailable"].at)
    for field, key in _COUNTS:
        facts.put(field, swarm[key].value or None, swarm[key].at)
    spec = swarm["Cluster"]["Spec"]
    autolock, lifetime = spec["EncryptionConfig"]["AutoLockManagers"], spec["CAConfig"]["NodeCertExpiry"]
    facts.put("swarm_autolock", autolock.value, autolock.at)
    facts.put("swarm_certificate_lifetime", _seconds(lifetime), lifetime.at)


def _seconds(nanoseconds: Node) -> object:
    """0 stands for the default, which the engine tells; a value of another type as it is, to be reported."""
    return nanoseconds.number / 1e9 if nanoseconds.number else nanoseconds.value or None
