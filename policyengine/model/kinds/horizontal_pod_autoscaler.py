"""Kubernetes HorizontalPodAutoscalers."""

from policyengine.model.kinds.metadata import METADATA
from policyengine.model.types import BOOLEAN, INTEGER, STRING, Field, Kind, list_of, object_of

_TARGET = object_of(
    kind=Field(STRING, "Deployment, StatefulSet, ..."),
    name=Field(STRING, "the name of what is scaled"),
)

_METRIC = object_of(
    type=Field(STRING, "Resource, ContainerResource, Pods, Object or External"),
    described=Field(BOOLEAN, "of an Object: the object, the metric and its target are named; absent for others"),
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
        "metrics": Field(list_of(_METRIC), "metrics: by what it scales; the CPU where none is written"),
        "related": Field(_RELATED, "resources of the namespace; unknown where not all of it was given"),
    },
)
