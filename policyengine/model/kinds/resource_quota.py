"""Kubernetes ResourceQuotas."""

from policyengine.model.kinds.metadata import METADATA
from policyengine.model.types import LABELS, STRINGS, Field, Kind

KIND = Kind(
    "resource_quota",
    "A Kubernetes ResourceQuota",
    {
        **METADATA,
        "hard": Field(LABELS, "the most that the namespace may use, by resource: requests.memory, pods, ..."),
        "scopes": Field(STRINGS, "which Pods count: Terminating, BestEffort, ...; all where absent"),
    },
)
