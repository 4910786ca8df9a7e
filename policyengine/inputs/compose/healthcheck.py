"""A service's health check: https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.compose.node import DEFAULT, flag
from policyengine.inputs.compose.sizes import seconds, whole
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts

_NUMBERS = {
    "interval": seconds,
    "timeout": seconds,
    "start_period": seconds,
    "start_interval": seconds,
    "retries": whole,
}


def fill(facts: Facts, node: Node) -> None:
    """Give a container its health check."""
    written = node.get("healthcheck")
    if not isinstance(written, dict):
        node.put(facts, "healthcheck", written)
        return
    test, disable = written.get("test"), flag(written.get("disable"))
    at = (*node.at, "healthcheck")
    facts.place(("healthcheck", "test"), (*at, "test"))
    if isinstance(test, str | Unknown):  # a variable is always a text
        test = ["CMD-SHELL", test]
        for index in range(2):
            node.mark(facts, ("healthcheck", "test", index), (*at, "test"))
    if disable is None:
        disable = test == ["NONE"]
        facts.how(("healthcheck", "disable"), DEFAULT)
    numbers = {key: node.read(written.get(key), read, "healthcheck", key) for key, read in _NUMBERS.items()}
    node.put(facts, "healthcheck", {"test": test, "disable": disable, **numbers})
