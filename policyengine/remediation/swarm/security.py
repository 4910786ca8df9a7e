"""Options of security of a service: ``ContainerSpec.Privileges``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import RemedyError
from policyengine.remediation.changes import AddItems, SetField
from policyengine.remediation.swarm.rules import Given, Rule, position
from policyengine.remediation.swarm.spec import CONTAINER, Spec, part, seen

if TYPE_CHECKING:
    from policyengine.remediation.changes import FieldChange

_PRIVILEGES = (*CONTAINER, "Privileges")
_SINCE = (1, 44)
"""Seccomp, AppArmor and NoNewPrivileges; SELinux is older."""

_NO_NEW = "no-new-privileges"
_MODES = {
    ("seccomp", "unconfined"): ("Seccomp", "unconfined"),
    ("seccomp", "builtin"): ("Seccomp", "default"),
    ("apparmor", "unconfined"): ("AppArmor", "disabled"),
    ("apparmor", "docker-default"): ("AppArmor", "default"),
}
"""By the option of an engine: the part that says so, and its mode there."""


def _items(spec: Spec) -> list[object]:
    """The options that a service has, in the words of the model."""
    privileges = seen(spec, *_PRIVILEGES)
    found: list[object] = []
    if seen(privileges, "NoNewPrivileges") is True:
        found.append(f"{_NO_NEW}:true")
    for (name, value), (key, mode) in _MODES.items():
        if seen(privileges, key, "Mode") == mode:
            found.append(f"{name}={value}")
    if seen(privileges, "SELinuxContext", "Disable") is True:
        found.append("label=disable")
    return found


def _make(spec: Spec, change: FieldChange, given: Given) -> None:
    if isinstance(change, AddItems):
        for item in change.items:
            _put(spec, item, given)
    elif len(change.path) == 2:
        items = _items(spec)
        _take(spec, str(items[position(change, items)]))
        if isinstance(change, SetField):
            _put(spec, str(change.value), given)
    else:
        for there in _items(spec):
            _take(spec, str(there))
        value = change.value if isinstance(change, SetField) else None
        for wanted in value if isinstance(value, list) else ():
            _put(spec, str(wanted), given)


def _put(spec: Spec, option: str, given: Given) -> None:
    name, value = _parsed(option)
    if (name, value) == ("label", "disable"):
        part(spec, *_PRIVILEGES, "SELinuxContext")["Disable"] = True
        return
    if name != _NO_NEW and (name, value) not in _MODES:
        raise RemedyError(f"{option} is no option of Swarm services")
    if given.api < _SINCE:
        spoken = ".".join(map(str, given.api))
        raise RemedyError(
            f"{name} of a Swarm service can be set from API 1.44 on, and the engine speaks {spoken}",
            hint='for all containers of a node: "no-new-privileges": true in its daemon.json'
            if name == _NO_NEW
            else "update the engine",
        )
    if name == _NO_NEW:
        part(spec, *_PRIVILEGES)["NoNewPrivileges"] = value != "false"
    else:
        key, mode = _MODES[name, value]
        part(spec, *_PRIVILEGES)[key] = {"Mode": mode}


def _take(spec: Spec, option: str) -> None:
    name, value = _parsed(option)
    if name == _NO_NEW:
        part(spec, *_PRIVILEGES).pop("NoNewPrivileges", None)
    elif name == "label":
        part(spec, *_PRIVILEGES).pop("SELinuxContext", None)
    else:
        part(spec, *_PRIVILEGES).pop(_MODES[name, value][0], None)


def _parsed(option: str) -> tuple[str, str]:
    name, _, value = option.replace(":", "=", 1).partition("=")
    return name, value


SECURITY = Rule(_make, _items)
