"""Kubernetes HorizontalPodAutoscalers."""

from policyengine.model.kinds.metadata import METADATA
from policyengine.model.types import INTEGER, STRING, Field, Kind, object_of

_TARGET = object_of(
    kind=Field(STRING, "Deployment, StatefulSet, ..."),
    name=Field(STRING, "the name of what is scaled"),
)

KIND = Kind(
    "horizontal_pod_autoscaler",
    "A Kubernetes HorizontalPodAutoscaler",
    {
        **METADATA,
        "min_replicas": Field(INTEGER, "minReplicas, 1 where none is written"),
        "max_replicas": Field(INTEGER, "maxReplicas"),
        "target": Field(_TARGET, "scaleTargetRef: what is scaled"),
    },
)
