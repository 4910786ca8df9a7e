"""Where the fields of Pods and containers are written in Kubernetes' manifests.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.editing.meaning import Append, Remove, Set
from policyengine.errors import EditError
from policyengine.remediation.changes import AddItems, RemoveField, SetField
from policyengine.remediation.files.flags import flag
from policyengine.remediation.files.rules import listing, scalar
from policyengine.remediation.files.written import settled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.remediation.changes import FieldChange
    from policyengine.remediation.files.written import FileEdit, Rule, Written

_NO_NEW_PRIVILEGES = "no-new-privileges:true"


def _escalation(change: FieldChange, written: Written) -> list[FileEdit]:
    """``no-new-privileges`` is ``allowPrivilegeEscalation: false``, which the API server refuses beside what is more.

    https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
    """
    if not isinstance(change, AddItems) or change.items != (_NO_NEW_PRIVILEGES,):
        raise EditError(f"of the options of security only {_NO_NEW_PRIVILEGES} is written in a manifest so")
    added = written.facts.get("cap_add")
    if written.facts.get("privileged") is True or (isinstance(added, list) and "SYS_ADMIN" in added):
        raise EditError(
            "the API server refuses it for a container that is privileged or has SYS_ADMIN", hint="mend that first"
        )
    file, at = written.place(change.path)
    settled(written.value((file, at)))
    return [(file, Set(at, value=False))]


def _host(key: str) -> Rule:
    """A namespace of the node's, which is one that a Pod says yes to."""
    own = scalar(key)

    def rule(change: FieldChange, written: Written) -> list[FileEdit]:
        if not isinstance(change, RemoveField):
            raise EditError(f"{key} is yes or no")
        return own(change, written)

    return rule


def _host_ip(change: FieldChange, written: Written) -> list[FileEdit]:
    if not isinstance(change, SetField) or change.path[2:] != ("host_ip",):
        raise EditError("of ports the address alone is changed")
    return scalar("hostIP")(change, written)


def _port(change: FieldChange, written: Written) -> list[FileEdit]:
    """A port of a container: the address of its node that it is bound to, or that it is bound to none."""
    if isinstance(change, SetField):
        return _host_ip(change, written)
    if not isinstance(change, RemoveField) or len(change.path) < 2 or change.path[2:] not in ((), ("published",)):
        raise EditError("of ports the address of the host alone is changed")
    file, at = written.place((*change.path[:2], "published"))
    if at[-1:] != ("hostPort",):
        raise EditError("it does not come from hostPort, but from elsewhere")
    settled(written.value((file, at)))
    address = (*at[:-1], "hostIP")
    more = [] if written.value((file, address)) is None else [(file, Remove(address))]
    return [(file, Remove(at)), *more]


def _exposed(change: FieldChange, written: Written) -> list[FileEdit]:
    """A port that is told and not bound: nothing hangs on it but what knows it by its name.

    https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports
    """
    file, at = written.place(change.path)
    port = written.value((file, at[:-1]))
    if not isinstance(change, RemoveField) or at[-1:] != ("containerPort",) or not isinstance(port, dict):
        raise EditError("of the ports that are told one is taken away")
    if "name" in port or "hostPort" in port:
        raise EditError("others may know the port by its name, or reach it by its node's")
    return [(file, Remove(at[:-1]))]


_PROFILES = {"seccompProfile": "RuntimeDefault", "appArmorProfile": "RuntimeDefault"}


def _security_option(change: FieldChange, written: Written) -> list[FileEdit]:
    """An option of security that an engine is given: where none is written, that is the default of the runtime.

    Where a profile is unconfined it becomes the runtime's: without one a seccomp profile is, by default, none at all.
    https://kubernetes.io/docs/tutorials/security/seccomp/#enable-the-use-of-runtimedefault-as-the-default
    """
    if not isinstance(change, RemoveField) or len(change.path) != 2:
        return _escalation(change, written)
    file, at = written.place(change.path)
    settled(written.value((file, at)))
    if at[-1] == "type" and at[-2] in _PROFILES:
        return [(file, Set(at, _PROFILES[str(at[-2])]))]
    if at[-1] == "procMount" or at[-2] == "seLinuxOptions" or at[-2] == "annotations":
        return [(file, Remove(at))]
    raise EditError("it does not come from an option of its own", hint=".".join(map(str, at[1:])))


def _context(change: FieldChange, written: Written) -> list[FileEdit]:
    """A field of a securityContext as it is written, by the name that Kubernetes has for it."""
    file, at = written.place(change.path[:1])
    if at[-1:] != ("securityContext",):
        raise EditError("it does not come from a securityContext, but from elsewhere")
    if isinstance(change, RemoveField) and any(isinstance(step, int) for step in change.path):
        file, at = written.place(change.path)
    else:
        at = (*at, *(_camel(step) for step in change.path[1:]))
    settled(written.value((file, at)))
    if isinstance(change, SetField):
        return [(file, Set(at, change.value))]
    if isinstance(change, RemoveField):
        return [(file, Remove(at))]
    there = written.fact(change.path)
    known = there if isinstance(there, list) else []
    return [(file, Append(at, item)) for item in change.items if item not in known]


def _camel(step: str | int) -> str | int:
    if isinstance(step, int):
        return step
    first, *others = step.split("_")
    return first + "".join(part.capitalize() for part in others)


