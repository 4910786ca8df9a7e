"""One service of a Compose file as a container.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.inputs import normal
from policyengine.inputs.compose import (
    build,
    deploy,
    fields,
    grants,
    healthcheck,
    hooks,
    image,
    limits,
    networks,
    pairs,
    partial,
    ports,
    volumes,
)
from policyengine.inputs.compose.node import DEFAULT, flag
from policyengine.inputs.compose.words import words
from policyengine.inputs.facts import Facts
from policyengine.inputs.normal import restart_limit
from policyengine.model.kinds.container import KIND
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.inputs.compose.node import Node
    from policyengine.model.resource import Resource
    from policyengine.model.scope import Scope

_OF_OTHERS = """
    auto_remove controller cpu_request environment_secrets ephemeral_storage_limit ephemeral_storage_request execs
    hardening host_users image_pull_policy liveness_probe memory_request os probes_alike publish_all readiness_probe
    repeated_variables root_refused run_as_group run_as_non_root run_as_user seccomp_annotation seccomp_profile
    security_context startup_probe state
"""
"""What only other input kinds know of."""

SUPPLIED = frozenset(KIND.fields) - frozenset(_OF_OTHERS.split())


def container(node: Node, scope: Scope, origin: str) -> Resource:
    """The container that a service describes."""
    facts = Facts(KIND, node.document, node.at, node.context)
    for fill in _FILLERS:
        fill(facts, node)
    partial.leave_open(facts, node, SUPPLIED)
    networks.fill_host(facts, node)
    return facts.resource(node.name, scope, origin, f"service/{node.name}")


def _names(facts: Facts, node: Node) -> None:
    name = node.text("container_name")
    node.put(facts, "name", name or node.name, *(("container_name",) if name else ()))
    facts.put("role", "main", node.at, DEFAULT)


def _commands(facts: Facts, node: Node) -> None:
    """A command written as one string is split as a shell would, or stays whole where that is impossible."""
    for field in ("command", "entrypoint"):
        written = node.get(field)
        if isinstance(written, str):
            written = words(written)
            for index in range(len(written)):
                facts.place((field, index), (*node.at, field))
        elif isinstance(written, list):
            node.mark_items(facts, field)
        node.put(facts, field, written)


def _flags(facts: Facts, node: Node) -> None:
    for field in ("privileged", "read_only"):
        written = flag(node.get(field))
        node.put(facts, field, written)
        if written is None:
            facts.put(field, False, how=DEFAULT)


def _namespaces(facts: Facts, node: Node) -> None:
    for field in ("network_mode", "pid", "ipc", "userns_mode"):
        written = node.get(field)
        node.put(facts, field, None if written == "" else written)


def _lists(facts: Facts, node: Node) -> None:
    for field, read in _LISTS.items():
        written = node.get(field)
        if isinstance(written, list):
            node.mark_items(facts, field)
            written = [read(item) for item in written]
        node.put(facts, field, written)


def _capability(item: object) -> object:
    return normal.capability(item) if isinstance(item, str) else item


def _security_option(item: object) -> object:
    """Docker takes ``name=value`` and ``name:value``, and a bare no-new-privileges."""
    if not isinstance(item, str):
        return item
    name, separator, value = item.partition("=" if "=" in item else ":")
    if name == "no-new-privileges":
        return f"no-new-privileges:{value or 'true'}"
    return f"{name}={value}" if separator else item


def _device(item: object) -> object:
    if not isinstance(item, dict):
        return item
    parts = [item[key] for key in ("source", "target", "permissions") if item.get(key) is not None]
    unknown = next((part for part in parts if isinstance(part, Unknown)), None)
    texts = [scalar_text(part) for part in parts]
    return unknown or (item if not texts or None in texts else ":".join(text for text in texts if text))


_LISTS: dict[str, Callable[[object], object]] = {
    "cap_add": _capability,
    "cap_drop": _capability,
    "security_opt": _security_option,
    "devices": _device,
}


def _restart(facts: Facts, node: Node) -> None:
    """``deploy.restart_policy`` wins over ``restart``."""
    written, steps = _restart_policy(node)
    if written in (None, ""):
        facts.put("restart", "always" if len(steps) > 1 else "no", (*node.at, *steps), DEFAULT)
    else:
        node.put(facts, "restart", written, *steps)
    policy = facts["restart"]
    limit = restart_limit(policy) if isinstance(policy, str) else policy
    counted = len(steps) > 1 and isinstance(policy, str) and ":" in policy
    node.put(facts, "restart_limit", limit, *(_ATTEMPTS if counted else steps))


_ATTEMPTS = ("deploy", "restart_policy", "max_attempts")


def _restart_policy(node: Node) -> tuple[object, tuple[str, ...]]:
    """What is written, in the words of ``restart``, and where; nothing stands for the default there."""
    steps = ("deploy", "restart_policy", "condition")
    if node.get(*steps[:2]) is None:
        return node.get("restart"), ("restart",)
    condition = node.text(*steps)
    if condition is None:
        return None, steps[:2]
    return condition if isinstance(condition, Unknown) else _policy(condition, node), steps


def _policy(condition: str, node: Node) -> str | Unknown:
    attempts = node.text(*_ATTEMPTS)
    if condition == "on-failure" and attempts is not None:
        return attempts if isinstance(attempts, Unknown) else f"on-failure:{attempts}"
    return {"none": "no", "any": "always"}.get(condition, condition)


_FILLERS: tuple[Callable[[Facts, Node], None], ...] = (
    _names,
    image.fill,
    build.fill,
    _commands,
    _flags,
    _lists,
    _namespaces,
    networks.fill,
    ports.fill,
    volumes.fill,
    pairs.fill,
    limits.fill,
    fields.fill,
    grants.fill,
    hooks.fill,
    deploy.fill,
    _restart,
    healthcheck.fill,
)
