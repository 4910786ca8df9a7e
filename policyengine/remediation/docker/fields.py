"""Which fields of a container can be changed by making it anew, and how each is asked of an engine.

Each field of the model that an engine tells of a container is either in :data:`FIELDS` or in :data:`REFUSED`, with
the reason why no other container could have it otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import RemedyError
from policyengine.remediation.docker import confining, limiting, networking, process
from policyengine.remediation.docker.draft import Draft, of_config, of_host, whole
from policyengine.remediation.docker.mounting import volumes
from policyengine.remediation.docker.publishing import ports

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.remediation.changes import FieldChange
    from policyengine.remediation.docker.body import Body
    from policyengine.remediation.docker.draft import Rule

FIELDS: Mapping[str, Rule] = {
    # networks come first: what is asked of them may be asked of new ones
    "network_mode": whole(networking.network_mode),
    "networks": whole(networking.networks),
    "network_attachments": whole(networking.attachments),
    "annotations": of_host("Annotations"),
    "cap_add": whole(confining.capabilities("CapAdd")),
    "cap_drop": whole(confining.capabilities("CapDrop")),
    "cgroup": of_host("CgroupnsMode", ""),
    "cgroup_parent": of_host("CgroupParent", ""),
    "command": whole(process.command),
    "cpu_shares": of_host("CpuShares", 0),
    "cpus": whole(limiting.cores),
    "cpuset": of_host("CpusetCpus", ""),
    "device_cgroup_rules": of_host("DeviceCgroupRules"),
    "devices": whole(limiting.devices),
    "dns": of_host("Dns"),
    "dns_opt": of_host("DnsOptions"),
    "dns_search": of_host("DnsSearch"),
    "domainname": of_config("Domainname"),
    "entrypoint": whole(process.entrypoint),
    "environment": whole(process.environment),
    "expose": whole(process.expose),
    "extra_hosts": whole(limiting.extra_hosts),
    "gpus": whole(limiting.gpus),
    "group_add": of_host("GroupAdd"),
    "healthcheck": whole(process.healthcheck),
    "hostname": whole(confining.hostname),
    "init": of_host("Init"),
    "ipc": whole(confining.namespace("IpcMode")),
    "labels": whole(process.labels),
    "links": of_host("Links"),
    "logging": whole(limiting.logging),
    "mac_address": of_config("MacAddress"),
    "mem_limit": whole(limiting.memory),
    "mem_reservation": of_host("MemoryReservation", 0),
    "mem_swappiness": of_host("MemorySwappiness"),
    "memswap_limit": of_host("MemorySwap", 0),
    "oom_kill_disable": of_host("OomKillDisable", absent=False),
    "oom_score_adj": of_host("OomScoreAdj", 0),
    "pid": whole(confining.namespace("PidMode")),
    "pids_limit": of_host("PidsLimit"),
    "ports": ports,
    "privileged": whole(confining.privileged),
    "publish_all": of_host("PublishAllPorts", absent=False),
    "read_only": of_host("ReadonlyRootfs", absent=False),
    "restart": whole(limiting.restart),
    "runtime": of_host("Runtime", ""),
    "security_opt": whole(confining.security_options),
    "shm_size": of_host("ShmSize", 0),
    "stdin_open": of_config("OpenStdin"),
    "stop_grace_period": whole(process.grace_period),
    "stop_signal": of_config("StopSignal"),
    "storage_opt": of_host("StorageOpt"),
    "sysctls": of_host("Sysctls"),
    "tty": of_config("Tty"),
    "ulimits": whole(limiting.ulimits),
    "user": of_config("User"),
    "userns_mode": of_host("UsernsMode", ""),
    "uts": whole(confining.uts),
    "volumes": volumes,
    "volumes_from": of_host("VolumesFrom"),
    "working_dir": of_config("WorkingDir"),
}
"""The rules by field, in the order in which they are followed."""

_OF_CLUSTERS = "an engine does not know it: a cluster or a project has it"

REFUSED: Mapping[str, tuple[str, str]] = {
    "auto_remove": ("what is removed as soon as it stops is never replaced: it could not be put back", ""),
    "build": (_OF_CLUSTERS, ""),
    "configs": (_OF_CLUSTERS, ""),
    "controller": (_OF_CLUSTERS, ""),
    "cpu_request": (_OF_CLUSTERS, ""),
    "credential_spec": (_OF_CLUSTERS, ""),
    "default_bridge": ("it follows from the networks", "change networks or network_mode"),
    "deploy": (_OF_CLUSTERS, ""),
    "environment_secrets": (_OF_CLUSTERS, ""),
    "ephemeral_storage_limit": (_OF_CLUSTERS, ""),
    "ephemeral_storage_request": (_OF_CLUSTERS, ""),
    "execs": ("it is what was started in the container, and none of it in a new one", ""),
    "hardening": (_OF_CLUSTERS, "change security_opt, cap_drop or user"),
    "hooks": (_OF_CLUSTERS, ""),
    "host_users": (_OF_CLUSTERS, "change userns_mode"),
    "image": ("which image is a matter of its own", "say remediate.image in the policy"),
    "image_pull_policy": (_OF_CLUSTERS, ""),
    "isolation": ("it is of Windows, whose containers are not replaced", ""),
    "liveness_probe": (_OF_CLUSTERS, "change healthcheck"),
    "memory_request": (_OF_CLUSTERS, "change mem_reservation"),
    "name": ("others know it by its name, which it keeps", ""),
    "os": (_OF_CLUSTERS, ""),
    "platform": ("it is the image's", ""),
    "probes_alike": (_OF_CLUSTERS, ""),
    "profiles": (_OF_CLUSTERS, ""),
    "pull_policy": (_OF_CLUSTERS, ""),
    "readiness_probe": (_OF_CLUSTERS, "change healthcheck"),
    "repeated_variables": (_OF_CLUSTERS, ""),
    "restart_limit": ("it follows from the restart policy", "change restart: on-failure:5"),
    "role": (_OF_CLUSTERS, ""),
    "root_refused": (_OF_CLUSTERS, "change user"),
    "run_as_group": (_OF_CLUSTERS, "change user"),
    "run_as_non_root": (_OF_CLUSTERS, "change user"),
    "run_as_user": (_OF_CLUSTERS, "change user"),
    "runs_as_root": ("it follows from the user", "change user"),
    "seccomp_annotation": (_OF_CLUSTERS, "change security_opt"),
    "seccomp_profile": (_OF_CLUSTERS, "change security_opt"),
    "secrets": (_OF_CLUSTERS, ""),
    "security_context": (_OF_CLUSTERS, ""),
    "shared_volumes": ("it follows from what this container and others mount", "change volumes"),
    "startup_probe": (_OF_CLUSTERS, "change healthcheck"),
    "state": ("it is what the container does, not what it is made of", ""),
    "windows": ("it follows from the image", ""),
}
"""The reason for each other field, and what to change instead."""


def changed(body: Body, changes: Sequence[FieldChange]) -> Body:
    """A body with changes of fields, whose positions in lists are those of ``body.facts``.

    Raises :class:`RemedyError` that names the field and the reason where one cannot be made.
    """
    draft = Draft(body)
    unlabelled = confining.unlabelled(draft)
    by_field: dict[str, list[FieldChange]] = {}
    for change in changes:
        by_field.setdefault(str(change.path[0]), []).append(change)
    for field in sorted(by_field, key=_turn):
        _change(draft, field, by_field[field])
    networking.tell_mode(draft)
    if unlabelled and not confining.unlabelled(draft):
        confining.label_again(draft)
    return draft.body()


def _turn(field: str) -> int:
    return list(FIELDS).index(field) if field in FIELDS else len(FIELDS)


def _change(draft: Draft, field: str, changes: Sequence[FieldChange]) -> None:
    if field not in FIELDS:
        reason, hint = REFUSED.get(field, ("the model has no such field", ""))
        raise RemedyError(f"{field} cannot be changed: {reason}", hint=hint or None)
    try:
        FIELDS[field](draft, changes)
    except RemedyError as error:
        raise RemedyError(f"{field} cannot be changed: {error.message}", hint=error.hint) from None
