"""Kubernetes PersistentVolumeClaims."""

from policyengine.model.kinds.metadata import METADATA
from policyengine.model.types import STRING, STRINGS, Field, Kind

KIND = Kind(
    "persistent_volume_claim",
    "A Kubernetes PersistentVolumeClaim",
    {
        **METADATA,
        "access_modes": Field(STRINGS, "ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod"),
        "storage_class": Field(STRING, "storageClassName; absent where the cluster's default is used"),
        "storage": Field(STRING, "how much is asked for: 10Gi"),
    },
)
