"""What an engine tells of the Swarm that it is in; most of it only managers know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.docker.snapshot import Snapshot
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


_MANAGERS = Unknown("engine.ingress_ports", "only managers of a Swarm know what its services publish")


def put_ingress(facts: Facts, snapshot: Snapshot) -> None:
    """The ports that every node of the Swarm takes for a service; those of mode ``host`` are their containers' own."""
    swarm, services = snapshot.info["Swarm"], snapshot.root["services"]
    if swarm["LocalNodeState"].text == "active" and not snapshot.complete("services"):
        facts.put("ingress_ports", _MANAGERS, swarm.at)
        return
    found = [
        (service["Spec"]["Name"], port)
        for service in services.items()
        for port in service["Endpoint"]["Ports"].items()
        if port["PublishMode"].text in ("", "ingress") and port["PublishedPort"].value
    ]
    facts.put("ingress_ports", [_ingress(*one) for one in found] or None, services.at)
    for index, (_, port) in enumerate(found):
        facts.place(("ingress_ports", index), port.at)


def _ingress(service: Node, port: Node) -> dict[str, object]:
    return {
        "service": service.text,
        "published": port["PublishedPort"].value,
        "target": port["TargetPort"].value,
        "protocol": port["Protocol"].text or "tcp",
    }


def _seconds(nanoseconds: Node) -> object:
    """0 stands for the default, which the engine tells; a value of another type as it is, to be reported."""
    return nanoseconds.number / 1e9 if nanoseconds.number else nanoseconds.value or None
