"""HorizontalPodAutoscalers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.node import Found, put
from policyengine.inputs.kubernetes.parts import Parts, put_part
from policyengine.model.kinds.horizontal_pod_autoscaler import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    made.facts.put("related", None, (*target.at, "name"))
    yield made.resource()
