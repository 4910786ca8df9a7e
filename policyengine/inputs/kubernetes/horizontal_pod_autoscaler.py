"""HorizontalPodAutoscalers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.node import Found, put
from policyengine.inputs.kubernetes.parts import Parts, listed, put_part
from policyengine.model.kinds.horizontal_pod_autoscaler import KIND
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


def horizontal_pod_autoscaler_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a HorizontalPodAutoscaler."""
    node, made = manifest.node, draft(manifest, KIND)
    spec = node.required("spec")
    target = spec["scaleRef" if manifest.version == "extensions/v1beta1" else "scaleTargetRef"].mapping()
    parts = Parts(target.at, {"kind": target["kind"].text(), "name": target["name"].text()})
    put(made.facts, "min_replicas", spec["minReplicas"].integer().or_default(1))
    put(made.facts, "max_replicas", spec["maxReplicas"].integer())
    put_part(made.facts, "target", parts if isinstance(target.value, dict) else Found(target.value, target.at))
    put_part(made.facts, "metrics", listed(spec["metrics"], lambda metric: _metric(metric, manifest.version)))
    made.facts.put("related", None, (*target.at, "name"))
    yield made.resource()


_OBJECT = {
    "autoscaling/v2beta1": (("metricName",), ("targetValue",), ("target", "kind"), ("target", "name")),
}
_OBJECT_NOW = (("metric", "name"), ("target", "type"), ("describedObject", "kind"), ("describedObject", "name"))
"""What a metric of an object names: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/"""


def _metric(metric: Node, version: str) -> Parts:
    type_, of = metric["type"].text(), metric["object"].mapping()
    described = Found(None, of.at)
    if type_.value == "Object":
        described = Found(of.value if isinstance(of.value, Unknown) else _is_described(of, version), of.at)
    return Parts(metric.at, {"type": type_, "described": described})


def _is_described(of: Node, version: str) -> bool:
    """Whether all is named that the API server asks for."""
    for path in _OBJECT.get(version, _OBJECT_NOW):
        here = of
        for step in path:
            here = here[step]
        if not here.written:
            return False
    return True
