"""The ports that an engine publishes: what was asked for, joined with what the engine made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.inputs import normal
from policyengine.inputs.docker.config import ENGINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.docker.snapshot import Snapshot
    from policyengine.inputs.facts import Facts

_EVERYWHERE = "0.0.0.0"  # noqa: S104  # what the engine binds, not what we do
_BINDING_OPTION = "com.docker.network.bridge.host_binding_ipv4"


class _Binding(Struct, frozen=True):
    """One port of the container on one port of the host; ``node`` is where that is asked for."""

    key: str
    node: Node
    asked: bool = True


def put_ports(facts: Facts, container: Node, snapshot: Snapshot) -> None:
    """The published ports.

    The engine publishes none of a container that has no network of its own (``--network host``). An address that
    nobody wrote is the one that the engine listens on, or would: that of the network's option
    ``host_binding_ipv4``, else 0.0.0.0 (and ::).
    """
    host = container["HostConfig"]
    asked = host["PortBindings"]
    mode = host["NetworkMode"].text
    if asked.value is not None and not isinstance(asked.value, dict):
        facts.put("ports", asked.value, asked.at)
    elif mode in ("host", "none") or mode.startswith("container:"):
        facts.put("ports", None, asked.at)
    else:
        default = _default_address(container, snapshot)
        ports = [_port(facts, binding, container, index, default) for index, binding in enumerate(_bindings(container))]
        facts.put("ports", ports or None, asked.at)


def _bindings(container: Node) -> Iterator[_Binding]:
    host = container["HostConfig"]
    asked = dict(host["PortBindings"].entries())
    for key, bindings in asked.items():
        yield from (_Binding(key, binding) for binding in bindings.items())
    if host["PublishAllPorts"].true:
        for key, _ in container["Config"]["ExposedPorts"].entries():
            if key not in asked:
                yield _Binding(key, host["PublishAllPorts"], asked=False)


def _port(facts: Facts, binding: _Binding, container: Node, index: int, default: str) -> dict[str, object]:
    target, _, protocol = binding.key.partition("/")
    address, published = binding.node["HostIp"], binding.node["HostPort"]
    wanted = _wanted(binding.node)
    actual = _actual(binding, container)
    facts.place(("ports", index), binding.node.at)
    facts.place(("ports", index, "host_ip"), address.at if binding.asked else binding.node.at)
    facts.place(("ports", index, "published"), published.at if binding.asked else binding.node.at)
    if not address.text:
        facts.how(("ports", index, "host_ip"), ENGINE)
    if not wanted:
        facts.how(("ports", index, "published"), ENGINE)
    port: dict[str, object] = {
        "target": int(target) if target.isascii() and target.isdigit() else target,
        "host_ip": normal.address(address.text or _widest(actual) or default),
        "protocol": protocol or "tcp",
    }
    number = wanted or (actual[0]["HostPort"].text if actual else "")
    return {**port, "published": number} if number else port


def _actual(binding: _Binding, container: Node) -> list[Node]:
    """What the engine listens on for a binding; nothing where the container does not run.

    Bindings that leave the port to the engine get theirs in the order that they were asked for.
    """
    listening = container["NetworkSettings"]["Ports"][binding.key].items()
    siblings = container["HostConfig"]["PortBindings"][binding.key].items()
    address, wanted = binding.node["HostIp"].text, _wanted(binding.node)
    fixed = {_wanted(sibling) for sibling in siblings}
    named = {sibling["HostIp"].text for sibling in siblings} - {""}
    reached = [
        entry
        for entry in listening
        if (entry["HostIp"].text == address if address else entry["HostIp"].text not in named)
    ]
    if wanted:
        return [entry for entry in reached if entry["HostPort"].text == wanted]
    chosen = dict.fromkeys(entry["HostPort"].text for entry in reached)
    free = [port for port in chosen if port not in fixed]
    before = [sibling for sibling in siblings if sibling.at < binding.node.at and not _wanted(sibling)]
    rank = sum(sibling["HostIp"].text == address for sibling in before)
    return [entry for entry in reached if free[rank : rank + 1] == [entry["HostPort"].text]]


def _wanted(binding: Node) -> str:
    """The port of the host that was asked for; empty, or 0, leaves it to the engine."""
    port = binding["HostPort"].text
    return "" if port == "0" else port


def _widest(entries: list[Node]) -> str:
    """The address that most can reach, where the engine listens on several."""
    addresses = [entry["HostIp"].text for entry in entries]
    everywhere = [address for address in (_EVERYWHERE, "::") if address in addresses]
    return (everywhere or addresses or [""])[0]


def _default_address(container: Node, snapshot: Snapshot) -> str:
    for name, _ in container["NetworkSettings"]["Networks"].entries():
        address = snapshot.network(name)["Options"][_BINDING_OPTION].text
        if address:
            return address
    return _EVERYWHERE
