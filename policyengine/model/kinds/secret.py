"""Kubernetes Secrets."""

from policyengine.model.types import LABELS, STRING, Field, Kind

KIND = Kind(
    "secret",
    "A Kubernetes Secret",
    {
        "name": Field(STRING, "metadata.name"),
        "namespace": Field(STRING, "metadata.namespace, default where none is written"),
        "labels": Field(LABELS, "metadata.labels"),
        "type": Field(STRING, "Opaque, kubernetes.io/tls, ..."),
        "data": Field(LABELS, "data (as written, base64) and stringData, by key", sensitive=True),
    },
)
