"""The Pod Security Standards as plain code: what each check says of a Pod, by the release of Kubernetes.

Written from the checks of Kubernetes' admission plugin, apart from our reader, model and policies, to be compared with
them. A Pod is its manifest as plain data; a release is the minor of 1.N.
https://github.com/kubernetes/pod-security-admission/tree/master/policy
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Check = Callable[[dict[str, Any], int], bool]

WINDOWS_EXEMPT = 25
USER_NAMESPACES_EXEMPT = 35

ADDABLE = {
    *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP"),
    *("SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
}
SELINUX_TYPES = {"": 0, "container_t": 0, "container_init_t": 0, "container_kvm_t": 0, "container_engine_t": 31}
SYSCTLS = {
    **dict.fromkeys(("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"), 0),
    **dict.fromkeys(("net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start"), 0),
    "net.ipv4.ip_local_reserved_ports": 27,
    **dict.fromkeys(("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout"), 29),
    **dict.fromkeys(("net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"), 29),
    **dict.fromkeys(("net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"), 32),
    **dict.fromkeys(("net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"), 37),
}
"""The first release that allows each."""

VOLUMES = {
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected"),
    "secret",
}
PROFILES = {"RuntimeDefault", "Localhost"}
APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
SECCOMP_OF_POD = "seccomp.security.alpha.kubernetes.io/pod"


def containers(pod: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in ("initContainers", "containers", "ephemeralContainers"):
        yield from pod["spec"].get(key) or ()


def at(value: Any, *keys: str) -> Any:
    """What is below some keys; None where nothing is."""
    for key in keys:
        value = (value or {}).get(key)
    return value


def contexts(pod: dict[str, Any]) -> list[Any]:
    """The security contexts of the Pod and of its containers."""
    return [at(pod, "spec", "securityContext"), *(at(container, "securityContext") for container in containers(pod))]


def annotated(pod: dict[str, Any]) -> dict[str, str]:
    return {key: value or "" for key, value in (at(pod, "metadata", "annotations") or {}).items()}


def is_windows(pod: dict[str, Any]) -> bool:
    return bool(at(pod, "spec", "os", "name") == "windows")


def in_user_namespace(pod: dict[str, Any]) -> bool:
    return at(pod, "spec", "hostUsers") is False


def host_namespaces(pod: dict[str, Any], release: int) -> bool:
    return not any(at(pod, "spec", key) for key in ("hostNetwork", "hostPID", "hostIPC"))


def privileged(pod: dict[str, Any], release: int) -> bool:
    return not any(at(container, "securityContext", "privileged") for container in containers(pod))


def capabilities_baseline(pod: dict[str, Any], release: int) -> bool:
    added = (at(container, "securityContext", "capabilities", "add") or () for container in containers(pod))
    return all(set(names) <= ADDABLE for names in added)


def host_path_volumes(pod: dict[str, Any], release: int) -> bool:
    return all(at(volume, "hostPath") is None for volume in at(pod, "spec", "volumes") or ())


def host_ports(pod: dict[str, Any], release: int) -> bool:
    """On the node's network the API server gives every port one of the node before it checks."""
    shared = at(pod, "spec", "hostNetwork")
    ports = (port for container in containers(pod) for port in at(container, "ports") or ())
    return not any(port.get("hostPort") or shared for port in ports)


def app_armor_profile(pod: dict[str, Any], release: int) -> bool:
    profiles = [at(context, "appArmorProfile") for context in contexts(pod)]
    named = [value for key, value in annotated(pod).items() if key.startswith(APPARMOR)]
    return all(profile is None or at(profile, "type") in PROFILES for profile in profiles) and all(
        value in ("", "runtime/default") or value.startswith("localhost/") for value in named
    )


def se_linux_options(pod: dict[str, Any], release: int) -> bool:
    options = [at(context, "seLinuxOptions") or {} for context in contexts(pod)]
    return all(
        SELINUX_TYPES.get(option.get("type") or "", 99) <= release and not option.get("user") and not option.get("role")
        for option in options
    )


def proc_mount_restricted(pod: dict[str, Any], release: int) -> bool:
    mounts = (at(container, "securityContext", "procMount") for container in containers(pod))
    return all(mount in (None, "Default") for mount in mounts)


def proc_mount(pod: dict[str, Any], release: int) -> bool:
    return (release >= USER_NAMESPACES_EXEMPT and in_user_namespace(pod)) or proc_mount_restricted(pod, release)


def seccomp_baseline(pod: dict[str, Any], release: int) -> bool:
    if release >= 19:
        profiles = [at(context, "seccompProfile") for context in contexts(pod)]
        return all(profile is None or at(profile, "type") in PROFILES for profile in profiles)
    keys = [SECCOMP_OF_POD, *(SECCOMP + container["name"] for container in containers(pod))]
    written = annotated(pod)
    return all(
        written[key] in ("runtime/default", "docker/default") or written[key].startswith("localhost/")
        for key in keys
        if key in written
    )


