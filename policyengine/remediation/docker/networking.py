"""Changes of the networks that a container is attached to."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from policyengine.remediation.docker.answers import mapping, text, texts
from policyengine.remediation.docker.draft import Draft, refuse
from policyengine.remediation.docker.endpoints import DEFAULT_BRIDGE, WITHOUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.remediation.docker.body import Endpoint

BRIDGE = "bridge"
_ADDRESSES = {"ipv4_address": "IPv4Address", "ipv6_address": "IPv6Address"}


def network_mode(draft: Draft, value: object) -> None:
    """A network that nobody made, in place of the one it was made with; none said is the engine's own bridge."""
    mode = str(value or BRIDGE)
    if value is None and draft.facts.get("network_mode") == BRIDGE:
        raise refuse("it is on the engine's own bridge", "say in networks on which instead")
    if mode == BRIDGE:
        others = list(draft.endpoints.items())[1:]
        _attach(draft, {BRIDGE: {}, **{name: asked for name, asked in others if _may_stay(name)}})
    elif mode in WITHOUT:
        if texts(draft.host, "Links"):
            raise refuse(f"it has links, which the network {mode} does not", "remove links as well")
        _attach(draft, {mode: {}})
    elif mode.startswith("container:"):
        raise refuse("with another container's network it would give up its ports, its addresses and its name")
    else:
        raise refuse(f'"{mode}" is no mode of an engine', "name a network in networks")


def _may_stay(name: str) -> bool:
    return name not in (BRIDGE, *WITHOUT)


def _attach(draft: Draft, wanted: dict[str, Endpoint]) -> None:
    """Be on these networks, the first being the one that ``NetworkMode`` names."""
    draft.endpoints = wanted
    draft.host["NetworkMode"] = next(iter(wanted))
    draft.tell("networks", list(wanted))


def tell_mode(draft: Draft) -> None:
    """Say which mode that is: only those that are none of a person's networks."""
    mode = text(draft.host, "NetworkMode")
    own = BRIDGE if mode in DEFAULT_BRIDGE else mode
    draft.tell("network_mode", own if own in (BRIDGE, *WITHOUT) or draft.joins else None)


def networks(draft: Draft, value: object) -> None:
    """The networks by name: those that stay keep what was asked of them."""
    wanted = [str(item) for item in value] if isinstance(value, list) else []
    if not wanted:
        wanted = ["none"]
    if len(wanted) > 1 and not set(WITHOUT).isdisjoint(wanted):
        raise refuse("beside the host's network, or none, there can be no other")
    first = text(draft.host, "NetworkMode")
    first = BRIDGE if first in DEFAULT_BRIDGE else first
    ordered = sorted(wanted, key=lambda name: name != first)
    _attach(draft, {name: draft.endpoints.get(name, {}) for name in ordered})


def attachments(draft: Draft, value: object) -> None:
    """What is asked of each network."""
    wanted = cast("Mapping[str, Mapping[str, object]]", value or {})
    for name, asked in wanted.items():
        if name not in draft.endpoints:
            raise refuse(f"it is not attached to the network {name}")
        if not _may_stay(name):
            raise refuse(f"nothing can be asked of the network {name}", "attach it to a network of its own")
        if asked.get("mac_address") is not None:
            draft.notes.append(f"a MAC address on the network {name} needs an engine of API 1.44")
    draft.endpoints = {name: _endpoint(asked, wanted.get(name, {})) for name, asked in draft.endpoints.items()}


_KEYS = {"aliases": "Aliases", "mac_address": "MacAddress", "gw_priority": "GwPriority"}
_CHANGED = frozenset({"IPAMConfig", *_KEYS.values()})


def _endpoint(before: Endpoint, asked: Mapping[str, object]) -> Endpoint:
    found = {key: value for key, value in before.items() if key not in _CHANGED}
    addresses = {**mapping(before, "IPAMConfig"), **{key: asked.get(name) for name, key in _ADDRESSES.items()}}
    given = {key: value for key, value in addresses.items() if value}
    more = {"IPAMConfig": given, **{_KEYS[name]: value for name, value in asked.items() if name in _KEYS}}
    return {**found, **{key: value for key, value in more.items() if value}}
