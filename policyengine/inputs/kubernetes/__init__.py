"""Kubernetes manifests: Pods, the workloads that make them, and the objects that bear on them."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.objects import foreign, is_cni, is_kubeconfig, is_manifest, misplaced
from policyengine.inputs.kubernetes.partial import KUSTOMIZATIONS, PARTIAL, is_json_patch
from policyengine.inputs.kubernetes.skimming import WORD, headed, skimmed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

NAME = "kubernetes"

BY_DOCUMENT = True

RELATING: Mapping[str, tuple[str, ...]] = {
    "horizontal_pod_autoscaler": ("HorizontalPodAutoscaler",),
    "limit_range": ("LimitRange",),
    "network_policy": ("NetworkPolicy",),
    "pod": ("serviceAccount",),
    "pod_disruption_budget": ("PodDisruptionBudget",),
    "resource_quota": ("ResourceQuota",),
    "service": ("Service",),
    "service_account": ("ServiceAccount",),
    "workload": ("Deployment", "StatefulSet", "PetSet", "ReplicaSet", "ReplicationController", "Rollout"),
}
"""The kinds of resource that relations are made of, with the words that a manifest of them has: one without any of
them relates to nothing. Of Pods those relate that name a ServiceAccount."""

HELD: Mapping[str, tuple[str, ...]] = {**RELATING, "pod": ("containers", "template", "Pod"), "role": ("Role",)}
"""The kinds of resource of which it counts that there is none, with the words that a manifest of them has."""


def supplies() -> Mapping[str, frozenset[str]]:
    """The fields it can fill, by kind."""
    from policyengine.inputs.kubernetes.reading import SUPPLIES

    return SUPPLIES


def claims(document: Document) -> int:
    """3 for a stream with an object of one of Kubernetes' own groups, a file of CNI plugins or a kubeconfig; else 0."""
    return 3 if document.format == "yaml" and any(map(_is_ours, document.values)) else 0


def _is_ours(value: object) -> bool:
    return is_manifest(value) or is_cni(value) or is_kubeconfig(value)


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The resources of a stream of manifests. Custom resources and kinds that make none are passed over."""
    from policyengine.inputs.kubernetes import reading

    return reading.read(document, context)


def skim(text: str, context: Context) -> Callable[[str], object | None] | None:
    """What need not be read of a file with CustomResourceDefinitions, unless a policy asks for every object."""
    if WORD not in text:
        return None
    return headed if context.wants("api_object", "api_version") else skimmed


def unread(document: Document) -> str | None:
    """Why a document with objects that could be Kubernetes' is left out; None for any other."""
    if document.format != "yaml":
        return None
    if PurePath(document.path).name in KUSTOMIZATIONS:
        return f"a kustomization; check what it makes: {PARTIAL.settle}"
    if any(map(is_json_patch, document.values)):
        return f"a JSON patch; check what it makes: {PARTIAL.settle}"
    wrong = next((told for value in document.values if (told := misplaced(value))), None)
    if wrong:
        return wrong
    kinds = sorted({kind for value in document.values if (kind := foreign(value))})
    return (
        f"no objects of Kubernetes' own: {', '.join(kinds[:3])}{', ...' if len(kinds) > 3 else ''}" if kinds else None
    )
