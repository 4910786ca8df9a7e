"""Fields of containers that services spell in a way of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from policyengine.errors import RemedyError
from policyengine.remediation.changes import AddItems, RemoveField, SetField
from policyengine.remediation.swarm.rules import Given, Rule, nanoseconds, position
from policyengine.remediation.swarm.spec import CONTAINER, Spec, part, seen

if TYPE_CHECKING:
    from policyengine.remediation.changes import FieldChange

_CHECK = {
    "test": "Test",
    "interval": "Interval",
    "timeout": "Timeout",
    "retries": "Retries",
    "start_period": "StartPeriod",
    "start_interval": "StartInterval",
}
_COUNTED = frozenset({"test", "retries"})
"""What of a healthcheck is no time."""
_START_INTERVAL = (1, 44)
NONE = "NONE"
"""The test that is none, whatever the image has."""


def environment(spec: Spec, change: FieldChange, _: Given) -> None:
    """``NAME=VALUE``; a name alone takes away what the image sets."""
    if len(change.path) != 2 or isinstance(change, AddItems):
        raise RemedyError("environment is changed by variable")
    name = str(change.path[1])
    found = seen(spec, *CONTAINER, "Env")
    entries = [str(entry) for entry in found] if isinstance(found, list) else []
    others = [entry for entry in entries if entry.partition("=")[0] != name]
    value = change.value if isinstance(change, SetField) else None
    part(spec, *CONTAINER)["Env"] = [*others, name if value is None else f"{name}={value}"]


def extra_host(item: object) -> object:
    """``HOST=ADDRESS`` as a line of /etc/hosts."""
    name, _, address = str(item).partition("=")
    return f"{address} {name}"


def read_host(line: object) -> object:
    """A line of /etc/hosts as ``HOST=ADDRESS``."""
    address, _, name = str(line).partition(" ")
    return f"{name}={address}"


def ulimits(spec: Spec, change: FieldChange, _: Given) -> None:
    """A list of ``{Name, Soft, Hard}``."""
    if len(change.path) < 2 or isinstance(change, AddItems):
        raise RemedyError("ulimits are changed by name")
    name = str(change.path[1])
    found = seen(spec, *CONTAINER, "Ulimits")
    entries = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    there = next((entry for entry in entries if entry.get("Name") == name), {"Name": name})
    made = {**there, **_limits(change)}
    others = [entry for entry in entries if entry.get("Name") != name]
    part(spec, *CONTAINER)["Ulimits"] = others if isinstance(change, RemoveField) else [*others, made]


def _limits(change: FieldChange) -> Spec:
    if not isinstance(change, SetField):
        return {}
    if len(change.path) == 3:
        return {str(change.path[2]).capitalize(): change.value}
    value = change.value if isinstance(change.value, dict) else {}
    return {"Soft": value.get("soft", value.get("hard")), "Hard": value.get("hard", value.get("soft"))}


def healthcheck(spec: Spec, change: FieldChange, given: Given) -> None:
    """Times are nanoseconds; a check that is switched off has the test NONE."""
    if isinstance(change, AddItems):
        raise RemedyError("healthcheck is no list")
    if isinstance(change, RemoveField) and len(change.path) == 1:
        part(spec, *CONTAINER).pop("Healthcheck", None)
        return
    value = change.value if isinstance(change, SetField) else None
    parts = {str(change.path[1]): value} if len(change.path) > 1 else value
    made = {} if len(change.path) == 1 else dict(part(spec, *CONTAINER, "Healthcheck"))
    for name, told in parts.items() if isinstance(parts, dict) else ():
        _put_check(made, name, told, given)
    part(spec, *CONTAINER)["Healthcheck"] = made


def _put_check(made: Spec, name: str, value: object, given: Given) -> None:
    if name == "disable":
        made["Test"] = [NONE] if value else []
    elif value is None:
        made.pop(_CHECK[name], None)
    elif name == "start_interval" and given.api < _START_INTERVAL:
        raise RemedyError("healthcheck.start_interval of a Swarm service can be changed from API 1.44 on")
    else:
        made[_CHECK[name]] = value if name in _COUNTED else nanoseconds(value)


def logging(spec: Spec, change: FieldChange, _: Given) -> None:
    """The driver and its options."""
    if isinstance(change, AddItems):
        raise RemedyError("logging is no list")
    template = part(spec, "TaskTemplate")
    value = change.value if isinstance(change, SetField) else None
    if len(change.path) == 1:
        template.pop("LogDriver", None)
        if isinstance(value, dict):
            template["LogDriver"] = {"Name": value.get("driver"), "Options": value.get("options") or {}}
        return
    driver = part(template, "LogDriver")
    if change.path[1] == "driver":
        driver["Name"] = value
    elif len(change.path) == 2:
        driver["Options"] = value or {}
    elif value is None:
        part(driver, "Options").pop(str(change.path[2]), None)
    else:
        part(driver, "Options")[str(change.path[2])] = value


def host_network(spec: Spec, change: FieldChange, given: Given) -> None:
    """The host's network is one of a service's networks, and the only one that it can be taken away from."""
    if not isinstance(change, RemoveField):
        raise RemedyError("of a Swarm service's networks the host's alone can be taken away")
    for owner in (part(spec, "TaskTemplate"), spec):
        there = owner.get("Networks")
        if isinstance(there, list):
            owner["Networks"] = [entry for entry in there if seen(entry, "Target") not in given.host_network]


def privileged(_: Spec, change: FieldChange, __: Given) -> None:
    """No service ever is."""
    if not isinstance(change, RemoveField) and not (isinstance(change, SetField) and change.value is False):
        raise RemedyError("a Swarm service cannot be privileged")


def _mounts(spec: Spec) -> list[object]:
    found = seen(spec, *CONTAINER, "Mounts")
    return list(found) if isinstance(found, list) else []


def _mount(spec: Spec, change: FieldChange, _: Given) -> None:
    if isinstance(change, AddItems) or len(change.path) < 2:
        raise RemedyError("volumes are changed one by one: what the program keeps cannot be guessed")
    mounts = _mounts(spec)
    index = position(change, mounts)
    if len(change.path) == 2 and isinstance(change, RemoveField):
        del mounts[index]
    else:
        mounts[index] = _changed_mount(cast("Spec", mounts[index]), change)
    part(spec, *CONTAINER)["Mounts"] = mounts


_OF_MOUNT = {
    "read_only": ("ReadOnly",),
    "propagation": ("BindOptions", "Propagation"),
    "size": ("TmpfsOptions", "SizeBytes"),
}


def _changed_mount(mount: Spec, change: FieldChange) -> Spec:
    name = str(change.path[2]) if len(change.path) > 2 else ""
    if name not in _OF_MOUNT:
        raise RemedyError("of a mount that it is read-only, its propagation and its size alone are changed")
    made = {key: dict(value) if isinstance(value, dict) else value for key, value in mount.items()}
    *above, last = _OF_MOUNT[name]
    if isinstance(change, SetField):
        part(made, *above)[last] = change.value
    else:
        part(made, *above).pop(last, None)
    return made


VOLUMES = Rule(_mount, lambda spec: [seen(mount, "Target") for mount in _mounts(spec)])
"""Mounts: each is known by where it is in the container."""


def _ports(spec: Spec) -> list[object]:
    found = seen(spec, "EndpointSpec", "Ports")
    return list(found) if isinstance(found, list) else []


def _port(spec: Spec, change: FieldChange, _: Given) -> None:
    if change.path[2:] == ("host_ip",):
        raise RemedyError("a port of a Swarm service is published on every address of the nodes, and on no other")
    if len(change.path) != 2 or not isinstance(change, RemoveField):
        raise RemedyError("a port of a Swarm service can be taken away, and not be changed")
    ports = _ports(spec)
    del ports[position(change, ports)]
    part(spec, "EndpointSpec")["Ports"] = ports


PORTS = Rule(_port, lambda spec: [seen(port, "TargetPort") for port in _ports(spec)])
"""Published ports: each is known by the port in the container."""
