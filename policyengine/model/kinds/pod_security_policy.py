"""Kubernetes PodSecurityPolicies, which releases before 1.25 had."""

from policyengine.model.kinds.metadata import CLUSTER_METADATA
from policyengine.model.types import BOOLEAN, STRING, STRINGS, Field, Kind, list_of, object_of

_HOST_PATH = object_of(
    path_prefix=Field(STRING, "pathPrefix: what is below it may be mounted"),
    read_only=Field(BOOLEAN, "readOnly: only for reading; false where none is written"),
)

KIND = Kind(
    "pod_security_policy",
    "A Kubernetes PodSecurityPolicy: which Pods are let in. Kubernetes 1.25 and later have none",
    {
        **CLUSTER_METADATA,
        "privileged": Field(BOOLEAN, "privileged containers are let in; false where none is written"),
        "allow_privilege_escalation": Field(
            BOOLEAN, "allowPrivilegeEscalation: processes may gain privileges; true where none is written"
        ),
        "host_network": Field(BOOLEAN, "Pods may share the network of their node"),
        "host_pid": Field(BOOLEAN, "Pods may share the process namespace of their node"),
        "host_ipc": Field(BOOLEAN, "Pods may share the IPC namespace of their node"),
        "allowed_capabilities": Field(STRINGS, "allowedCapabilities: what containers may add; * for any"),
        "default_add_capabilities": Field(STRINGS, "defaultAddCapabilities: what containers are given"),
        "required_drop_capabilities": Field(STRINGS, "requiredDropCapabilities: what containers must drop"),
        "run_as_user": Field(STRING, "runAsUser.rule: MustRunAs, MustRunAsNonRoot, RunAsAny"),
        "admits_root": Field(BOOLEAN, "a container may run as uid 0"),
        "root_groups": Field(
            STRINGS,
            "which of supplementalGroups, fsGroup and runAsGroup let in group 0; those that are not written do not",
        ),
        "allowed_proc_mount_types": Field(STRINGS, "allowedProcMountTypes: Default, Unmasked; Default for none"),
        "admits_host_paths": Field(
            BOOLEAN, "paths of the node may be mounted that are not listed, or not only for reading"
        ),
        "volumes": Field(STRINGS, "the types of volume that are let in; * for all"),
        "allowed_host_paths": Field(
            list_of(_HOST_PATH), "allowedHostPaths: the paths of the node that may be mounted; absent for all"
        ),
    },
)
