"""Kubernetes LimitRanges."""

from policyengine.model.kinds.metadata import METADATA
from policyengine.model.types import LABELS, STRING, Field, Kind, list_of, object_of

_LIMIT = object_of(
    type=Field(STRING, "Container, Pod or PersistentVolumeClaim"),
    default=Field(LABELS, "limits for containers that set none, by resource"),
    default_request=Field(LABELS, "defaultRequest: requests for containers that set none, by resource"),
    max=Field(LABELS, "the most that may be asked for, by resource"),
    min=Field(LABELS, "the least that may be asked for, by resource"),
)

KIND = Kind(
    "limit_range",
    "A Kubernetes LimitRange",
    {**METADATA, "limits": Field(list_of(_LIMIT), "the limits that it sets")},
)
