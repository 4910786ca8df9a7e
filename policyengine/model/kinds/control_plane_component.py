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
    "A component of Kubernetes itself that a Pod runs or a file configures: kube-apiserver, kubelet, any etcd, ...",
    {
        "name": Field(STRING, "the container's name, or the kind of the file"),
        "namespace": Field(STRING, "the Pod's namespace; absent for files"),
        "component": Field(one_of(*COMPONENTS), "which component it is"),
        "labels": Field(LABELS, "the Pod's labels; absent for files"),
        "flags": Field(
            LABELS,
            "its flags without dashes, and what a configuration file says by the name of the flag for it; true for one "
            "without a value, a repeated list joined with commas; open where a file or an argument adds to them",
        ),
    },
)
