"""Kubernetes NetworkPolicies."""

from policyengine.model.kinds.label_selector import LABEL_SELECTOR
from policyengine.model.types import LABELS, STRING, Field, Kind, list_of, one_of

KIND = Kind(
    "network_policy",
    "A Kubernetes NetworkPolicy",
    {
        "name": Field(STRING, "metadata.name"),
        "namespace": Field(STRING, "metadata.namespace, default where none is written"),
        "labels": Field(LABELS, "metadata.labels"),
        "annotations": Field(LABELS, "metadata.annotations"),
        "policy_types": Field(
            list_of(one_of("Ingress", "Egress")), "where absent: Ingress, and Egress if egress rules are given"
        ),
        "pod_selector": Field(LABEL_SELECTOR, "which Pods of the namespace it applies to; all where it is empty"),
    },
)
