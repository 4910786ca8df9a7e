"""Pods and what makes them: controllers, PodTemplates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.container import container_resources
from policyengine.inputs.kubernetes.metadata import ORIGIN, metadata
from policyengine.inputs.kubernetes.node import Found, put
from policyengine.inputs.kubernetes.partial import PARTIAL, is_part_of_pod, leave_out
from policyengine.inputs.kubernetes.pod import Maker, Pod, pod_resource, read_pod
from policyengine.inputs.kubernetes.volumes import claimed
from policyengine.model.kinds.workload import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource

TEMPLATES: dict[str, tuple[str, ...]] = {
    "Pod": (),
    "PodTemplate": ("template",),
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "PetSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "ScheduledJob": ("spec", "jobTemplate", "spec", "template"),
}
"""Where each kind keeps its Pod."""

_COUNTED = frozenset({"Deployment", "StatefulSet", "PetSet", "ReplicaSet", "ReplicationController"})
_NO_CONTROLLERS = frozenset({"Pod", "PodTemplate"})


def pod_resources(manifest: Object) -> Iterator[Resource]:
    """The workload, if a controller it is, its Pod and the Pod's containers.

    An object without a Pod template is a patch of one that has it: only its workload is told.
    """
    template, written = _template(manifest)
    spec = manifest.node["spec"]
    partial = manifest.partial
    if not written or is_part_of_pod(template, spec["selector"], manifest.kind):
        partial = PARTIAL
    maker = Maker(
        manifest.kind,
        manifest.node.at,
        metadata(manifest.node),
        _replicas(manifest.kind, spec),
        claimed(spec["volumeClaimTemplates"]) if manifest.kind in ("StatefulSet", "PetSet") else {},
        partial,
    )
    pod = read_pod(template, maker) if written else None
    if manifest.kind not in _NO_CONTROLLERS:
        yield _workload(maker, pod, template)
    if pod is not None:
        yield pod_resource(pod)
        yield from container_resources(pod)


def _template(manifest: Object) -> tuple[Node, bool]:
    """The Pod, and whether it is there."""
    node = manifest.node
    for step in TEMPLATES[manifest.kind]:
        found = node[step].written
        node = node.required(step)
        if not found:
            return node, False
    return node, True


def _replicas(kind: str, spec: Node) -> Found:
    if kind not in _COUNTED:
        return Found(None, spec["replicas"].at)
    return spec["replicas"].integer().or_default(1)


def _workload(maker: Maker, pod: Pod | None, template: Node) -> Resource:
    about = maker.metadata
    facts = Facts(KIND, template.document, about.name.at, template.context)
    about.put(facts, "name", "namespace", "labels", "annotations")
    facts.put("controller", maker.kind, (*maker.at, "kind"))
    put(facts, "replicas", maker.replicas)
    put(facts, "service_account", pod.service_account if pod else Found(None, template.at))
    put(facts, "pod_labels", pod.labels if pod else Found(None, template.at))
    facts.put("related", None, about.name.at)
    leave_out(facts, KIND.fields, maker.partial)
    return facts.resource(about.title, about.scope, ORIGIN)
