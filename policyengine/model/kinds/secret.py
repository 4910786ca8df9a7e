"""Kubernetes Secrets."""

from policyengine.model.kinds.metadata import METADATA
from policyengine.model.types import LABELS, STRING, Field, Kind

KIND = Kind(
    "secret",
    "A Kubernetes Secret",
    {
        **METADATA,
        "type": Field(STRING, "Opaque, kubernetes.io/tls, ..."),
        "data": Field(LABELS, "data (as written, base64) and stringData, by key", sensitive=True),
    },
)
