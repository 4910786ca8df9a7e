"""Kubernetes PodDisruptionBudgets."""

from policyengine.model.kinds.label_selector import LABEL_SELECTOR
from policyengine.model.kinds.metadata import METADATA
from policyengine.model.types import STRING, Field, Kind, list_of, object_of

_RELATED = object_of(
    blocked=Field(
        list_of(object_of(name=Field(STRING, "metadata.name"), controller=Field(STRING, "its kind"))),
        "workloads that have no more Pods than the number minAvailable: not one of them may be evicted",
    ),
)

KIND = Kind(
    "pod_disruption_budget",
    "A Kubernetes PodDisruptionBudget",
    {
        **METADATA,
        "min_available": Field(STRING, "minAvailable: a number of Pods or a percentage"),
        "max_unavailable": Field(STRING, "maxUnavailable: a number of Pods or a percentage"),
        "related": Field(_RELATED, "resources of the namespace; unknown where not all of it was given"),
        "pod_selector": Field(LABEL_SELECTOR, "which Pods of the namespace it protects; absent where it selects none"),
    },
)
