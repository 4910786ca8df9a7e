"""How a cluster runs a service: https://github.com/compose-spec/compose-spec/blob/main/deploy.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.inputs.compose import sizes
from policyengine.inputs.compose.fields import gpus
from policyengine.inputs.compose.node import DEFAULT
from policyengine.inputs.compose.pairs import paired
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts

_ROLLOUTS = ("update_config", "rollback_config")
_DEVICES = ("deploy", "resources", "reservations", "devices")


def fill(facts: Facts, node: Node) -> None:
    """Give a container what ``deploy`` says beside limits and restarts; ``scale`` is a number of replicas too."""
    _devices(facts, node)
    deployed = node.get("deploy")
    if deployed is None and node.get("scale") is None:
        return
    if not isinstance(deployed, dict | None):
        node.put(facts, "deploy", deployed if isinstance(deployed, Unknown) else node.get("deploy", "mode"))
        return
    written = node.get("deploy", "replicas")
    steps = ("scale",) if written is None else ("deploy", "replicas")
    if written is None:
        node.mark(facts, ("deploy", "replicas"), (*node.at, "scale"))
    labels = paired(facts, node, ("deploy", "labels"), node.get("deploy", "labels"), (*node.at, "deploy", "labels"))
    found: dict[str, object] = {
        "mode": node.text("deploy", "mode") or "replicated",
        "replicas": node.read(node.get(*steps), sizes.whole, *steps),
        "endpoint_mode": node.text("deploy", "endpoint_mode"),
        "placement": _placement(node),
        "labels": labels,
        **{key: _rollout(node, key) for key in _ROLLOUTS},
    }
    node.put(facts, "deploy", found, "scale" if deployed is None else "deploy")
    if node.get("deploy", "mode") is None:
        facts.how(("deploy", "mode"), DEFAULT)


def _placement(node: Node) -> object:
    written = node.get("deploy", "placement")
    if not isinstance(written, dict):
        return written
    constraints, steps = written.get("constraints"), ("deploy", "placement", "max_replicas_per_node")
    if isinstance(constraints, dict):
        constraints = [_constraint(name, value) for name, value in constraints.items()]
    return {"constraints": constraints, steps[2]: node.read(written.get(steps[2]), sizes.whole, *steps)}


def _constraint(name: str, value: object) -> object:
    return value if isinstance(value, Unknown) else f"{name}=={scalar_text(value) or ''}"


def _rollout(node: Node, key: str) -> object:
    written = node.get("deploy", key)
    if not isinstance(written, dict):
        return written
    return {
        "parallelism": node.read(written.get("parallelism"), sizes.whole, "deploy", key, "parallelism"),
        "delay": node.read(written.get("delay"), sizes.seconds, "deploy", key, "delay"),
        "failure_action": written.get("failure_action"),
        "order": written.get("order"),
    }


def _devices(facts: Facts, node: Node) -> None:
    """Devices that are reserved are asked for just as GPUs are."""
    written = node.get(*_DEVICES)
    if not isinstance(written, list):
        return
    own = facts["gpus"] if isinstance(facts["gpus"], list) else []
    for index in range(len(written)):
        node.mark(facts, ("gpus", len(own) + index), (*node.at, *_DEVICES, index))
    asked = gpus(written)
    at = None if own else (*node.at, *_DEVICES)
    facts.put("gpus", [*own, *(asked if isinstance(asked, list) else ())], at)
