"""Which objects are Kubernetes' own: API groups and kinds, so that custom resources are never taken for them.

https://kubernetes.io/docs/reference/generated/kubernetes-api/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSION = re.compile(r"v[1-9][0-9]*(?:(?:alpha|beta)[1-9][0-9]*)?").fullmatch
_KIND = re.compile(r"[A-Z][A-Za-z0-9]*").fullmatch

_CORE_KINDS = frozenset(
    {
        "Binding",
        "ComponentStatus",
        "ConfigMap",
        "Endpoints",
        "Event",
        "LimitRange",
        "List",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "Pod",
        "PodTemplate",
        "ReplicationController",
        "ResourceQuota",
        "Secret",
        "Service",
        "ServiceAccount",
    }
)
"""The kinds of the group without a name. ``v1`` alone is what lookalikes write, so these are spelt out."""

_CONFIGURING = frozenset(
    {
        *("apiserver.config.k8s.io", "audit.k8s.io", "kubeadm.k8s.io", "kubelet.config.k8s.io"),
        "kubescheduler.config.k8s.io",
    }
)

_GROUPS = (
    _CONFIGURING
    | frozenset({"apps", "autoscaling", "batch", "extensions", "policy"})
    | {
        f"{name}.k8s.io"
        for name in (
            "admissionregistration",
            "apiextensions",
            "apiregistration",
            "authentication",
            "authorization",
            "certificates",
            "coordination",
            "discovery",
            "events",
            "flowcontrol.apiserver",
            "internal.apiserver",
            "networking",
            "node",
            "policy.networking",
            "rbac.authorization",
            "resource",
            "scheduling",
            "storage",
            "storagemigration",
        )
    }
)

CONFIGURATIONS = {
    "ClusterConfiguration": frozenset({"kubeadm.k8s.io"}),
    "EncryptionConfiguration": frozenset({"apiserver.config.k8s.io"}),
    "KubeletConfiguration": frozenset({"kubelet.config.k8s.io"}),
    "KubeSchedulerConfiguration": frozenset({"kubescheduler.config.k8s.io"}),
    "Policy": frozenset({"audit.k8s.io"}),
}
"""The kinds of files that configure Kubernetes' components, which are no objects of the cluster, and their groups.

https://kubernetes.io/docs/reference/config-api/
"""

_APPS = frozenset({"apps", "extensions"})
_BATCH = frozenset({"batch"})
_CORE = frozenset({""})
_RBAC = frozenset({"rbac.authorization.k8s.io"})
_ADMISSION = frozenset({"admissionregistration.k8s.io"})
_POLICY_API = frozenset({"policy.networking.k8s.io"})
"""https://network-policy-api.sigs.k8s.io/"""
_CORE_VERSIONS = frozenset({"v1", "v1beta3"})
"""Objects of v1beta1 and v1beta2, which Kubernetes 1.0 dropped, had another shape."""

GROUPS_OF_KIND = {
    "Pod": _CORE,
    "PodTemplate": _CORE,
    "ReplicationController": _CORE,
    "Service": _CORE,
    "Secret": _CORE,
    "ConfigMap": _CORE,
    "LimitRange": _CORE,
    "Namespace": _CORE,
    "PersistentVolume": _CORE,
    "PersistentVolumeClaim": _CORE,
    "ResourceQuota": _CORE,
    "ServiceAccount": _CORE,
    "Deployment": _APPS,
    "DaemonSet": _APPS,
    "ReplicaSet": _APPS,
    "StatefulSet": frozenset({"apps"}),
    "PetSet": frozenset({"apps"}),
    "Job": frozenset({"batch", "extensions"}),
    "CronJob": _BATCH,
    "ScheduledJob": _BATCH,
    "HorizontalPodAutoscaler": frozenset({"autoscaling", "extensions"}),
    "Ingress": frozenset({"networking.k8s.io", "extensions"}),
    "NetworkPolicy": frozenset({"networking.k8s.io", "extensions"}),
    "ClusterNetworkPolicy": _POLICY_API,
    "AdminNetworkPolicy": _POLICY_API,
    "BaselineAdminNetworkPolicy": _POLICY_API,
    "PodDisruptionBudget": frozenset({"policy"}),
    "PodSecurityPolicy": frozenset({"policy", "extensions"}),
    "Role": _RBAC,
    "ClusterRole": _RBAC,
    "RoleBinding": _RBAC,
    "ClusterRoleBinding": _RBAC,
    "MutatingWebhookConfiguration": _ADMISSION,
    "ValidatingWebhookConfiguration": _ADMISSION,
    **CONFIGURATIONS,
}
"""The kinds that are read, and the groups in which a kind of that name is Kubernetes' own."""


CLUSTER_KINDS = frozenset(
    {
        "APIService",
        "AdminNetworkPolicy",
        "BaselineAdminNetworkPolicy",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterNetworkPolicy",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "ComponentStatus",
        "CustomResourceDefinition",
        "DeviceClass",
        "DeviceTaintRule",
        "FlowSchema",
        "IPAddress",
        "IngressClass",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PodSecurityPolicy",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "SelfSubjectAccessReview",
        "SelfSubjectReview",
        "SelfSubjectRulesReview",
        "ServiceCIDR",
        "StorageClass",
        "StorageVersion",
        "StorageVersionMigration",
        "SubjectAccessReview",
        "TokenReview",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    }
)
"""The kinds of Kubernetes' own groups whose objects are in no namespace."""

CUSTOM: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "serving.knative.dev": (frozenset({"Configuration", "Revision", "Service"}), frozenset({"v1", "v1beta1"})),
    "sources.knative.dev": (frozenset({"ContainerSource"}), frozenset({"v1", "v1beta1"})),
    "apps.openshift.io": (frozenset({"DeploymentConfig"}), frozenset({"v1"})),
    "argoproj.io": (frozenset({"Rollout"}), frozenset({"v1alpha1"})),
}
"""Groups of others, with those of their kinds that are templates of Pods, and the versions that keep them where they
are looked for: Knative, OpenShift, and Argo Rollouts. They are the only custom resources that are read.
"""

_WITHOUT_GROUP = {"DeploymentConfig": "apps.openshift.io"}
"""What was written as v1 before OpenShift had groups, and is to this day."""


def group_of(api_version: object, kind: object) -> str | None:
    """The API group of an object, empty for the core group; None for what is not Kubernetes' own, nor in CUSTOM."""
    if not isinstance(api_version, str) or not isinstance(kind, str) or not _KIND(kind):
        return None
    group, slash, version = api_version.rpartition("/")
    if not slash:
        return _group_of_core(api_version, kind)
    if group in CUSTOM:
        kinds, versions = CUSTOM[group]
        return group if kind in kinds and version in versions else None
    return group if group in _GROUPS and _VERSION(version) else None


def _group_of_core(version: str, kind: str) -> str | None:
    if version == "v1" and kind in _WITHOUT_GROUP:
        return _WITHOUT_GROUP[kind]
    core = kind in _CORE_KINDS or (kind.endswith("List") and kind[:-4] in _CORE_KINDS)
    return "" if version in _CORE_VERSIONS and core else None


def configures(api_version: str) -> bool:
    """Whether a version is of files that configure components, which are no objects of the cluster."""
    return api_version.partition("/")[0] in _CONFIGURING


def is_read(group: str | None, kind: str) -> bool:
    """Whether an object of that group and kind makes resources."""
    return group is not None and (group in GROUPS_OF_KIND.get(kind, ()) or group in CUSTOM)
