"""Kubernetes manifests: Pods, the workloads that make them, and the objects that bear on them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.api_object import api_object_resources
from policyengine.inputs.kubernetes.audit_policy import audit_policy_resources
from policyengine.inputs.kubernetes.cluster_configuration import cluster_configuration_resources
from policyengine.inputs.kubernetes.cluster_network_policy import cluster_network_policy_resources
from policyengine.inputs.kubernetes.cni import cni_resource, config_map_cni_resources
from policyengine.inputs.kubernetes.component_configuration import component_configuration_resources
from policyengine.inputs.kubernetes.config_map import config_map_resources
from policyengine.inputs.kubernetes.container import SUPPLIED as CONTAINER_FIELDS
from policyengine.inputs.kubernetes.encryption import encryption_resources
from policyengine.inputs.kubernetes.groups import configures
from policyengine.inputs.kubernetes.hiding import secrets
from policyengine.inputs.kubernetes.horizontal_pod_autoscaler import horizontal_pod_autoscaler_resources
from policyengine.inputs.kubernetes.ingress import ingress_resources
from policyengine.inputs.kubernetes.kubeconfig import credentials, kubeconfig_resource
from policyengine.inputs.kubernetes.limit_range import limit_range_resources
from policyengine.inputs.kubernetes.metadata import ORIGIN
from policyengine.inputs.kubernetes.namespace import namespace_resources
from policyengine.inputs.kubernetes.network_policy import network_policy_resources
from policyengine.inputs.kubernetes.node import Node
from policyengine.inputs.kubernetes.objects import Object, is_cni, is_kubeconfig, objects
from policyengine.inputs.kubernetes.persistent_volume import (
    persistent_volume_claim_resources,
    persistent_volume_resources,
)
from policyengine.inputs.kubernetes.pod_disruption_budget import pod_disruption_budget_resources
from policyengine.inputs.kubernetes.pod_security_policy import pod_security_policy_resources
from policyengine.inputs.kubernetes.resource_quota import resource_quota_resources
from policyengine.inputs.kubernetes.role import role_resources
from policyengine.inputs.kubernetes.role_binding import role_binding_resources
from policyengine.inputs.kubernetes.secret import secret_resources
from policyengine.inputs.kubernetes.service import service_resources
from policyengine.inputs.kubernetes.service_account import service_account_resources
from policyengine.inputs.kubernetes.webhook_configuration import webhook_configuration_resources
from policyengine.inputs.kubernetes.workload import TEMPLATES, pod_resources
from policyengine.model.kinds import kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

NAME = ORIGIN

_WHOLE = """
    api_object audit_policy cluster_network_policy cni config_map control_plane_component encryption
    horizontal_pod_autoscaler image_ref ingress kubeconfig limit_range namespace network_policy persistent_volume
    persistent_volume_claim pod
    pod_disruption_budget pod_security_policy rbac resource_quota role role_binding secret service service_account
    webhook_configuration workload
"""
"""The kinds of which a manifest can fill every field."""

SUPPLIES: Mapping[str, frozenset[str]] = {
    "container": CONTAINER_FIELDS,
    **{name: frozenset(kind(name).fields) for name in _WHOLE.split()},
}

_READERS: Mapping[str, Callable[[Object], Iterator[Resource]]] = {
    **dict.fromkeys(TEMPLATES, pod_resources),
    "AdminNetworkPolicy": cluster_network_policy_resources,
    "BaselineAdminNetworkPolicy": cluster_network_policy_resources,
    "ClusterConfiguration": cluster_configuration_resources,
    "ClusterNetworkPolicy": cluster_network_policy_resources,
    "ClusterRole": role_resources,
    "ClusterRoleBinding": role_binding_resources,
    "ConfigMap": config_map_resources,
    "EncryptionConfiguration": encryption_resources,
    "HorizontalPodAutoscaler": horizontal_pod_autoscaler_resources,
    "Ingress": ingress_resources,
    "KubeletConfiguration": component_configuration_resources,
    "KubeSchedulerConfiguration": component_configuration_resources,
    "LimitRange": limit_range_resources,
    "MutatingWebhookConfiguration": webhook_configuration_resources,
    "Namespace": namespace_resources,
    "NetworkPolicy": network_policy_resources,
    "PersistentVolume": persistent_volume_resources,
    "PersistentVolumeClaim": persistent_volume_claim_resources,
    "PodDisruptionBudget": pod_disruption_budget_resources,
    "PodSecurityPolicy": pod_security_policy_resources,
    "Policy": audit_policy_resources,
    "ResourceQuota": resource_quota_resources,
    "Role": role_resources,
    "RoleBinding": role_binding_resources,
    "Secret": secret_resources,
    "Service": service_resources,
    "ServiceAccount": service_account_resources,
    "ValidatingWebhookConfiguration": webhook_configuration_resources,
}


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The resources of a stream of manifests. Custom resources and kinds that make none are passed over."""
    document.hide_found(functools.partial(secrets, document))
    document.hide_found(functools.partial(credentials, document))
    for index, value in enumerate(document.values):
        if is_cni(value):
            yield cni_resource(Node(document, context, (index,), value))
        if is_kubeconfig(value):
            yield kubeconfig_resource(Node(document, context, (index,), value))
    for manifest in objects(document, context):
        if not configures(manifest.version):
            yield from api_object_resources(manifest)
        if manifest.read:
            yield from (pod_resources if manifest.custom else _READERS[manifest.kind])(manifest)
        if manifest.kind == "ConfigMap":
            yield from config_map_cni_resources(manifest)
