"""The state of a container that a plan is made for: where it has moved, the plan no longer holds."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from policyengine.remediation.docker.answers import mapping, mappings, text
from policyengine.remediation.docker.endpoints import endpoints

if TYPE_CHECKING:
    from policyengine.connections.docker import Answer

names: tuple[str, ...] = (
    "Id",
    "Name",
    "Image",
    "State.Running",
    "State.Paused",
    "Config",
    "HostConfig",
    "Mounts",
    "NetworkSettings.Networks",
)
"""The parts of ``/containers/NAME/json`` that count: what it is, whether it runs, all that it was made with, what it
mounts, and what was asked of which networks. Not: times, process ids, exit codes, health, given addresses and ports,
paths of the engine's own files."""


def state(container: Answer) -> str:
    """A hash (SHA-256) over the parts in :data:`names`; the order of keys, mounts and networks does not count."""
    parts = {name: _part(container, name) for name in names}
    return sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()


def _part(container: Answer, name: str) -> object:
    if name == "Mounts":  # told in another order each time
        return sorted(mappings(container, name), key=lambda mount: text(mount, "Destination"))
    if name == "NetworkSettings.Networks":
        return endpoints(container)
    section, _, key = name.partition(".")
    return mapping(container, section).get(key) if key else container.get(section)
