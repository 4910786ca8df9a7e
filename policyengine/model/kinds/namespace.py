"""Kubernetes Namespaces."""

from policyengine.model.kinds.metadata import CLUSTER_METADATA
from policyengine.model.types import BOOLEAN, Field, Kind

KIND = Kind(
    "namespace",
    "A Kubernetes Namespace",
    {
        **CLUSTER_METADATA,
        "has_network_policy": Field(BOOLEAN, "there is a NetworkPolicy in it; unknown where not all of it was given"),
    },
)
