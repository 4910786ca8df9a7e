"""Published ports, in the short syntax ``[HOST_IP:][HOST_PORT:]CONTAINER_PORT[/PROTOCOL]`` and in the long one.

The short syntax is read as Docker reads it (``ParsePortSpec`` of go-connections' ``nat``, which Compose uses).
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.inputs.compose.node import DEFAULT
from policyengine.inputs.normal import address
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.documents.document import DocPath
    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts

MAX_PORTS = 150_000
"""How many ports of one service are told apart: all of TCP and of UDP, and some more."""

_DEFAULTS = {"host_ip": "0.0.0.0", "protocol": "tcp"}  # noqa: S104
_KEYS = ("target", "published", "host_ip", "protocol")
_RANGE = re.compile(r"(?P<first>[0-9]{1,5})(?:-(?P<last>[0-9]{1,5}))?").fullmatch
_PROTOCOLS = ("tcp", "udp", "sctp")

Port = dict[str, object]


def fill(facts: Facts, node: Node) -> None:
    """Give a container its published ports."""
    written = node.get("ports")
    if not isinstance(written, list):
        node.put(facts, "ports", written)
        return
    found: list[tuple[object, DocPath]] = []
    for index, item in enumerate(written):
        at = (*node.at, "ports", index)
        found += ((port, at) for port in _ports(item, at, node, MAX_PORTS - len(found)))
    # Of several with one key the last counts, and it stands where the first does.
    by_key = {_key(port, index): (port, at) for index, (port, at) in enumerate(found)}
    for index, (port, at) in enumerate(by_key.values()):
        _mark(facts, node, index, port, at)
    ports = [{**_DEFAULTS, **port} if isinstance(port, dict) else port for port, _ in by_key.values()]
    node.put(facts, "ports", ports)


def _key(port: object, index: int) -> object:
    """What must be unique: https://github.com/compose-spec/compose-spec/blob/main/13-merge.md#unique-resources."""
    if not isinstance(port, dict):
        return index
    values = [port.get(key, _DEFAULTS.get(key)) for key in _KEYS]
    if any(isinstance(value, dict | list | Unknown) for value in values):
        return index
    return tuple(None if value is None else str(value) for value in values)


def _ports(item: object, at: DocPath, node: Node, left: int) -> list[object]:
    """The ports that one item stands for; one unknown port for what is no port."""
    if isinstance(item, Unknown):
        return [item]
    if isinstance(item, dict):
        return [_long(item, at, node)]
    text = None if isinstance(item, bool) else scalar_text(item)
    try:
        ports = short(text or "")
        if len(ports) > left:
            raise ValueError(f"{MAX_PORTS:,} at most")
    except ValueError as error:
        return [node.wrong("ports", str(error), at)]
    return list(ports)


def _long(item: dict[str, object], at: DocPath, node: Node) -> Port:
    """A port in the long syntax; with an unknown port of the host for what is none: an address has its own key."""
    port = long(item)
    published = port.get("published")
    if isinstance(published, str) and not _RANGE(published):
        port["published"] = wrong = node.wrong("ports.published", "a port, or a range of ports", (*at, "published"))
        port.setdefault("host_ip", wrong)
    return port


def _mark(facts: Facts, node: Node, index: int, port: object, at: DocPath) -> None:
    node.mark(facts, ("ports", index), at)
    if isinstance(port, dict):
        for key in _KEYS:
            if key in port:
                node.mark(facts, ("ports", index, key), (*at, key))
            elif key in _DEFAULTS:
                facts.how(("ports", index, key), DEFAULT)


def long(item: dict[str, object]) -> Port:
    """A port in the long syntax; keys only for what is written, values as they are."""
    port = {key: item[key] for key in _KEYS if item.get(key) not in (None, "")}
    target, protocol, host_ip = (port.get(key) for key in ("target", "protocol", "host_ip"))
    if isinstance(target, str) and _RANGE(target) and "-" not in target:
        port["target"] = int(target)
    if isinstance(protocol, str):
        port["protocol"] = protocol.lower()
    if isinstance(host_ip, str):
        port["host_ip"] = address(host_ip)
    return port


def short(text: str) -> list[Port]:
    """The ports of one item, one for each port of the container; keys only for what is written.

    Raises ValueError, with what was expected.
    """
    rest, slash, protocol = text.rpartition("/") if "/" in text else (text, "", "")
    if slash and protocol.lower() not in _PROTOCOLS:
        raise ValueError("a protocol that is tcp, udp or sctp")
    head, _, target = rest.rpartition(":")
    host_ip, _, published = head.rpartition(":")
    first, last = _bounds(target)
    common: Port = {"protocol": protocol.lower()} if slash else {}
    if host_ip:
        common["host_ip"] = _address(host_ip)
    return [
        {"target": first + offset, **_published(published, last - first, offset), **common}
        for offset in range(last - first + 1)
    ]


def _published(text: str, span: int, offset: int) -> Port:
    """The port on the host: a range where a single port of the container gets one port of it."""
    if not text:
        return {}
    first, last = _bounds(text)
    if span == 0:
        return {"published": str(first) if first == last else f"{first}-{last}"}
    if last - first != span:
        raise ValueError("as many ports of the host as of the container")
    return {"published": str(first + offset)}


def _bounds(text: str) -> tuple[int, int]:
    match = _RANGE(text)
    if match is None:
        raise ValueError("[HOST_IP:][HOST_PORT:]CONTAINER_PORT[/PROTOCOL]")
    first, last = int(match["first"]), int(match["last"] or match["first"])
    if not first <= last <= 65535:
        raise ValueError("ports up to 65535, the lower one first")
    return first, last


def _address(text: str) -> str:
    found = address(text)
    try:
        ip_address(found)
    except ValueError:
        raise ValueError("an IP address before the ports") from None
    return found
