"""Files that configure components: KubeletConfiguration, KubeSchedulerConfiguration.

What a file says is told by the name of the flag that says the same, with the defaults of the file, which are not those
of the flags. https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.metadata import ORIGIN
from policyengine.inputs.kubernetes.node import DEFAULT, Found
from policyengine.inputs.kubernetes.parts import put_map
from policyengine.model.kinds.control_plane_component import KIND
from policyengine.model.scope import Scope
from policyengine.model.types import STRING
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource

_KUBELET: Mapping[str, tuple[str, str | None]] = {
    "anonymous-auth": ("authentication.anonymous.enabled", "false"),
    "authentication-token-webhook": ("authentication.webhook.enabled", "true"),
    "authorization-mode": ("authorization.mode", "Webhook"),
    "client-ca-file": ("authentication.x509.clientCAFile", None),
    "event-qps": ("eventRecordQPS", "50"),
    "feature-gates": ("featureGates", None),
    "make-iptables-util-chains": ("makeIPTablesUtilChains", "true"),
    "pod-max-pids": ("podPidsLimit", "-1"),
    "protect-kernel-defaults": ("protectKernelDefaults", "false"),
    "read-only-port": ("readOnlyPort", "0"),
    "rotate-certificates": ("rotateCertificates", "false"),
    "rotate-server-certificates": ("serverTLSBootstrap", "false"),
    "seccomp-default": ("seccompDefault", "false"),
    "streaming-connection-idle-timeout": ("streamingConnectionIdleTimeout", "4h"),
    "tls-cert-file": ("tlsCertFile", None),
    "tls-cipher-suites": ("tlsCipherSuites", None),
    "tls-min-version": ("tlsMinVersion", None),
    "tls-private-key-file": ("tlsPrivateKeyFile", None),
}
_SCHEDULER: Mapping[str, tuple[str, str | None]] = {
    "contention-profiling": ("enableContentionProfiling", "true"),
    "profiling": ("enableProfiling", "true"),
}
"""By flag: the path in the file, and the file's default."""

_FLAGS_TOO = Unknown("control_plane_component.flags", "the file cannot say it: the scheduler's flags do")


def component_configuration_resources(manifest: Object) -> Iterator[Resource]:
    """The component that a file configures."""
    node, kubelet = manifest.node, manifest.kind == "KubeletConfiguration"
    facts = Facts(KIND, node.document, (*node.at, "kind"), node.context)
    facts.put("name", manifest.kind, (*node.at, "kind"))
    facts.put("component", "kubelet" if kubelet else "kube-scheduler", (*node.at, "kind"))
    parts = {"": node}
    found = {
        flag: _said(parts, path, default) for flag, (path, default) in (_KUBELET if kubelet else _SCHEDULER).items()
    }
    put_map(facts, "flags", found, (*node.at, "kind"))
    if not kubelet:
        facts.leave_open("flags", _FLAGS_TOO)
    yield facts.resource(manifest.kind, Scope(ORIGIN, "", node.context.source, frozenset()), ORIGIN)


def _said(parts: dict[str, Node], path: str, default: str | None) -> Found:
    """What stands at a path, as a flag would have it; where nothing does, the default and the nearest thing around."""
    above, _, last = path.rpartition(".")
    around = _part(parts, above)
    said = around[last]
    if around.written and said.written:
        return Found(_as_flag(said), said.at)
    while not around.written:
        above = above.rpartition(".")[0]
        around = parts[above]
    return _unsaid(around, default)


def _part(parts: dict[str, Node], path: str) -> Node:
    """The mapping at a path, read once: what is wrong with it is told once."""
    if path not in parts:
        above, _, last = path.rpartition(".")
        parts[path] = _part(parts, above)[last].mapping()
    return parts[path]


def _unsaid(around: Node, default: str | None) -> Found:
    at = around.at if len(around.at) > 1 else (*around.at, "kind")
    return Found(default, at, DEFAULT if default else None)


def _as_flag(said: Node) -> object:
    """A value as text: lists with commas, switches by name as ``NAME=true``."""
    if isinstance(said.value, list):
        return ",".join(text for item in said.value if (text := scalar_text(item)) is not None)
    if isinstance(said.value, dict):
        return ",".join(f"{name}={scalar_text(value)}" for name, value in said.value.items())
    text = scalar_text(said.value)
    return said.unknown(STRING) if text is None or said.is_placeholder else text
