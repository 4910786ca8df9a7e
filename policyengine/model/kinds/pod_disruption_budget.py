"""Kubernetes PodDisruptionBudgets."""

from policyengine.model.kinds.label_selector import LABEL_SELECTOR
from policyengine.model.kinds.metadata import METADATA
from policyengine.model.types import STRING, Field, Kind

KIND = Kind(
    "pod_disruption_budget",
    "A Kubernetes PodDisruptionBudget",
    {
        **METADATA,
        "min_available": Field(STRING, "minAvailable: a number of Pods or a percentage"),
        "max_unavailable": Field(STRING, "maxUnavailable: a number of Pods or a percentage"),
        "pod_selector": Field(LABEL_SELECTOR, "which Pods of the namespace it protects; absent where it selects none"),
    },
)
