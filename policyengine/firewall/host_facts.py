"""What ``ip -j`` tells of a host: its interfaces and where it sends what. ip-address(8), ip-route(8), ip-rule(8)"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from policyengine.errors import DocumentError
from policyengine.firewall.host import Host, HostAddress, HostInterface, host_address, route

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.firewall.host import Route
    from policyengine.firewall.rules import Family

TABLES = frozenset({"local", "main", "default"})
"""Routing tables that every host asks."""

_NOWHERE = frozenset({"blackhole", "unreachable", "prohibit"})
"""Types of routes that end a packet's way."""


def host(interfaces: str, routes: Mapping[Family, str], rules: Mapping[Family, str], path: str) -> Host:
    """A host from the JSON of ``ip address``, and of ``ip route`` and ``ip rule`` for each family.

    An interface that is down has no addresses: the kernel takes no packet for them. Where rules choose among tables of
    routes by more than the destination, the ways that packets take are not known. Raises :class:`DocumentError`.
    """
    chosen = any(_chooses(rule) for said in rules.values() for rule in _objects(said, path))
    found = [one for family, said in routes.items() for told in _objects(said, path) for one in _routes(told, family)]
    return Host(
        interfaces=tuple(_interface(one) for one in _objects(interfaces, path)),
        routes=None if chosen else tuple(found),
    )


def _objects(said: str, path: str) -> list[dict[str, Any]]:
    """The objects of a list; ip says nothing at all where there are none."""
    try:
        objects = json.loads(said) if said.strip() else []
    except ValueError:
        objects = None
    if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
        raise DocumentError("ip -j does not answer in JSON", path=path, hint="iproute2 4.15 and later do")
    return [one for one in objects if one]


def _interface(told: Mapping[str, Any]) -> HostInterface:
    up = "UP" in told.get("flags", ())
    return HostInterface(str(told["ifname"]), tuple(_addresses(told)) if up else ())


def _addresses(told: Mapping[str, Any]) -> Iterator[HostAddress]:
    for one in told.get("addr_info", ()):
        if one.get("family") in ("inet", "inet6") and "local" in one:
            yield host_address(f"{one['local']}/{one.get('prefixlen', '')}".rstrip("/"))


def _routes(told: Mapping[str, Any], family: Family) -> Iterator[Route]:
    """A route, or one for each of several ways that the kernel may choose from; none that is dead."""
    metric = int(told.get("metric", 0))
    if told.get("type") in _NOWHERE:
        yield route(told["dst"], None, metric, family)
    elif told.get("type", "unicast") == "unicast":
        for hop in told.get("nexthops") or [told]:
            if "dead" not in hop.get("flags", ()) and "dev" in hop:
                yield route(told["dst"], hop["dev"], metric, family)


def _chooses(rule: Mapping[str, Any]) -> bool:
    """Whether a rule sends some packets to a table that others are not sent to."""
    return rule.get("table") not in TABLES or rule.get("src", "all") != "all" or not _PLAIN.issuperset(rule)


_PLAIN = frozenset({"priority", "src", "table", "protocol"})
"""What is told of rules that all packets are subject to."""
