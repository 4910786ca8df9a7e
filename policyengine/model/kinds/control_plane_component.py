"""Components of a Kubernetes control plane and its nodes, run as Pods."""

from policyengine.model.types import LABELS, STRING, Field, Kind, one_of

COMPONENTS = (
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "etcd",
    "kubelet",
    "kube-proxy",
    "cloud-controller-manager",
)

KIND = Kind(
    "control_plane_component",
    "A component of Kubernetes itself that a Pod runs: a static Pod's kube-apiserver, etcd, ...",
    {
        "name": Field(STRING, "the container's name"),
        "namespace": Field(STRING, "the Pod's namespace"),
        "component": Field(one_of(*COMPONENTS), "which component it is"),
        "labels": Field(LABELS, "the Pod's labels"),
        "flags": Field(
            LABELS,
            "its flags without dashes; true for one without a value; open where a file or an argument adds to them",
        ),
    },
)
