"""The ``securityContext`` of Pods and containers, as it is written, in Kubernetes' own words.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#security-context
"""

from policyengine.model.types import BOOLEAN, INTEGER, STRING, STRINGS, Field, list_of, object_of

PROFILE = object_of(
    type=Field(STRING, "RuntimeDefault, Localhost or Unconfined"),
    localhost_profile=Field(STRING, "localhostProfile: the profile of the node, of Localhost"),
)

_SELINUX = object_of(
    user=Field(STRING, "the SELinux user"),
    role=Field(STRING, "the SELinux role"),
    type=Field(STRING, "the SELinux type: container_t, ..."),
    level=Field(STRING, "the SELinux level: s0:c123,c456"),
)

_WINDOWS = object_of(
    host_process=Field(BOOLEAN, "hostProcess: it runs as a process of its Windows node"),
    run_as_user_name=Field(STRING, "runAsUserName: the user of the process"),
)

_CAPABILITIES = object_of(
    add=Field(STRINGS, "the capabilities added, as they are spelt"),
    drop=Field(STRINGS, "the capabilities dropped, as they are spelt"),
)

SYSCTL = object_of(
    name=Field(STRING, "the parameter's name, with dots: net.core.somaxconn"),
    value=Field(STRING, "its value"),
)

_BOTH = {
    "run_as_user": Field(INTEGER, "runAsUser"),
    "run_as_group": Field(INTEGER, "runAsGroup"),
    "run_as_non_root": Field(BOOLEAN, "runAsNonRoot: the kubelet starts it as no root"),
    "seccomp_profile": Field(PROFILE, "seccompProfile"),
    "app_armor_profile": Field(PROFILE, "appArmorProfile"),
    "se_linux_options": Field(_SELINUX, "seLinuxOptions"),
    "windows_options": Field(_WINDOWS, "windowsOptions"),
}

OF_CONTAINER = object_of(
    **_BOTH,
    privileged=Field(BOOLEAN, "privileged"),
    allow_privilege_escalation=Field(BOOLEAN, "allowPrivilegeEscalation: no_new_privs is not set"),
    read_only_root_filesystem=Field(BOOLEAN, "readOnlyRootFilesystem"),
    proc_mount=Field(STRING, "procMount: Default or Unmasked"),
    capabilities=Field(_CAPABILITIES, "capabilities"),
)

OF_POD = object_of(
    **_BOTH,
    sysctls=Field(list_of(SYSCTL), "sysctls"),
)
