"""Kubernetes ConfigMaps."""

from policyengine.model.kinds.metadata import METADATA
from policyengine.model.types import BOOLEAN, LABELS, STRINGS, Field, Kind

KIND = Kind(
    "config_map",
    "A Kubernetes ConfigMap",
    {
        **METADATA,
        "data": Field(LABELS, "data by key; never shown, since configuration may hold secrets", sensitive=True),
        "binary_keys": Field(STRINGS, "the keys of binaryData"),
        "immutable": Field(BOOLEAN, "its data cannot be changed; false where it is not written"),
    },
)
