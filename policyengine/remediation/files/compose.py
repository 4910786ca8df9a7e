"""Where the fields of containers are written in Compose files.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.documents.editing.meaning import Append, Remove, Set
from policyengine.documents.scalars import scalar_text
from policyengine.errors import EditError
from policyengine.remediation.changes import AddItems, RemoveField, SetField
from policyengine.remediation.files.rules import listing, scalar
from policyengine.remediation.files.written import settled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.documents.document import DocPath
    from policyengine.remediation.changes import FieldChange
    from policyengine.remediation.files.written import FileEdit, Rule, Written


def _options(change: FieldChange, written: Written) -> list[FileEdit]:
    """Options of security, of which an option that says otherwise is changed, and stays where it is."""
    if not isinstance(change, AddItems):
        return listing("security_opt")(change, written)
    found = written.facts.get("security_opt")
    there = [str(item) for item in found] if isinstance(found, list) else []
    return [_security_option(item, there, change, written) for item in change.items if item not in there]


def _security_option(item: str, there: list[str], change: AddItems, written: Written) -> FileEdit:
    named = [index for index, other in enumerate(there) if _name(other) == _name(item)]
    file, at = written.place((*change.path, named[0]) if named else change.path)
    settled(written.value((file, at)))
    return (file, Set(at, item)) if named else (file, Append(at, item))


def _name(option: str) -> str:
    return option.replace("=", ":").partition(":")[0]


def _host_ip(change: FieldChange, written: Written) -> list[FileEdit]:
    """The address of a port: in front of a short one, a key of a long one."""
    if not isinstance(change, SetField) or change.path[2:] != ("host_ip",):
        raise EditError("of ports the address alone is changed")
    file, at = written.place(change.path[:2])
    value = written.value((file, at))
    if isinstance(value, dict):
        settled(value.get("host_ip"))
        return [(file, Set((*at, "host_ip"), change.value))]
    settled(value)
    return [(file, Set(at, _bound(scalar_text(value) or "", str(change.value))))]


def _bound(port: str, address: str) -> str:
    """A port in the short syntax, bound to an address: ``8080:80`` as ``127.0.0.1:8080:80``, ``80`` without a host's
    as ``127.0.0.1::80``.
    """
    rest, slash, protocol = port.partition("/")
    head, _, target = rest.rpartition(":")
    published = head.rpartition(":")[2]
    shown = f"[{address}]" if ":" in address else address
    return f"{shown}:{published}:{target}{slash}{protocol}"


def _port(change: FieldChange, written: Written) -> list[FileEdit]:
    return listing("ports")(change, written) if isinstance(change, RemoveField) else _host_ip(change, written)


_SHORT_VOLUME = re.compile(r"(?P<source>[^:]+):(?P<target>/[^:]*)(?::(?P<mode>[A-Za-z,]+))?").fullmatch
"""A bind or a volume in the short syntax, paths of Windows apart."""


def _volume(change: FieldChange, written: Written) -> list[FileEdit]:
    """A mount: it goes, is read-only, or its host does not see what is mounted in it."""
    setting = change.path[2:]
    if isinstance(change, RemoveField) and not setting:
        return listing("volumes")(change, written)
    file, at = written.place(change.path[:2])
    value = written.value((file, at))
    if at[-2:-1] != ("volumes",):
        raise EditError("it does not come from volumes, but from elsewhere")
    if isinstance(value, dict):
        return [(file, _of_long_volume(change, at))]
    settled(value)
    return [(file, Set(at, _short_volume(change, scalar_text(value) or "")))]


def _of_long_volume(change: FieldChange, at: DocPath) -> Set | Remove:
    setting = change.path[2:]
    if isinstance(change, SetField) and setting == ("read_only",):
        return Set((*at, "read_only"), change.value)
    if isinstance(change, RemoveField) and setting == ("propagation",):
        return Remove((*at, "bind", "propagation"))
    raise EditError("that is not changed of a mount")


_SHARED = ("shared", "rshared")


def _short_volume(change: FieldChange, volume: str) -> str:
    """``source:target:mode`` with another mode."""
    found = _SHORT_VOLUME(volume)
    if found is None:
        raise EditError("the mount is written in a way that is not followed")
    modes = found["mode"].split(",") if found["mode"] else []
    if change == SetField((*change.path[:2], "read_only"), value=True):
        kept = [mode for mode in modes if mode not in ("rw", "ro")]
        modes = ["ro", *kept]
    elif isinstance(change, RemoveField) and change.path[2:] == ("propagation",):
        modes = [mode for mode in modes if mode not in _SHARED]
    else:
        raise EditError("that is not changed of a mount")
    return ":".join([found["source"], found["target"], *([",".join(modes)] if modes else [])])


def _restart(change: FieldChange, written: Written) -> list[FileEdit]:
    """How often a container is started again when it fails: ``on-failure:5``."""
    if not isinstance(change, SetField):
        raise EditError("the limit is changed, and nothing else")
    return scalar("restart")(SetField(("restart_limit",), f"on-failure:{change.value}"), written)


def _option(change: FieldChange, written: Written) -> list[FileEdit]:
    """An option of a network's driver."""
    if not isinstance(change, SetField) or len(change.path) != 2:
        raise EditError("of the options one is changed")
    file, at = written.place(change.path[:1])
    if at[-1:] != ("driver_opts",):
        raise EditError("it does not come from driver_opts, but from elsewhere")
    settled(written.value((file, (*at, change.path[1]))))
    return [(file, Set((*at, change.path[1]), change.value))]


FIELDS: Mapping[str, Mapping[str, Rule]] = {
    "container": {
        **{name: scalar(name) for name in ("privileged", "read_only", "user")},
        **{name: scalar(name) for name in ("network_mode", "pid", "ipc", "uts", "userns_mode")},
        **{name: listing(name) for name in ("cap_add", "cap_drop")},
        "security_opt": _options,
        "hooks": scalar("privileged"),
        "ports": _port,
        "volumes": _volume,
        "restart_limit": _restart,
        **{name: scalar(name) for name in ("cgroup_parent", "image")},
        **{name: listing(name) for name in ("device_cgroup_rules", "devices", "expose")},
    },
    "image_ref": {"reference": scalar("image")},
    "network": {"options": _option},
}
"""By kind of resource: how a change of each field is made."""
