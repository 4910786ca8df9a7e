"""What is not known of a container's networks and published ports: it may be anything, and is never passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.docker.facts import Unread
from policyengine.firewall.reach import PORTS
from policyengine.model.unknown import OpenList, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

NETWORKS = "which networks it is on"
PUBLISHED = "which ports it publishes"
ADDRESS = "on which address it publishes a port"

_TRANSPORTS = ("tcp", "udp", "sctp")
"""The protocols that ports can be published of."""


def unknowns(*values: object) -> Iterator[Unknown]:
    """What is not known of some values: themselves, items of theirs, or whether there are more of these."""
    for value in values:
        if isinstance(value, Unknown):
            yield value
        if isinstance(value, OpenList):
            yield value.unknown
        yield from (item for item in (value if isinstance(value, list) else ()) if isinstance(item, Unknown))


def unread(ports: object) -> Iterator[Unread]:
    """The published ports of which not all is known. One whose port of the host is not is no matter: it is told by
    the container's.
    """
    for unknown in unknowns(ports):
        yield Unread(dict.fromkeys(_TRANSPORTS, PORTS), f"{PUBLISHED}: {unknown.why}")
    for port in ports if isinstance(ports, list) else ():
        if isinstance(port, dict):
            yield from _of(port)


def _of(port: dict[str, object]) -> Iterator[Unread]:
    target, protocol, host_ip = port.get("target"), port.get("protocol", "tcp"), port.get("host_ip")
    numbers = ((target, target),) if isinstance(target, int) else PORTS
    names = (protocol,) if isinstance(protocol, str) else _TRANSPORTS
    for unknown in unknowns(target, protocol):
        yield Unread(dict.fromkeys(names, numbers), f"{PUBLISHED}: {unknown.why}")
    for unknown in unknowns(host_ip):
        yield Unread(dict.fromkeys(names, numbers), f"{ADDRESS}: {unknown.why}")
