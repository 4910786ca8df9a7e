"""NetworkPolicies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.metadata import ORIGIN, metadata
from policyengine.inputs.kubernetes.node import DEFAULT, Found, put
from policyengine.inputs.kubernetes.selector import put_selector
from policyengine.model.kinds.network_policy import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


def network_policy_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a NetworkPolicy."""
    node = manifest.node
    about = metadata(node)
    spec = node.required("spec")
    facts = Facts(KIND, node.document, about.name.at, node.context)
    about.put(facts, "name", "namespace", "labels", "annotations")
    put(facts, "policy_types", _types(spec))
    put_selector(facts, spec["podSelector"])
    if facts["pod_selector"] is None:
        everything: dict[str, object] = {"match_labels": {}, "match_expressions": []}
        put(facts, "pod_selector", Found(everything, spec["podSelector"].at, DEFAULT))
    yield facts.resource(about.title, about.scope, ORIGIN)


def _types(spec: Node) -> Found:
    """The policy's types. Without any, the API server takes Ingress, and Egress when there are egress rules."""
    written = spec["policyTypes"].texts()
    if written.value:
        return written
    return Found(["Ingress", "Egress"] if spec["egress"].each() else ["Ingress"], written.at, DEFAULT)
