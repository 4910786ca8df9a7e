"""A service's health check: https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.compose.image import left_to_image
from policyengine.inputs.compose.node import DEFAULT, flag
from policyengine.inputs.compose.sizes import seconds, whole
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.documents.document import DocPath
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
    """Give a container its health check; its image's where it writes none, or one without a test."""
    written = node.get("healthcheck")
    if not isinstance(written, dict):
        node.put(facts, "healthcheck", _of_image(node) if written is None else written)
        return
    disable, at = flag(written.get("disable")), (*node.at, "healthcheck")
    facts.place(("healthcheck", "test"), (*at, "test"))
    test = _test(facts, node, written.get("test"))
    if test is None and disable is True:
        test = ["NONE"]  # as the engine is told
        _derive(facts, "test", (*at, "disable"))
    elif test is None:
        test = _of_image(node)
    if disable is None or (_switched_off(test) and disable is not True):
        disable = _switched_off(test)
        _derive(facts, "disable", (*at, "test"))
    numbers = {key: node.read(written.get(key), read, "healthcheck", key) for key, read in _NUMBERS.items()}
    node.put(facts, "healthcheck", {"test": test, "disable": disable, **numbers})


def _derive(facts: Facts, part: str, at: DocPath) -> None:
    """Tell that a part follows from another one, which stands at ``at``."""
    facts.place(("healthcheck", part), at)
    facts.how(("healthcheck", part), DEFAULT)


def _switched_off(test: object) -> bool:
    return isinstance(test, list) and test[:1] == ["NONE"]


def _of_image(node: Node) -> Unknown:
    return left_to_image(node, "image.healthcheck", "the health check")


def _test(facts: Facts, node: Node, test: object) -> object:
    """The test as a list; None for an empty one, which leaves it to the image (Engine API, HealthConfig)."""
    if isinstance(test, str | Unknown):  # a variable is always a text
        for index in range(2):
            node.mark(facts, ("healthcheck", "test", index), (*node.at, "healthcheck", "test"))
        return ["CMD-SHELL", test]
    return test or None
