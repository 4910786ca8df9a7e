"""Services that are a part of one: what the rest of it says stays unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts

_LIMITS = ("deploy", "resources", "limits")
_WRITTEN: dict[str, tuple[tuple[str, ...], ...]] = {
    "image": (("image",), ("build",)),
    "runs_as_root": (("user",),),
    "mem_limit": (("mem_limit",), (*_LIMITS, "memory")),
    "cpus": (("cpus",), (*_LIMITS, "cpus")),
    "pids_limit": (("pids_limit",), (*_LIMITS, "pids")),
    "restart": (("restart",), ("deploy", "restart_policy")),
    "restart_limit": (("restart",), ("deploy", "restart_policy")),
    "mem_reservation": (("mem_reservation",), ("deploy", "resources", "reservations", "memory")),
    "deploy": (("deploy",), ("scale",)),
    "gpus": (("gpus",), ("deploy", "resources", "reservations", "devices")),
    "hooks": (("post_start",), ("pre_stop",)),
    "network_attachments": (("networks",),),
    "volumes": (("volumes",), ("tmpfs",), ("use_api_socket",), ("secrets",), ("configs",), ("volumes_from",)),
}
"""Where in a service a field is written, where that is not under its own name only."""

_OWN = ("name", "role", "windows")
_REPLACED = ("command", "entrypoint")
"""Lists that a service does not add to but replaces."""


def leave_open(facts: Facts, node: Node, fields: Iterable[str]) -> None:
    """Make unknown what a service does not write that is not the whole of it, and leave its lists and maps open."""
    unknown = missing_part(node)
    if unknown is None:
        return
    for field in fields:
        written = any(node.get(*steps) is not None for steps in _WRITTEN.get(field, ((field,),)))
        if not written and field not in _OWN:
            node.put(facts, field, unknown)
        elif field not in _REPLACED:
            facts.leave_open(field, unknown)


_HOW = "check the files together, as compose.yaml:compose.prod.yaml"


def missing_part(node: Node) -> Unknown | None:
    """Why a service is not the whole of it, None where it is."""
    extends = node.get("extends")
    if isinstance(extends, Unknown):
        return extends
    if node.get("image") is None and node.get("build") is None:
        return Unknown("service.image", "the service has no image and no build: it adds to one in another file", _HOW)
    return None
