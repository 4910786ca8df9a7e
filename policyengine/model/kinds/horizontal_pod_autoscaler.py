"""Kubernetes HorizontalPodAutoscalers."""

from policyengine.model.kinds.metadata import METADATA
from policyengine.model.types import INTEGER, STRING, Field, Kind, object_of

_TARGET = object_of(
    kind=Field(STRING, "Deployment, StatefulSet, ..."),
    name=Field(STRING, "the name of what is scaled"),
)

_RELATED = object_of(
    target=Field(
        object_of(name=Field(STRING, "metadata.name"), controller=Field(STRING, "its kind")),
        "the workload that is scaled; absent where none is given",
    ),
)

KIND = Kind(
    "horizontal_pod_autoscaler",
    "A Kubernetes HorizontalPodAutoscaler",
    {
        **METADATA,
        "min_replicas": Field(INTEGER, "minReplicas, 1 where none is written"),
        "max_replicas": Field(INTEGER, "maxReplicas"),
        "target": Field(_TARGET, "scaleTargetRef: what is scaled"),
        "related": Field(_RELATED, "resources of the namespace; unknown where not all of it was given"),
    },
)
