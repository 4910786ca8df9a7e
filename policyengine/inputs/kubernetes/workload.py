"""Pods and what makes them: controllers, PodTemplates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.container import container_resources
from policyengine.inputs.kubernetes.metadata import ORIGIN, metadata
from policyengine.inputs.kubernetes.node import DEFAULT, Found, put
from policyengine.inputs.kubernetes.partial import PARTIAL, is_part_of_pod, leave_out
from policyengine.inputs.kubernetes.parts import put_part
from policyengine.inputs.kubernetes.pod import Maker, Pod, pod_resource, read_pod
from policyengine.inputs.kubernetes.selector import selector
from policyengine.inputs.kubernetes.volumes import claimed
from policyengine.model.kinds.workload import KIND
from policyengine.model.selecting import Labels, selector_matches
from policyengine.model.unknown import Unknown

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

_CUSTOM: dict[str, tuple[str, ...]] = {
    "Service": ("spec", "template"),
    "Configuration": ("spec", "template"),
    "Revision": (),
    "ContainerSource": ("spec", "template"),
    "DeploymentConfig": ("spec", "template"),
    "Rollout": ("spec", "template"),
}
"""The same of custom resources.

https://knative.dev/docs/serving/reference/serving-api/
https://docs.openshift.com/container-platform/latest/rest_api/workloads_apis/deploymentconfig-apps-openshift-io-v1.html
https://argo-rollouts.readthedocs.io/en/stable/features/specification/
"""

_COUNTED = frozenset(
    {"Deployment", "DeploymentConfig", "PetSet", "ReplicaSet", "ReplicationController", "Rollout", "StatefulSet"}
)
_SCALED = frozenset({"DeploymentConfig", "Rollout"})
"""The custom resources that are controllers as Deployments are."""
_STATEFUL = frozenset({"StatefulSet", "PetSet"})
_SELECTING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout"})
_STRATEGIES = {
    "Deployment": ("strategy", "RollingUpdate"),
    "DeploymentConfig": ("strategy", "Rolling"),
    "StatefulSet": ("updateStrategy", "RollingUpdate"),
    "DaemonSet": ("updateStrategy", "RollingUpdate"),
}
_DEFAULTING = frozenset({"extensions/v1beta1", "apps/v1beta1"})
"""The versions that take the labels of the template for the selector where none is written.

https://kubernetes.io/docs/reference/using-api/deprecation-guide/#deployment-v116
"""
_UNLABELLED = Unknown(
    "selector",
    "neither it nor labels are written: a kustomization may add both",
    "kubectl kustomize DIR | policyengine check -",
)
_NO_CONTROLLERS = frozenset({"Pod", "PodTemplate"})


def pod_resources(manifest: Object) -> Iterator[Resource]:
    """The workload, if a controller it is, its Pod and the Pod's containers.

    An object without a Pod template is a patch of one that has it: only its workload is told.
    """
    template, written = _template(manifest)
    spec = manifest.node["spec"]
    partial = PARTIAL if _is_part(manifest, template, written=written) else manifest.partial
    maker = Maker(
        manifest.kind,
        manifest.node.at,
        metadata(manifest.node),
        _replicas(manifest.kind, spec),
        claimed(spec["volumeClaimTemplates"]) if manifest.kind in _STATEFUL else {},
        partial,
        manifest.version,
    )
    pod = read_pod(template, maker) if written else None
    if manifest.kind not in _NO_CONTROLLERS and manifest.kind in (_SCALED if manifest.custom else TEMPLATES):
        yield _workload(maker, pod, template, spec)
    if pod is not None:
        yield pod_resource(pod)
        yield from container_resources(pod)


def partial_of(manifest: Object) -> Unknown | None:
    """Why an object may not be all that is written of it, as for ``Object.partial``; of controllers it is told by
    their templates too.
    """
    if manifest.kind not in TEMPLATES or manifest.partial:
        return manifest.partial
    node: Node = manifest.node
    for step in TEMPLATES[manifest.kind]:
        node = node[step]
    return PARTIAL if _is_part(manifest, node, written=node.written) else None


def _is_part(manifest: Object, template: Node, *, written: bool) -> bool:
    return not written or is_part_of_pod(template, manifest.node["spec"]["selector"], manifest.kind)


def _template(manifest: Object) -> tuple[Node, bool]:
    """The Pod, and whether it is there."""
    node = manifest.node
    for step in (_CUSTOM if manifest.custom else TEMPLATES)[manifest.kind]:
        found = node[step].written
        node = node.required(step)
        if not found:
            return node, False
    return node, True


def _replicas(kind: str, spec: Node) -> Found:
    if kind not in _COUNTED:
        return Found(None, spec["replicas"].at)
    return spec["replicas"].integer().or_default(1)


def _put_counts(facts: Facts, maker: Maker, spec: Node) -> None:
    """How many Pods there are, how they are replaced, and how long a Job may wait and stay."""
    kind = maker.kind
    put(facts, "strategy", _strategy(kind, spec))
    put(facts, "service_name", spec["serviceName"].text() if kind in _STATEFUL else Found(None, spec.at))
    if kind in _COUNTED:
        written = spec["replicas"].written
        facts.put("replicas_written", written, maker.replicas.at, None if written else DEFAULT)
    if kind in ("CronJob", "ScheduledJob"):
        put(facts, "starting_deadline_seconds", spec["startingDeadlineSeconds"].integer())
    if kind == "Job":
        put(facts, "ttl_seconds_after_finished", spec["ttlSecondsAfterFinished"].integer())


def _strategy(kind: str, spec: Node) -> Found:
    """How Pods are replaced: the type of ``strategy``, or of ``updateStrategy``, and what it is by default."""
    if kind not in _STRATEGIES:
        return Found(None, spec.at)
    key, default = _STRATEGIES[kind]
    return spec[key].mapping()["type"].text().or_default(default)


def _selects_own(selector: object, maker: Maker, pod: Pod | None) -> object:
    """Whether a controller's selector selects its own Pods; None where it has none to write."""
    if maker.kind not in _SELECTING or pod is None or maker.partial:
        return None
    if selector is None and maker.version in _DEFAULTING:
        return None
    if selector is None:
        return False if pod.labels.value else _UNLABELLED
    matches = selector_matches(selector, Labels(pod.labels.value or {}, made=False))
    return Unknown("selector", "a part of it, or of the labels, cannot be read") if matches is None else matches


def _workload(maker: Maker, pod: Pod | None, template: Node, spec: Node) -> Resource:
    about = maker.metadata
    facts = Facts(KIND, template.document, about.name.at, template.context)
    about.put(facts, "name", "namespace", "labels", "annotations")
    facts.put("controller", maker.kind, (*maker.at, "kind"))
    put(facts, "replicas", maker.replicas)
    _put_counts(facts, maker, spec)
    put_part(facts, "selector", selector(spec["selector"]) if maker.kind in _SELECTING else Found(None, maker.at))
    facts.put("selects_own_pods", _selects_own(facts["selector"], maker, pod), spec["selector"].at)
    put(facts, "service_account", pod.service_account if pod else Found(None, template.at))
    put(facts, "pod_labels", pod.labels if pod else Found(None, template.at))
    facts.put("related", None, about.name.at)
    facts.place(("related", "horizontal_pod_autoscalers"), maker.replicas.at)
    facts.place(("related", "governing_service"), (*spec.at, "serviceName"))
    leave_out(facts, KIND.fields, maker.partial)
    return facts.resource(about.title, about.scope, ORIGIN)
