"""Where the fields of containers stand in the specification of a service, and why some cannot be changed there.

https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Service/operation/ServiceUpdate; what came when is in
https://docs.docker.com/reference/api/engine/version-history/.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from policyengine.errors import RemedyError
from policyengine.model.kinds.container import KIND
from policyengine.model.paths import render
from policyengine.remediation.changes import AddItems, RemoveField, SetField
from policyengine.remediation.swarm.parts import (
    PORTS,
    VOLUMES,
    environment,
    extra_host,
    healthcheck,
    host_network,
    logging,
    privileged,
    read_host,
    ulimits,
)
from policyengine.remediation.swarm.rules import Given, Rule, listing, mapping, nanoseconds, scalar
from policyengine.remediation.swarm.security import SECURITY
from policyengine.remediation.swarm.spec import CONTAINER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.model.paths import FieldPath
    from policyengine.remediation.changes import FieldChange
    from policyengine.remediation.swarm.spec import Spec

_LIMITS = ("TaskTemplate", "Resources", "Limits")


def _capability(name: object) -> object:
    """As policies spell it: engines read it in either way."""
    return str(name).upper().removeprefix("CAP_")


def _cores(value: object) -> object:
    return round(float(str(value)) * 1_000_000_000)


FIELDS: Mapping[str, Rule] = {
    "user": scalar(*CONTAINER, "User"),
    "read_only": scalar(*CONTAINER, "ReadOnly", since=(1, 28)),
    "working_dir": scalar(*CONTAINER, "Dir"),
    "hostname": scalar(*CONTAINER, "Hostname"),
    "tty": scalar(*CONTAINER, "TTY"),
    "stdin_open": scalar(*CONTAINER, "OpenStdin", since=(1, 26)),
    "stop_signal": scalar(*CONTAINER, "StopSignal", since=(1, 28)),
    "stop_grace_period": scalar(*CONTAINER, "StopGracePeriod", convert=nanoseconds),
    "init": scalar(*CONTAINER, "Init", since=(1, 37)),
    "isolation": scalar(*CONTAINER, "Isolation", since=(1, 35)),
    "oom_score_adj": scalar(*CONTAINER, "OomScoreAdj", since=(1, 46)),
    "entrypoint": listing(*CONTAINER, "Command"),
    "command": listing(*CONTAINER, "Args"),
    "group_add": listing(*CONTAINER, "Groups"),
    "cap_add": listing(*CONTAINER, "CapabilityAdd", read=_capability, since=(1, 41)),
    "cap_drop": listing(*CONTAINER, "CapabilityDrop", read=_capability, since=(1, 41)),
    "dns": listing(*CONTAINER, "DNSConfig", "Nameservers"),
    "dns_opt": listing(*CONTAINER, "DNSConfig", "Options"),
    "dns_search": listing(*CONTAINER, "DNSConfig", "Search"),
    "extra_hosts": listing(*CONTAINER, "Hosts", written=extra_host, read=read_host),
    "labels": mapping(*CONTAINER, "Labels"),
    "sysctls": mapping(*CONTAINER, "Sysctls", since=(1, 40)),
    "environment": Rule(environment),
    "ulimits": Rule(ulimits, since=(1, 41)),
    "healthcheck": Rule(healthcheck),
    "logging": Rule(logging),
    "mem_limit": scalar(*_LIMITS, "MemoryBytes"),
    "cpus": scalar(*_LIMITS, "NanoCPUs", convert=_cores),
    "pids_limit": scalar(*_LIMITS, "Pids", since=(1, 41)),
    "mem_reservation": scalar("TaskTemplate", "Resources", "Reservations", "MemoryBytes"),
    "security_opt": SECURITY,
    "volumes": VOLUMES,
    "ports": PORTS,
    "network_mode": Rule(host_network),
    "privileged": Rule(privileged),
}
"""By field of the model: how it is changed in a service."""

_NONE = "the API of services has no such setting"
_OWN = "every task has a namespace of its own"
_SWARM = "the Swarm itself starts tasks again, by the service's restart policy"
_TOLD = "it is no setting, but what comes of others"
_KUBERNETES = "only Kubernetes has it"
_COMPOSE = "only Compose files have it"
_NETWORKS = "what else is on a network cannot be known to do without it"
_GRANTED = "what the program reads cannot be known to be needless"

REFUSED: Mapping[str, str] = {
    **dict.fromkeys(("annotations", "cgroup", "cgroup_parent", "cpu_shares", "cpuset", "device_cgroup_rules"), _NONE),
    **dict.fromkeys(("devices", "domainname", "expose", "gpus", "links", "mac_address", "mem_swappiness"), _NONE),
    **dict.fromkeys(("oom_kill_disable", "platform", "publish_all", "runtime", "shm_size", "storage_opt"), _NONE),
    **dict.fromkeys(("volumes_from", "auto_remove"), _NONE),
    "memswap_limit": "the API of services has it from 1.52 on, which is newer than what is spoken here",
    **dict.fromkeys(("ipc", "pid", "userns_mode", "uts"), _OWN),
    **dict.fromkeys(("restart", "restart_limit"), _SWARM),
    **dict.fromkeys(("default_bridge", "execs", "name", "probes_alike", "role", "runs_as_root"), _TOLD),
    **dict.fromkeys(("shared_volumes", "state", "windows"), _TOLD),
    **dict.fromkeys(("network_attachments", "networks"), _NETWORKS),
    **dict.fromkeys(("configs", "credential_spec", "secrets"), _GRANTED),
    **dict.fromkeys(("build", "profiles", "pull_policy"), _COMPOSE),
    **dict.fromkeys(("controller", "cpu_request", "environment_secrets", "ephemeral_storage_limit"), _KUBERNETES),
    **dict.fromkeys(("ephemeral_storage_request", "hardening", "host_users", "image_pull_policy"), _KUBERNETES),
    **dict.fromkeys(("liveness_probe", "memory_request", "os", "readiness_probe", "repeated_variables"), _KUBERNETES),
    **dict.fromkeys(("root_refused", "run_as_group", "run_as_non_root", "run_as_user"), _KUBERNETES),
    **dict.fromkeys(("seccomp_annotation", "seccomp_profile", "security_context", "startup_probe"), _KUBERNETES),
    "hooks": "services have none",
    "deploy": "how many run, and where, is the operator's to say",
    "image": "an image is chosen by a policy's remediate.image",
}
"""By field of the model: why it is not changed in a service."""


def changed(spec: Spec, changes: Iterable[FieldChange], given: Given) -> Spec:
    """A specification after changes; the one that is given stays as it is.

    Items of lists are counted in the specification (:func:`located`). Raises :class:`RemedyError` that names the field
    and the reason.
    """
    made = deepcopy(spec)
    for change in changes:
        _rule(change, given).make(made, change, given)
    return made


def located(changes: Iterable[FieldChange], facts: Mapping[str, object], spec: Spec) -> tuple[FieldChange, ...]:
    """Changes with the items of lists counted in a specification, and not in what a task's container has in all.

    Raises :class:`RemedyError` for an item that the specification does not have: it is the image's or the engine's.
    """
    return tuple(_located(change, facts, spec) for change in changes)


def _rule(change: FieldChange, given: Given) -> Rule:
    field = str(change.path[0])
    if field in REFUSED:
        raise RemedyError(f"{render(change.path, KIND.type)} of a Swarm service cannot be changed: {REFUSED[field]}")
    rule = FIELDS[field]
    if given.api < rule.since:
        spoken, needed = (".".join(map(str, version)) for version in (given.api, rule.since))
        raise RemedyError(
            f"{field} of a Swarm service can be changed from API {needed} on, and the engine speaks {spoken}",
            hint="update the engine",
        )
    return rule


def _located(change: FieldChange, facts: Mapping[str, object], spec: Spec) -> FieldChange:
    field = str(change.path[0])
    rule = FIELDS.get(field)
    if len(change.path) == 1 or not isinstance(change.path[1], int) or rule is None or rule.items is None:
        return change
    found = facts.get(field)
    there = found if isinstance(found, list) else []
    wanted = _key(there[change.path[1]]) if change.path[1] < len(there) else None
    items = rule.items(spec)
    if wanted not in items:
        raise RemedyError(f"{render(change.path, KIND.type)} does not come from the service, but from its image")
    return _at(change, (field, items.index(wanted), *change.path[2:]))


def _key(item: object) -> object:
    """What makes an item that item: of a mount or a port where it is in the container."""
    return item.get("target") if isinstance(item, dict) else item


def _at(change: FieldChange, path: FieldPath) -> FieldChange:
    if isinstance(change, SetField):
        return SetField(path, change.value)
    return RemoveField(path) if isinstance(change, RemoveField) else AddItems(path, change.items)
