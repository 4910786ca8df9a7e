"""Which way one container can take another's place: with the least loss of service that does neither any harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from policyengine.remediation.docker.inspected import Container, HostConfig, Settings, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.connections.docker import Answer
    from policyengine.remediation.docker.body import Body
    from policyengine.remediation.docker.order import Way

_CUT_OVER = 0.3
"""Seconds that networks take to change hands: measured by ``python -m tests.benchmarks.gap``."""
_START = 1.0
_INTERVAL = 30.0
"""The interval of a healthcheck that states none: https://docs.docker.com/reference/dockerfile/#healthcheck"""
_NANOSECOND = 1e-9
_ADDRESSES = ("IPv4Address", "IPv6Address")


class Chosen(NamedTuple):
    """A way, why it is that one, and the seconds without service to expect, None for a container that does not run."""

    way: Way
    why: str
    gap: float | None


def way(container: Answer, body: Body, *, volumes_shared: bool = False, following: bool = False) -> Chosen:
    """The way for a container that is to be replaced by what is made from ``body``.

    ``volumes_shared`` says that two may write to its volumes at once; nobody can tell that from outside. ``following``
    is one that is replaced with another whose network it shares: the new ones have one of their own.
    """
    old, new = read(container), _made(body)
    if not old.state.running:
        return Chosen("stop-first", "it does not run", None)
    alone = next(_alone(old, new, volumes_shared=volumes_shared, following=following), None)
    if alone:
        return Chosen("stop-first", alone, _START + healthy_after(old))
    fixed = next(_fixed(new, body.endpoints, body.config.get("MacAddress")), None)
    if fixed:
        return Chosen("warm", f"{fixed}, which only one can have", _CUT_OVER)
    return Chosen("side-by-side", "it has nothing that only one can have", 0.0)


def _made(body: Body) -> HostConfig:
    host = body.config.get("HostConfig")
    return msgspec.convert(host if isinstance(host, dict) else {}, HostConfig)


def _alone(old: Container, new: HostConfig, *, volumes_shared: bool, following: bool) -> Iterator[str]:
    """Why two of it cannot even run at once."""
    for host in (old.host_config, new):
        if host.network_mode == "host":
            yield "it listens in the network of the host, where two may want the same port"
        if host.network_mode.startswith("container:") and not following:
            yield "it shares the network of another container, where two may want the same port"
    if new.links:
        yield "it is linked to others, which engines set up as it starts"
    if new.devices or new.device_requests:
        yield "it has devices, which two may not be able to use at once"
    if not volumes_shared:
        yield from (f"two at once might harm each other's data in {path}" for path in _written(old))


def _written(container: Container) -> list[str]:
    """Where it can write to what a new container would have, too. A socket is no data."""
    mounts = container.mounts or []
    return [
        mount.destination
        for mount in mounts
        if mount.rw and mount.type != "tmpfs" and not mount.source.endswith(".sock")
    ]


def _fixed(new: HostConfig, endpoints: Mapping[str, Settings], mac: object) -> Iterator[str]:
    """What of its network only one can have at a time."""
    for bindings in (new.port_bindings or {}).values():
        for binding in bindings or []:
            if binding.get("HostPort") not in (None, "", "0"):
                yield f"its port {binding['HostPort']} of the host is fixed"
    if mac:
        yield "its MAC address is fixed"
    for network, settings in endpoints.items():
        pinned = settings.get("IPAMConfig")
        if isinstance(pinned, dict) and any(pinned.get(key) for key in _ADDRESSES):
            yield f"its address in {network} is fixed"
        if settings.get("MacAddress"):
            yield f"its MAC address in {network} is fixed"


def seen_after(container: Container, stable: float) -> float:
    """How long it takes from the start of a container until it is seen to serve; until then it counts as away.

    ``stable`` is how long one without a healthcheck is watched.
    """
    return _START + (healthy_after(container) or stable)


def healthy_after(container: Container) -> float:
    """How long a healthcheck takes until it first says that a container is healthy: about its interval."""
    if container.state.health is None:
        return 0.0
    interval = (container.config.healthcheck or {}).get("Interval")
    return interval * _NANOSECOND if isinstance(interval, int) and interval else _INTERVAL
