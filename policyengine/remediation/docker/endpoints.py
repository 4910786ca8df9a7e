"""What is asked of the networks that a container is attached to, from what they gave it.

A MAC address that was asked for is told in ``Config.MacAddress`` alone. From API 1.44 on each network may be asked for
one, and of those beyond the first an engine does not tell whether they were asked for
(https://github.com/moby/moby/issues/48168); 25.0.0 and 25.0.1 tell the first in ``Config`` in either case
(https://github.com/moby/moby/issues/47228). Recorded, not tested: the engine that tests run on speaks 1.41.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.remediation.docker.answers import mapping, text, texts

if TYPE_CHECKING:
    from policyengine.connections.docker import Answer
    from policyengine.remediation.docker.body import Endpoint

SHORT = 12
"""How many digits of its id a container is called by."""

_ASKED = ("IPAMConfig", "Links", "DriverOpts", "GwPriority")
"""The settings of an endpoint that a person asks for; all others are what the network gave. ``GwPriority`` is of API
1.48 (recorded, not tested). An address stays only where ``IPAMConfig`` asks for it."""

DEFAULT_BRIDGE = ("bridge", "default", "")
"""How ``NetworkMode`` calls the engine's own bridge."""

WITHOUT = ("host", "none")
"""Networks that nothing can be asked of, and that no other can be had beside."""


def endpoints(container: Answer) -> dict[str, Endpoint]:
    """The networks by name, that of ``NetworkMode`` first; none where another container's network is shared."""
    mode = text(mapping(container, "HostConfig"), "NetworkMode")
    if mode.startswith("container:"):
        return {}
    told = mapping(mapping(container, "NetworkSettings"), "Networks")
    names = sorted(told, key=lambda name: not is_mode(name, mode, mapping(told, name)))
    return {name: _asked(mapping(told, name), text(container, "Id")[:SHORT]) for name in names}


def is_mode(name: str, mode: str, endpoint: Answer) -> bool:
    """Whether a network is the one that ``NetworkMode`` names, by its name or its id."""
    return name == mode or (name == "bridge" and mode in DEFAULT_BRIDGE) or text(endpoint, "NetworkID") == mode != ""


def may_have_more(container: Answer) -> bool:
    """Whether MAC addresses may have been asked for that are not told: ``DNSNames`` are told from API 1.44 on."""
    told = mapping(mapping(container, "NetworkSettings"), "Networks")
    return len(told) > 1 and any("DNSNames" in mapping(told, name) for name in told)


def _asked(endpoint: Answer, short_id: str) -> Endpoint:
    found: Endpoint = {key: endpoint[key] for key in _ASKED if endpoint.get(key)}
    # Engines before 25 list the beginning of the id among the aliases.
    aliases = [alias for alias in texts(endpoint, "Aliases") if alias != short_id]
    return {**found, "Aliases": aliases} if aliases else found
