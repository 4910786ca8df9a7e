"""What the containers of a Kubernetes Pod share."""

from policyengine.model.kinds.relations import RELATED
from policyengine.model.types import BOOLEAN, INTEGER, LABELS, STRING, Field, Kind

KIND = Kind(
    "pod",
    "A Pod, or the Pod template of a workload: what its containers share",
    {
        "name": Field(STRING, "the name of the Pod or of the workload that makes it"),
        "namespace": Field(STRING, "metadata.namespace, default where none is written"),
        "controller": Field(STRING, "the kind that makes the Pod: Deployment, Job, ...; Pod for a bare one"),
        "replicas": Field(INTEGER, "how many are asked for; absent where the controller does not count them"),
        "labels": Field(LABELS, "the Pod's labels"),
        "annotations": Field(LABELS, "the Pod's annotations"),
        "host_network": Field(BOOLEAN, "shares the node's network"),
        "host_pid": Field(BOOLEAN, "shares the node's process namespace"),
        "host_ipc": Field(BOOLEAN, "shares the node's IPC namespace"),
        "service_account": Field(STRING, "serviceAccountName, default where none is written"),
        "automount_service_account_token": Field(BOOLEAN, "as the Pod declares it; absent where it does not"),
        "related": RELATED,
    },
)
