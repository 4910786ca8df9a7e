"""The networks of a service, and the host's among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.compose.node import DEFAULT, flag
from policyengine.inputs.facts import scalar
from policyengine.model.types import BOOLEAN
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import DocPath
    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts


_ASKED = ("aliases", "ipv4_address", "ipv6_address", "mac_address", "gw_priority")


def fill(facts: Facts, node: Node) -> None:
    """Give a container its networks; one that names none, and no mode either, is on ``default``."""
    written = node.get("networks")
    if isinstance(written, dict | list):
        for index, (_, at) in enumerate(_attached(node)):
            node.mark(facts, ("networks", index), at)
    node.put(facts, "networks", (list(written) if isinstance(written, dict) else written) or None)
    if not written and facts["network_mode"] is None:
        facts.put("networks", ["default"], how=DEFAULT)
    mode = facts["network_mode"]
    node.put(facts, "default_bridge", mode if isinstance(mode, Unknown) else mode == "bridge", "network_mode")
    fill_attachments(facts, node)


def fill_host(facts: Facts, node: Node) -> None:
    """Give a container the mode ``host`` where one of its networks is the engine's network of that name.

    Only an external network can be: https://docs.docker.com/reference/compose-file/networks/#external.
    """
    if node.get("network_mode") is not None:
        return
    attached = list(_attached(node))
    if facts["networks"] == ["default"] and not attached:
        attached = [("default", node.definitions.place("networks", "default"))]
    judged = [(_is_host(node, name), at) for name, at in attached if isinstance(name, str)]
    # What is the host's for certain comes before what may be.
    for host, at in sorted(judged, key=lambda network: isinstance(network[0], Unknown)):
        if host:
            facts.put("network_mode", host if isinstance(host, Unknown) else "host", at)
            return


def _attached(node: Node) -> Iterator[tuple[object, DocPath]]:
    """The names of a service's networks as it writes them, and where each stands."""
    written = node.get("networks")
    if isinstance(written, dict):
        # A step below the network that is not there: the place of its name, which may have no value.
        yield from ((name, (*node.at, "networks", name, name)) for name in written)
    elif isinstance(written, list):
        yield from ((name, (*node.at, "networks", index)) for index, name in enumerate(written))


def _is_host(node: Node, network: str) -> bool | Unknown:
    missing = node.definitions.missing("networks", network)
    if missing is not None and network != "default":
        return missing
    definition = node.definitions.get("networks", network)
    external = flag(definition.get("external"))
    if not isinstance(external, dict | Unknown) and scalar(external, BOOLEAN) is not True:
        return False
    # Before version 3.5 the name was written below external.
    name = external.get("name") if isinstance(external, dict) else definition.get("name")
    if isinstance(name, Unknown):
        return name
    if (network if name is None else name) != "host":
        return False
    return external if isinstance(external, Unknown) else True


def fill_attachments(facts: Facts, node: Node) -> None:
    """Give a container what its service asks of each network."""
    written = node.get("networks")
    if not isinstance(written, dict):
        return
    found = {
        name: {key: asked.get(key) for key in _ASKED if asked.get(key) is not None}
        for name, asked in written.items()
        if isinstance(asked, dict)
    }
    asking = {name: asked for name, asked in found.items() if asked}
    node.put(facts, "network_attachments", asking or None, "networks")
