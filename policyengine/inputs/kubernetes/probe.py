"""Probes: how the kubelet asks whether a container lives and is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.node import Found
from policyengine.inputs.kubernetes.parts import Parts, put_part

if TYPE_CHECKING:
    from policyengine.inputs.facts import Facts
    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.parts import Part

PROBES = {"liveness_probe": "livenessProbe", "readiness_probe": "readinessProbe", "startup_probe": "startupProbe"}

_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_SECONDS = {
    "initial_delay_seconds": ("initialDelaySeconds", 0),
    "period_seconds": ("periodSeconds", 10),
    "timeout_seconds": ("timeoutSeconds", 1),
    "failure_threshold": ("failureThreshold", 3),
}
"""Their defaults: https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#probe-v1-core"""


def put_probes(facts: Facts, container: Node) -> None:
    """Fill a container's probes. One that asks in no way is none, as the API server has it."""
    for field, key in PROBES.items():
        put_part(facts, field, _probe(container[key].mapping()))


def _probe(probe: Node) -> Part:
    if not isinstance(probe.value, dict) or not probe.value:
        return Found(probe.value or None, probe.at)
    handler = next((key for key in _HANDLERS if probe[key].written), None)
    asks = probe[handler].mapping() if handler else probe
    numbers = {field: probe[key].integer().or_default(default) for field, (key, default) in _SECONDS.items()}
    return Parts(
        probe.at,
        {
            "handler": Found(handler, asks.at),
            "command": asks["command"].texts(),
            "path": asks["path"].text(),
            "port": asks["port"].text(),
            "host": asks["host"].text(),
            **numbers,
        },
    )