def sysctls(pod: dict[str, Any], release: int) -> bool:
    written = at(pod, "spec", "securityContext", "sysctls") or ()
    return all(SYSCTLS.get(sysctl["name"], 99) <= release for sysctl in written)


def windows_host_process(pod: dict[str, Any], release: int) -> bool:
    return not any(at(context, "windowsOptions", "hostProcess") for context in contexts(pod))


def host_probes(pod: dict[str, Any], release: int) -> bool:
    handlers = [
        handler
        for container in containers(pod)
        for handler in (
            *(at(container, probe) for probe in ("livenessProbe", "readinessProbe", "startupProbe")),
            *(at(container, "lifecycle", event) for event in ("postStart", "preStop")),
        )
    ]
    return not any(at(handler, key, "host") for handler in handlers for key in ("httpGet", "tcpSocket"))


def restricted_volumes(pod: dict[str, Any], release: int) -> bool:
    kinds = [{key for key, source in volume.items() if key != "name" and source is not None} for volume in volumes(pod)]
    return all(kind <= VOLUMES for kind in kinds)


def volumes(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return at(pod, "spec", "volumes") or []


def allow_privilege_escalation(pod: dict[str, Any], release: int) -> bool:
    escalations = (at(container, "securityContext", "allowPrivilegeEscalation") for container in containers(pod))
    return (release >= WINDOWS_EXEMPT and is_windows(pod)) or all(allowed is False for allowed in escalations)


def run_as_non_root(pod: dict[str, Any], release: int) -> bool:
    if release >= USER_NAMESPACES_EXEMPT and in_user_namespace(pod):
        return True
    of_pod, *own = [at(context, "runAsNonRoot") for context in contexts(pod)]
    return of_pod is not False and all(value is True or (value is None and of_pod) for value in own)


def run_as_user(pod: dict[str, Any], release: int) -> bool:
    exempt = release >= USER_NAMESPACES_EXEMPT and in_user_namespace(pod)
    return exempt or all(at(context, "runAsUser") != 0 for context in contexts(pod))


def seccomp_restricted(pod: dict[str, Any], release: int) -> bool:
    if release >= WINDOWS_EXEMPT and is_windows(pod):
        return True
    of_pod, *own = [at(context, "seccompProfile") for context in contexts(pod)]
    right = [profile is None or at(profile, "type") in PROFILES for profile in (of_pod, *own)]
    return all(right) and all(profile is not None or of_pod is not None for profile in own)


def capabilities_restricted(pod: dict[str, Any], release: int) -> bool:
    if release >= WINDOWS_EXEMPT and is_windows(pod):
        return True
    found = [at(container, "securityContext", "capabilities") or {} for container in containers(pod)]
    return all("ALL" in (one.get("drop") or ()) and set(one.get("add") or ()) <= {"NET_BIND_SERVICE"} for one in found)


BASELINE: dict[str, tuple[int, Check]] = {
    "appArmorProfile": (0, app_armor_profile),
    "capabilities_baseline": (0, capabilities_baseline),
    "hostNamespaces": (0, host_namespaces),
    "hostPathVolumes": (0, host_path_volumes),
    "hostPorts": (0, host_ports),
    "hostProbesAndHostLifecycle": (34, host_probes),
    "privileged": (0, privileged),
    "procMount": (0, proc_mount),
    "seLinuxOptions": (0, se_linux_options),
    "seccompProfile_baseline": (0, seccomp_baseline),
    "sysctls": (0, sysctls),
    "windowsHostProcess": (0, windows_host_process),
}
RESTRICTED: dict[str, tuple[int, Check]] = {
    "allowPrivilegeEscalation": (8, allow_privilege_escalation),
    "capabilities_restricted": (22, capabilities_restricted),
    "procMount_restricted": (35, proc_mount_restricted),
    "restrictedVolumes": (0, restricted_volumes),
    "runAsNonRoot": (0, run_as_non_root),
    "runAsUser": (23, run_as_user),
    "seccompProfile_restricted": (19, seccomp_restricted),
}
"""The checks of a level, and the release that each came with."""

OVERRIDES = {
    "capabilities_restricted": "capabilities_baseline",
    "procMount_restricted": "procMount",
    "restrictedVolumes": "hostPathVolumes",
    "seccompProfile_restricted": "seccompProfile_baseline",
}
"""The checks of restricted that stand in for one of baseline."""


def refused(level: str, release: int, pod: dict[str, Any]) -> set[str]:
    """The checks that refuse a Pod, ``baseline/privileged``; those that others stand in for are left out."""
    found = {
        f"{name}/{check}"
        for name, checks in (("baseline", BASELINE), ("restricted", RESTRICTED))
        for check, (since, allows) in checks.items()
        if name in ("baseline", level) and release >= since and not allows(pod, release)
    }
    return found - (overridden(release) if level == "restricted" else set())


def overridden(release: int) -> set[str]:
    return {f"baseline/{check}" for by, check in OVERRIDES.items() if release >= RESTRICTED[by][0]}