def _user(change: FieldChange, written: Written) -> list[FileEdit]:
    """``uid`` or ``uid:gid``, numbers as they are here."""
    uid, _, gid = str(change.value).partition(":") if isinstance(change, SetField) else ("", "", "")
    if not uid.isdecimal() or not (gid.isdecimal() or not gid):
        raise EditError("a user is a number here")
    edits = scalar("runAsUser")(SetField(("run_as_user",), int(uid)), written)
    return edits + (scalar("runAsGroup")(SetField(("run_as_group",), int(gid)), written) if gid else [])


def _seccomp(change: FieldChange, written: Written) -> list[FileEdit]:
    if not isinstance(change, SetField) or change.path != ("seccomp_profile", "type"):
        raise EditError("of a seccomp profile its type is changed")
    file, at = written.place(change.path[:1])
    if at[-1:] == ("type",):
        at = at[:-1]
    if at[-1:] != ("seccompProfile",):
        raise EditError("it does not come from seccompProfile, but from elsewhere")
    settled(written.value((file, (*at, "type"))))
    return [(file, Set((*at, "type"), change.value))]


def _gone(change: FieldChange, written: Written) -> list[FileEdit]:
    """What stands there goes, whatever its key."""
    file, at = written.place(change.path)
    if not isinstance(change, RemoveField) or written.value((file, at)) is None:
        raise EditError("it is taken away, and nothing else")
    settled(written.value((file, at)))
    return [(file, Remove(at))]


def _renamed(change: FieldChange, written: Written) -> list[FileEdit]:
    """The former name of a field goes, and the one of today says the same."""
    file, at = written.place(change.path)
    value = written.value((file, at))
    if not isinstance(change, RemoveField) or at[-1:] != ("serviceAccount",):
        raise EditError("it does not come from serviceAccount, but from elsewhere")
    settled(value)
    return [(file, Set((*at[:-1], "serviceAccountName"), value)), (file, Remove(at))]


def _label(change: FieldChange, written: Written) -> list[FileEdit]:
    if not isinstance(change, SetField) or len(change.path) != 2:
        raise EditError("of labels the value of one is changed")
    file, at = written.place(change.path[:1])
    if at[-1:] != ("labels",):
        raise EditError("it does not come from labels, but from elsewhere")
    at = (*at, change.path[1])
    settled(written.value((file, at)))
    return [(file, Set(at, change.value))]


def _service_type(change: FieldChange, written: Written) -> list[FileEdit]:
    """Another type: what the ports of a NodePort have on nodes no other type has."""
    edits = scalar("type")(change, written)
    file, at = edits[0][0], written.place(("ports",))[1]
    ports = written.value((file, at))
    listed = ports if isinstance(ports, list) else []
    on_nodes = [index for index, port in enumerate(listed) if isinstance(port, dict) and "nodePort" in port]
    return [*edits, *((file, Remove((*at, index, "nodePort"))) for index in on_nodes)]


def _volume(change: FieldChange, written: Written) -> list[FileEdit]:
    """Where a volume is mounted: no more, read-only, or seen by its container alone."""
    setting = change.path[2:]
    file, at = written.place(change.path[:2])
    if at[-2:-1] != ("volumeMounts",):
        raise EditError("it does not come from volumeMounts, but from elsewhere")
    if isinstance(change, RemoveField) and not setting:
        return [(file, Remove(at))]
    if isinstance(change, RemoveField) and setting == ("propagation",):
        settled(written.value((file, (*at, "mountPropagation"))))
        return [(file, Remove((*at, "mountPropagation")))]
    if isinstance(change, SetField) and setting == ("read_only",):
        return [(file, Set((*at, "readOnly"), change.value))]
    raise EditError("that is not changed of where a volume is mounted")


FIELDS: Mapping[str, Mapping[str, Rule]] = {
    "container": {
        "privileged": scalar("privileged"),
        "read_only": scalar("readOnlyRootFilesystem"),
        "run_as_non_root": scalar("runAsNonRoot"),
        "run_as_user": scalar("runAsUser"),
        "run_as_group": scalar("runAsGroup"),
        "cap_add": listing("add"),
        "cap_drop": listing("drop"),
        "security_opt": _security_option,
        "security_context": _context,
        "seccomp_profile": _seccomp,
        "seccomp_annotation": _gone,
        "user": _user,
        "image": scalar("image"),
        "image_pull_policy": scalar("imagePullPolicy"),
        "network_mode": _host("hostNetwork"),
        "pid": _host("hostPID"),
        "ipc": _host("hostIPC"),
        "userns_mode": _host("hostUsers"),
        "ports": _port,
        "expose": _exposed,
        "volumes": _volume,
    },
    "image_ref": {"reference": scalar("image")},
    "pod": {
        "host_network": scalar("hostNetwork"),
        "host_pid": scalar("hostPID"),
        "host_ipc": scalar("hostIPC"),
        "automount_service_account_token": scalar("automountServiceAccountToken"),
        "host_aliases": scalar("hostAliases"),
        "deprecated_service_account": _renamed,
        "security_context": _context,
        "seccomp_annotation": _gone,
        "sysctls": listing("sysctls"),
    },
    "workload": {"replicas": scalar("replicas"), "strategy": scalar("type")},
    "horizontal_pod_autoscaler": {"min_replicas": scalar("minReplicas")},
    "service_account": {"automount_service_account_token": scalar("automountServiceAccountToken")},
    "service": {"type": _service_type, "external_ips": scalar("externalIPs")},
    "namespace": {"labels": _label},
    "control_plane_component": {"flags": flag},
}
"""By kind of resource: how a change of each field is made."""
