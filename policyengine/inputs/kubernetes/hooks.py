"""The hooks of a container: what is done when it has started, and before it stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.node import Found
from policyengine.inputs.kubernetes.parts import Listed, Parts

if TYPE_CHECKING:
    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.parts import Part

_EVENTS = {"post_start": "postStart", "pre_stop": "preStop"}
_HANDLERS = ("exec", "httpGet", "tcpSocket", "sleep")


def hooks(lifecycle: Node) -> Part:
    """The hooks of a ``lifecycle``.

    https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#lifecycle
    """
    if not isinstance(lifecycle.value, dict):
        return Found(lifecycle.value, lifecycle.at)
    found = [_hook(event, lifecycle[key].mapping()) for event, key in _EVENTS.items() if lifecycle[key].written]
    return Listed(lifecycle.at, found) if found else Found(None, lifecycle.at)


def _hook(event: str, hook: Node) -> Part:
    if not isinstance(hook.value, dict):
        return Found(hook.value, hook.at)
    handler = next((key for key in _HANDLERS if hook[key].written), None)
    does = hook[handler].mapping() if handler else hook
    return Parts(
        hook.at,
        {
            "event": Found(event, hook.at),
            "handler": Found(handler, does.at),
            "command": does["command"].texts(),
            "host": does["host"].text(),
        },
    )
