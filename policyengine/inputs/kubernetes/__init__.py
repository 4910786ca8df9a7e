"""Kubernetes manifests: Pods, the workloads that make them, and the objects that bear on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.yaml import YamlDocument
from policyengine.inputs.kubernetes.hiding import hide_secrets
from policyengine.inputs.kubernetes.metadata import ORIGIN
from policyengine.inputs.kubernetes.network_policy import network_policy_resources
from policyengine.inputs.kubernetes.objects import Object, is_manifest, objects
from policyengine.inputs.kubernetes.pod_disruption_budget import pod_disruption_budget_resources
from policyengine.inputs.kubernetes.secret import secret_resources
from policyengine.inputs.kubernetes.service import service_resources
from policyengine.inputs.kubernetes.workload import TEMPLATES, pod_resources
from policyengine.model.kinds import image_ref, network_policy, pod, pod_disruption_budget, secret, service, workload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

NAME = ORIGIN

_CONTAINER = """
    name role image command entrypoint user runs_as_root privileged cap_add cap_drop security_opt read_only
    network_mode pid ipc userns_mode ports volumes environment labels mem_limit cpus restart
"""

SUPPLIES: Mapping[str, frozenset[str]] = {
    "container": frozenset(_CONTAINER.split()),
    "image_ref": frozenset(image_ref.KIND.fields),
    **{
        module.KIND.name: frozenset(module.KIND.fields)
        for module in (network_policy, pod, pod_disruption_budget, secret, service, workload)
    },
}

_READERS: Mapping[str, Callable[[Object], Iterator[Resource]]] = {
    **dict.fromkeys(TEMPLATES, pod_resources),
    "NetworkPolicy": network_policy_resources,
    "PodDisruptionBudget": pod_disruption_budget_resources,
    "Secret": secret_resources,
    "Service": service_resources,
}


def claims(document: Document) -> int:
    """3 for a stream with an object of one of Kubernetes' own groups, else 0."""
    return 3 if isinstance(document, YamlDocument) and any(map(is_manifest, document.values)) else 0


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The resources of a stream of manifests. Custom resources and kinds that make none are passed over."""
    hide_secrets(document)
    for manifest in objects(document, context):
        yield from _READERS[manifest.kind](manifest)
