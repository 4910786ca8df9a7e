"""Kubernetes PersistentVolumes."""

from policyengine.model.kinds.metadata import CLUSTER_METADATA
from policyengine.model.types import STRING, STRINGS, Field, Kind

KIND = Kind(
    "persistent_volume",
    "A Kubernetes PersistentVolume",
    {
        **CLUSTER_METADATA,
        "type": Field(STRING, "the source of the volume: hostPath, local, nfs, csi, ..."),
        "host_path": Field(STRING, "the path of the node, of hostPath and local; absent for others"),
        "access_modes": Field(STRINGS, "ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod"),
        "storage_class": Field(STRING, "storageClassName"),
        "reclaim_policy": Field(STRING, "persistentVolumeReclaimPolicy, Retain where none is written"),
    },
)
