"""Probes: how the kubelet asks whether a container lives and is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.node import Found, put
from policyengine.inputs.kubernetes.parts import Parts, put_part
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.inputs.facts import Facts
    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.parts import Part

PROBES = {"liveness_probe": "livenessProbe", "readiness_probe": "readinessProbe", "startup_probe": "startupProbe"}

_UNREAD = Unknown("ports", "a part of it has the wrong type")
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
    declared = _declared(container["ports"])
    probes = {field: _probe(container[key].mapping(), declared) for field, key in PROBES.items()}
    for field, probe in probes.items():
        put_part(facts, field, probe)
    put(facts, "probes_alike", _alike(probes["liveness_probe"], probes["readiness_probe"]))


def _declared(ports: Node) -> frozenset[str] | None:
    """The numbers and names of the ports that a container lists; None where they cannot be read."""
    if not isinstance(ports.value, list):
        return None if ports.written else frozenset()
    listed = [port for port in ports.value if isinstance(port, dict)]
    return frozenset(str(port[key]) for port in listed for key in ("containerPort", "name") if port.get(key))


def _port_declared(handler: str | None, asks: Node, declared: frozenset[str] | None) -> object:
    """Whether the port that is asked is listed; None where none of the Pod's own is asked."""
    port = asks["port"].value
    if handler not in ("httpGet", "tcpSocket", "grpc") or asks["host"].value or port is None:
        return None
    return _UNREAD if declared is None or isinstance(port, Unknown) else str(port) in declared


def _alike(liveness: Part, readiness: Part) -> Found:
    """Whether a container is restarted as soon as it is not ready: both ask the same, and liveness bears no more."""
    at = liveness.at
    if not isinstance(liveness, Parts) or not isinstance(readiness, Parts):
        return Found(None, at)
    lives, ready = ({key: part.value for key, part in of.fields.items()} for of in (liveness, readiness))  # type: ignore[union-attr] # a probe's parts are scalars
    if any(isinstance(value, Unknown) for of in (lives, ready) for value in of.values()):
        return Found(_UNREAD, at)
    asked = all(lives[key] == ready[key] for key in ("handler", "command", "path", "port", "host"))
    return Found(asked and _patience(lives) <= _patience(ready), at)


def _patience(probe: Mapping[str, object]) -> float:
    """How long a container may fail a probe before it counts."""
    period, threshold = probe["period_seconds"], probe["failure_threshold"]
    return float(period * threshold) if isinstance(period, int) and isinstance(threshold, int) else 0.0


def _probe(probe: Node, declared: frozenset[str] | None) -> Part:
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
            "port_declared": Found(_port_declared(handler, asks, declared), (*asks.at, "port")),
            **numbers,
        },
    )
