"""Kubernetes controllers that make Pods."""

from policyengine.model.kinds.metadata import METADATA
from policyengine.model.kinds.relations import RELATED
from policyengine.model.types import INTEGER, LABELS, STRING, Field, Kind

KIND = Kind(
    "workload",
    "A Kubernetes controller that makes Pods: Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, CronJob, ...",
    {
        **METADATA,
        "controller": Field(STRING, "the controller's kind: Deployment, ..."),
        "replicas": Field(INTEGER, "how many Pods are asked for; absent where the controller does not count them"),
        "service_account": Field(STRING, "the serviceAccountName of its Pods, default where none is written"),
        "pod_labels": Field(LABELS, "the labels of the Pods that it makes"),
        "related": RELATED,
    },
)
