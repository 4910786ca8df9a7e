"""PersistentVolumes and the claims to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs import normal
from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.node import Found, put
from policyengine.model.kinds import persistent_volume, persistent_volume_claim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


_SETTINGS = frozenset(
    {
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeAttributesClassName",
        "volumeMode",
    }
)
"""What a PersistentVolume says beside its source."""


def persistent_volume_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a PersistentVolume."""
    made, spec = draft(manifest, persistent_volume.KIND, cluster=True), manifest.node.required("spec")
    source = next((key for key in spec.keys if key not in _SETTINGS and spec[key].written), None)
    put(made.facts, "type", Found(source, (*spec.at, source) if source else spec.at))
    path = spec[source].mapping()["path"].text() if source in ("hostPath", "local") else Found(None, spec.at)
    put(made.facts, "host_path", Found(normal.host_path(path.value), path.at) if isinstance(path.value, str) else path)
    put(made.facts, "access_modes", spec["accessModes"].texts())
    put(made.facts, "storage_class", spec["storageClassName"].text())
    put(made.facts, "reclaim_policy", spec["persistentVolumeReclaimPolicy"].text().or_default("Retain"))
    yield made.resource()


def persistent_volume_claim_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a PersistentVolumeClaim."""
    made, spec = draft(manifest, persistent_volume_claim.KIND), manifest.node.required("spec")
    put(made.facts, "access_modes", spec["accessModes"].texts())
    put(made.facts, "storage_class", spec["storageClassName"].text())
    put(made.facts, "storage", spec["resources"].mapping()["requests"].mapping()["storage"].text())
    yield made.resource()
