"""What every Kubernetes object says about itself, as fields of the kinds that are objects of Kubernetes."""

from policyengine.model.types import LABELS, STRING, Field

METADATA = {
    "name": Field(STRING, "metadata.name"),
    "namespace": Field(STRING, "metadata.namespace, default where none is written"),
    "labels": Field(LABELS, "metadata.labels"),
    "annotations": Field(LABELS, "metadata.annotations"),
}
"""The metadata of objects that belong to a namespace."""

CLUSTER_METADATA = {name: field for name, field in METADATA.items() if name != "namespace"}
"""The metadata of objects that belong to the whole cluster."""
