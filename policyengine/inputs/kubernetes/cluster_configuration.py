"""kubeadm's ClusterConfigurations: the flags that kubeadm gives the components of a control plane.

What the file adds comes on top of what kubeadm sets by itself.
https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.metadata import ORIGIN
from policyengine.inputs.kubernetes.node import Found, is_placeholder
from policyengine.inputs.kubernetes.parts import put_map
from policyengine.model.kinds.control_plane_component import KIND
from policyengine.model.provenance import Provenance
from policyengine.model.scope import Scope
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource

_PKI = "/etc/kubernetes/pki"
_BY_KUBEADM = Provenance("default", "kubeadm")
_UNSETTLED = Unknown("control_plane_component.flags", "a variable or a template sets it", "check what is rendered")

_SET = {
    "kube-apiserver": {
        "authorization-mode": "Node,RBAC",
        "client-ca-file": f"{_PKI}/ca.crt",
        "enable-admission-plugins": "NodeRestriction",
        "etcd-cafile": f"{_PKI}/etcd/ca.crt",
        "etcd-certfile": f"{_PKI}/apiserver-etcd-client.crt",
        "etcd-keyfile": f"{_PKI}/apiserver-etcd-client.key",
        "kubelet-client-certificate": f"{_PKI}/apiserver-kubelet-client.crt",
        "kubelet-client-key": f"{_PKI}/apiserver-kubelet-client.key",
        "service-account-key-file": f"{_PKI}/sa.pub",
        "tls-cert-file": f"{_PKI}/apiserver.crt",
        "tls-private-key-file": f"{_PKI}/apiserver.key",
    },
    "kube-controller-manager": {
        "bind-address": "127.0.0.1",
        "client-ca-file": f"{_PKI}/ca.crt",
        "root-ca-file": f"{_PKI}/ca.crt",
        "service-account-private-key-file": f"{_PKI}/sa.key",
        "use-service-account-credentials": "true",
    },
    "kube-scheduler": {"bind-address": "127.0.0.1"},
    "etcd": {
        "cert-file": f"{_PKI}/etcd/server.crt",
        "client-cert-auth": "true",
        "key-file": f"{_PKI}/etcd/server.key",
        "peer-cert-file": f"{_PKI}/etcd/peer.crt",
        "peer-client-cert-auth": "true",
        "peer-key-file": f"{_PKI}/etcd/peer.key",
        "trusted-ca-file": f"{_PKI}/etcd/ca.crt",
    },
}
"""The flags, of those that policies ask about, that kubeadm sets by itself.

https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/
"""

_SECTIONS = {
    "kube-apiserver": ("apiServer",),
    "kube-controller-manager": ("controllerManager",),
    "kube-scheduler": ("scheduler",),
    "etcd": ("etcd", "local"),
}


def cluster_configuration_resources(manifest: Object) -> Iterator[Resource]:
    """The components that kubeadm makes; no etcd where the cluster is given another one."""
    node = manifest.node
    external = node["etcd"].value
    for component, section in _SECTIONS.items():
        if component != "etcd" or not (isinstance(external, dict) and "external" in external):
            yield _component(node, component, section)


def _component(node: Node, component: str, section: tuple[str, ...]) -> Resource:
    part = node
    for step in section:
        below = part[step]
        part = below if below.written else part
    at = part.at if part is not node else (*node.at, "kind")
    facts = Facts(KIND, node.document, at, node.context)
    facts.put("name", component, at)
    facts.put("component", component, at)
    given = _given(part["extraArgs"]) if part is not node else {}
    known = {flag: Found(value, at, _BY_KUBEADM) for flag, value in _SET[component].items()}
    put_map(facts, "flags", {**known, **given}, at)
    return facts.resource(
        component, Scope(ORIGIN, "", node.context.source, frozenset()), ORIGIN, "ClusterConfiguration"
    )


def _given(arguments: Node) -> dict[str, Found]:
    """The flags of ``extraArgs``: a mapping, or since v1beta4 a list of names and values."""
    if isinstance(arguments.value, list):
        listed = [(item["name"].value, item["value"]) for item in arguments.items()]
    else:
        listed = [(key, arguments[key]) for key in arguments.keys]
    return {name: _value(value) for name, value in listed if isinstance(name, str) and value.written}


def _value(node: Node) -> Found:
    found = node.text()
    return Found(_UNSETTLED, found.at) if is_placeholder(found.value) else found
