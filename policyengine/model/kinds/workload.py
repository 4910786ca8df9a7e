"""Kubernetes controllers that make Pods."""

from policyengine.model.kinds.relations import RELATED
from policyengine.model.types import INTEGER, LABELS, STRING, Field, Kind

KIND = Kind(
    "workload",
    "A Kubernetes controller that makes Pods: Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, CronJob, ...",
    {
        "name": Field(STRING, "metadata.name"),
        "namespace": Field(STRING, "metadata.namespace, default where none is written"),
        "controller": Field(STRING, "the controller's kind: Deployment, ..."),
        "labels": Field(LABELS, "metadata.labels"),
        "annotations": Field(LABELS, "metadata.annotations"),
        "replicas": Field(INTEGER, "how many Pods are asked for; absent where the controller does not count them"),
        "pod_labels": Field(LABELS, "the labels of the Pods that it makes"),
        "related": RELATED,
    },
)
