"""Kubernetes controllers that make Pods."""

from policyengine.model.kinds.label_selector import LABEL_SELECTOR
from policyengine.model.kinds.metadata import METADATA
from policyengine.model.kinds.relations import OF_WORKLOAD
from policyengine.model.types import BOOLEAN, INTEGER, LABELS, STRING, Field, Kind

KIND = Kind(
    "workload",
    "A Kubernetes controller that makes Pods: Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, CronJob, ...",
    {
        **METADATA,
        "controller": Field(STRING, "the controller's kind: Deployment, ..."),
        "replicas": Field(INTEGER, "how many Pods are asked for; absent where the controller does not count them"),
        "replicas_written": Field(BOOLEAN, "the manifest writes replicas; absent where the controller does not count"),
        "strategy": Field(
            STRING, "how Pods are replaced: RollingUpdate, Recreate, OnDelete; absent where the controller has no way"
        ),
        "selector": Field(LABEL_SELECTOR, "selector: the Pods that it takes for its own; absent where none is written"),
        "selects_own_pods": Field(
            BOOLEAN, "its selector selects the Pods that it makes; absent where the cluster writes the selector itself"
        ),
        "service_name": Field(STRING, "of a StatefulSet: serviceName, the Service that names its Pods"),
        "starting_deadline_seconds": Field(INTEGER, "of a CronJob: startingDeadlineSeconds; absent for none"),
        "ttl_seconds_after_finished": Field(INTEGER, "of a Job: ttlSecondsAfterFinished; absent for never"),
        "service_account": Field(STRING, "the serviceAccountName of its Pods, default where none is written"),
        "pod_labels": Field(LABELS, "the labels of the Pods that it makes"),
        "related": OF_WORKLOAD,
    },
)
