"""API versions that Kubernetes has deprecated or no longer serves, and what takes their place.

https://kubernetes.io/docs/reference/using-api/deprecation-guide/ and the release notes of older releases
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLE = """
v1 ComponentStatus 1.19 - -
v1 Endpoints 1.33 - discovery.k8s.io/v1 EndpointSlice
extensions/v1beta1 DaemonSet,Deployment,ReplicaSet 1.9 1.16 apps/v1
extensions/v1beta1 NetworkPolicy 1.9 1.16 networking.k8s.io/v1
extensions/v1beta1 PodSecurityPolicy 1.10 1.16 -
extensions/v1beta1 Ingress 1.14 1.22 networking.k8s.io/v1
extensions/v1beta1 Job 1.5 1.6 batch/v1
extensions/v1beta1 HorizontalPodAutoscaler - 1.7 autoscaling/v2
apps/v1alpha1 PetSet - 1.5 apps/v1 StatefulSet
apps/v1beta1 ControllerRevision,Deployment,StatefulSet 1.9 1.16 apps/v1
apps/v1beta2 ControllerRevision,DaemonSet,Deployment,ReplicaSet,StatefulSet 1.9 1.16 apps/v1
batch/v2alpha1 ScheduledJob 1.5 1.8 batch/v1 CronJob
batch/v2alpha1 CronJob 1.8 1.21 batch/v1
batch/v1beta1 CronJob 1.21 1.25 batch/v1
autoscaling/v2beta1 HorizontalPodAutoscaler 1.22 1.25 autoscaling/v2
autoscaling/v2beta2 HorizontalPodAutoscaler 1.23 1.26 autoscaling/v2
policy/v1beta1 PodDisruptionBudget 1.21 1.25 policy/v1
policy/v1beta1 Eviction 1.22 1.25 policy/v1
policy/v1beta1 PodSecurityPolicy 1.21 1.25 -
networking.k8s.io/v1beta1 Ingress,IngressClass 1.19 1.22 networking.k8s.io/v1
rbac.authorization.k8s.io/v1alpha1 ClusterRole,ClusterRoleBinding,Role,RoleBinding 1.17 1.22 \\
    rbac.authorization.k8s.io/v1
rbac.authorization.k8s.io/v1beta1 ClusterRole,ClusterRoleBinding,Role,RoleBinding 1.17 1.22 \\
    rbac.authorization.k8s.io/v1
admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration,ValidatingWebhookConfiguration 1.16 1.22 \
    admissionregistration.k8s.io/v1
admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicy,ValidatingAdmissionPolicyBinding 1.31 1.34 \
    admissionregistration.k8s.io/v1
apiextensions.k8s.io/v1beta1 CustomResourceDefinition 1.16 1.22 apiextensions.k8s.io/v1
apiregistration.k8s.io/v1beta1 APIService 1.10 1.22 apiregistration.k8s.io/v1
authentication.k8s.io/v1beta1 TokenReview 1.6 1.22 authentication.k8s.io/v1
authorization.k8s.io/v1beta1 LocalSubjectAccessReview,SelfSubjectAccessReview,SubjectAccessReview 1.6 1.22 \
    authorization.k8s.io/v1
certificates.k8s.io/v1beta1 CertificateSigningRequest 1.19 1.22 certificates.k8s.io/v1
coordination.k8s.io/v1beta1 Lease 1.14 1.22 coordination.k8s.io/v1
discovery.k8s.io/v1beta1 EndpointSlice 1.21 1.25 discovery.k8s.io/v1
events.k8s.io/v1beta1 Event 1.19 1.25 events.k8s.io/v1
flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema,PriorityLevelConfiguration 1.23 1.26 flowcontrol.apiserver.k8s.io/v1
flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema,PriorityLevelConfiguration 1.26 1.29 flowcontrol.apiserver.k8s.io/v1
flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema,PriorityLevelConfiguration 1.29 1.32 flowcontrol.apiserver.k8s.io/v1
node.k8s.io/v1beta1 RuntimeClass 1.22 1.25 node.k8s.io/v1
scheduling.k8s.io/v1alpha1 PriorityClass 1.14 1.17 scheduling.k8s.io/v1
scheduling.k8s.io/v1beta1 PriorityClass 1.14 1.22 scheduling.k8s.io/v1
storage.k8s.io/v1beta1 StorageClass 1.6 1.22 storage.k8s.io/v1
storage.k8s.io/v1beta1 VolumeAttachment 1.13 1.22 storage.k8s.io/v1
storage.k8s.io/v1beta1 CSINode 1.17 1.22 storage.k8s.io/v1
storage.k8s.io/v1beta1 CSIDriver 1.19 1.22 storage.k8s.io/v1
storage.k8s.io/v1beta1 CSIStorageCapacity 1.24 1.27 storage.k8s.io/v1
"""
"""apiVersion, kinds, deprecated in, removed in, and the replacement: an apiVersion, and a kind if it is another."""


class Deprecation(Struct, frozen=True):
    """The releases that deprecate and remove an API, and what takes its place; None for what there is not."""

    deprecated_in: str | None = None
    removed_in: str | None = None
    replacement: str | None = None


_CURRENT = Deprecation()
_BEFORE_V1 = Deprecation("1.0", "1.1", "v1")


def deprecation(version: str, kind: str) -> Deprecation:
    """What became of a kind in an API version."""
    if version == "v1beta3":
        return _BEFORE_V1
    return _deprecations().get((version, kind), _CURRENT)


@cache
def _deprecations() -> Mapping[tuple[str, str], Deprecation]:
    found: dict[tuple[str, str], Deprecation] = {}
    for line in _TABLE.replace("\\\n", "").strip().splitlines():
        version, kinds, *rest = line.split(maxsplit=4)
        entry = Deprecation(*(None if part == "-" else part for part in rest))
        found.update(dict.fromkeys(((version, kind) for kind in kinds.split(",")), entry))
    return found
