"""The networks that a project makes: https://github.com/compose-spec/compose-spec/blob/main/06-networks.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.compose.node import DEFAULT, flag
from policyengine.inputs.compose.pairs import paired
from policyengine.inputs.compose.section import fill_name
from policyengine.inputs.facts import Facts
from policyengine.model.kinds.network import KIND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.inputs.compose.node import Node
    from policyengine.model.resource import Resource
    from policyengine.model.scope import Scope
    from policyengine.model.unknown import Unknown

SUPPLIED = frozenset(
    {"name", "driver", "internal", "attachable", "enable_ipv6", "subnets", "gateways", "ipam_driver", "options"}
    | {"labels", "containers"}
)
_FLAGS = ("internal", "attachable", "enable_ipv6")
_CONFIGS = {"subnets": "subnet", "gateways": "gateway"}


def network(node: Node, services: Iterable[Node], scope: Scope, origin: str) -> Resource:
    """A network."""
    facts = Facts(KIND, node.document, node.head, node.context)
    fill_name(facts, node, scope)
    node.put(facts, "driver", node.get("driver"))
    for key in _FLAGS:
        value = flag(node.get(key))
        node.put(facts, key, value)
        if value is None:
            facts.put(key, False, how=DEFAULT)
    for field, key in (("options", "driver_opts"), ("labels", "labels")):
        pairs = paired(facts, node, (field,), node.get(key), (*node.at, key))
        node.put(facts, field, pairs, key)
    _fill_addresses(facts, node)
    facts.put("containers", _attached(node, services), node.head)
    return facts.resource(node.name, scope, origin)


def _fill_addresses(facts: Facts, node: Node) -> None:
    node.put(facts, "ipam_driver", node.get("ipam", "driver"), "ipam", "driver")
    configs = node.get("ipam", "config")
    for field, key in _CONFIGS.items():
        if not isinstance(configs, list):
            node.put(facts, field, configs, "ipam", "config")
            continue
        written = [(index, config[key]) for index, config in enumerate(configs) if _has(config, key)]
        for place, (index, _) in enumerate(written):
            node.mark(facts, (field, place), (*node.at, "ipam", "config", index, key))
        node.put(facts, field, [value for _, value in written] or None, "ipam", "config")


def _has(config: object, key: str) -> bool:
    return isinstance(config, dict) and config.get(key) is not None


def _attached(network: Node, services: Iterable[Node]) -> list[object]:
    return [_container(node) for node in services if _attaches(node, network.name)]


def _attaches(node: Node, name: str) -> bool:
    written = node.get("networks")
    if not written and name == "default":
        return node.get("network_mode") is None and node.get("provider") is None
    return isinstance(written, dict | list) and name in written


def _container(node: Node) -> str | Unknown:
    return node.text("container_name") or node.name
