"""Kubernetes NetworkPolicies."""

from policyengine.model.types import LABELS, STRING, STRINGS, Field, Kind

KIND = Kind(
    "network_policy",
    "A Kubernetes NetworkPolicy",
    {
        "name": Field(STRING, "metadata.name"),
        "namespace": Field(STRING, "metadata.namespace, default where none is written"),
        "labels": Field(LABELS, "metadata.labels"),
        "annotations": Field(LABELS, "metadata.annotations"),
        "policy_types": Field(STRINGS, "Ingress, Egress; where absent: Ingress, and Egress if egress rules are given"),
    },
)
