"""Changes of the ports that are published."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from msgspec import Struct

from policyengine.remediation.changes import AddItems, RemoveField, SetField
from policyengine.remediation.docker.answers import mapping, mappings, text
from policyengine.remediation.docker.applying import at
from policyengine.remediation.docker.draft import Draft, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.remediation.changes import FieldChange

_EVERYWHERE = "0.0.0.0"  # noqa: S104  # what the engine binds, not what we do


class _Slot(Struct):
    """A published port: ``key`` is PORT/PROTOCOL. One that is not asked for is there by ``PublishAllPorts``."""

    key: str
    address: str = ""
    port: str = ""
    asked: bool = True


def ports(draft: Draft, changes: Sequence[FieldChange]) -> None:
    """Change, remove and replace published ports. What is not changed is asked for as before.

    The ports are in the order in which the model has them: those that were asked for, then those that are published
    since all exposed ones are.
    """
    slots: list[_Slot | None] = list(_slots(draft))
    for change in changes:
        if isinstance(change, AddItems):
            raise refuse("a port is no text", "set the whole list")
        if isinstance(change, SetField):
            slots = _set(slots, change)
    for change in changes:
        if isinstance(change, RemoveField):
            slots = _removed(draft, slots, change)
    _publish(draft, [slot for slot in slots if slot is not None])


def _slots(draft: Draft) -> list[_Slot]:
    bindings = mapping(draft.host, "PortBindings")
    asked = [
        _Slot(key, text(one, "HostIp"), text(one, "HostPort")) for key in bindings for one in mappings(bindings, key)
    ]
    listed = draft.facts.get("ports")
    told = cast("list[Mapping[str, object]]", listed) if isinstance(listed, list) else []
    return asked + [_Slot(f"{one['target']}/{one['protocol']}", asked=False) for one in told[len(asked) :]]


def _set(slots: list[_Slot | None], change: SetField) -> list[_Slot | None]:
    if len(change.path) == 1:
        return [_slot(cast("Mapping[str, object]", item)) for item in cast("list[object]", change.value)]
    position = cast("int", change.path[1])
    if len(change.path) == 2:
        at(slots, position, change.path)[position] = _slot(cast("Mapping[str, object]", change.value))
        return slots
    slot = at(slots, position, change.path)[position]
    _give(slot, str(change.path[2]), str(change.value))
    return slots


def _give(slot: _Slot, field: str, value: str) -> None:
    """Give a port one of its parts. It is asked for then, if it was not before."""
    slot.asked = True
    target, _, protocol = slot.key.partition("/")
    if field == "host_ip":
        slot.address = value
    elif field == "published":
        slot.port = value
    elif field == "target":
        slot.key = f"{value}/{protocol}"
    elif field == "protocol":
        slot.key = f"{target}/{value}"
    else:
        raise refuse(f"an engine knows no {field} of a port")


def _slot(port: Mapping[str, object]) -> _Slot:
    key = f"{port.get('target')}/{port.get('protocol') or 'tcp'}"
    return _Slot(key, str(port.get("host_ip") or ""), str(port.get("published") or ""))


def _removed(draft: Draft, slots: list[_Slot | None], change: RemoveField) -> list[_Slot | None]:
    if len(change.path) == 1:
        draft.host["PublishAllPorts"] = False
        draft.tell("publish_all", False)
        return []
    position = cast("int", change.path[1])
    slot = at(slots, position, change.path)[position]
    if len(change.path) > 2:
        _give(slot, str(change.path[2]), "")
        return slots
    if draft.host.get("PublishAllPorts") is True:
        raise refuse("all ports that are exposed are published", "set publish_all: false")
    slots[position] = None
    return slots


def _publish(draft: Draft, slots: list[_Slot]) -> None:
    """Ask for ports. They are exposed as well: an engine publishes none that is not."""
    bindings: dict[str, list[dict[str, str]]] = {}
    exposed = dict(mapping(draft.config, "ExposedPorts"))
    for slot in slots:
        if slot.asked:
            bindings.setdefault(slot.key, []).append({"HostIp": slot.address, "HostPort": slot.port})
            exposed.setdefault(slot.key, {})
    draft.host["PortBindings"] = bindings
    draft.config["ExposedPorts"] = exposed
    asked_first = sorted(slots, key=lambda slot: not slot.asked)
    draft.tell("ports", [_told(slot) for slot in asked_first] or None)


def _told(slot: _Slot) -> dict[str, object]:
    target, _, protocol = slot.key.partition("/")
    found: dict[str, object] = {
        "target": int(target) if target.isdigit() else target,
        "host_ip": slot.address or _EVERYWHERE,
        "protocol": protocol or "tcp",
    }
    return {**found, "published": slot.port} if slot.port else found
