"""How a Pod is reached: the ports that its containers declare, and the addresses that a running one has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.facts import scalar
from policyengine.inputs.kubernetes.node import DEFAULT, Found
from policyengine.inputs.kubernetes.parts import Listed, Part, Parts
from policyengine.model.types import INTEGER, STRING
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node

_UNREAD = Unknown("container_ports", "it cannot be read")


def container_ports(spec: Node) -> Part:
    """The ports of the containers that run along: those of ``containers``, and of sidecars among ``initContainers``.

    That is where a port is looked for by its name:
    https://github.com/kubernetes/kubernetes/blob/v1.31.0/pkg/api/v1/pod/util.go#L25
    What is mistyped in them is told where the container is read.
    """
    found = [_port(port) for container in _containers(spec) for port in _listed(container["ports"])]
    return Listed(spec["containers"].at, list(found)) if found else Found(None, spec["containers"].at)


def _containers(spec: Node) -> Iterator[Node]:
    yield from _listed(spec["containers"])
    yield from (node for node in _listed(spec["initContainers"]) if node["restartPolicy"].value == "Always")


def _listed(node: Node) -> list[Node]:
    return [item for item in node.each() if isinstance(item.value, dict)] if isinstance(node.value, list) else []


def _port(port: Node) -> Part:
    number, name, protocol, host = (port[key] for key in ("containerPort", "name", "protocol", "hostPort"))
    if not isinstance(number.value, int) or isinstance(number.value, bool):
        return Found(_UNREAD, port.at)
    return Parts(
        port.at,
        {
            "name": Found(scalar(name.value, STRING), name.at),
            "port": Found(scalar(number.value, INTEGER), number.at),
            "protocol": Found(scalar(protocol.value, STRING), protocol.at).or_default("TCP"),
            "host_port": Found(scalar(host.value, INTEGER) or None, host.at),
        },
    )


def addresses(pod: Node) -> Found:
    """The addresses in a running Pod's status; None of one that does not run, or is a template."""
    status = pod["status"]
    several = [item["ip"].value for item in _listed(status["podIPs"])]
    one = status["podIP"]
    found = [text for text in several or [one.value] if isinstance(text, str)]
    return Found(found or None, status["podIPs"].at if several else one.at, DEFAULT)
