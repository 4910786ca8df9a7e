"""What is to be so, made so: each looks first and does no more than is needed, so that all may be done again.

An answer that got lost, or a process that was killed, leaves open whether a request took effect; the next look tells.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from policyengine.connections.docker import NotThereError
from policyengine.remediation.docker.answers import mapping
from policyengine.remediation.docker.inspected import ASKED, looked_up, sought

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.connections.docker import Engine
    from policyengine.connections.docker_acting import Acting
    from policyengine.remediation.docker.inspected import Container, Settings

NEVER: Settings = {"Name": "no", "MaximumRetryCount": 0}
"""The restart policy of a container that stays stopped when the engine restarts."""


def named(acting: Acting, id_: str, name: str) -> None:
    """It has that name."""
    if looked_up(acting.engine, id_).called != name:
        acting.rename(id_, name)


def restarting(acting: Acting, id_: str, policy: Settings) -> None:
    """It has that restart policy. Of one that ends and is restarted all the time an engine may not change it."""
    if not same_policy(looked_up(acting.engine, id_).restart, policy):
        acting.update(id_, {"RestartPolicy": policy})


def same_policy(one: Settings, other: Settings) -> bool:
    """Whether two restart policies are the same: the empty name means ``no``."""
    return (one.get("Name") or "no", one.get("MaximumRetryCount") or 0) == (
        other.get("Name") or "no",
        other.get("MaximumRetryCount") or 0,
    )


def started(acting: Acting, id_: str) -> None:
    """It runs, or did: that it stays so is not said."""
    if not looked_up(acting.engine, id_).state.running:
        acting.start(id_)


def stopped(acting: Acting, id_: str) -> None:
    """It does not run: it was given the time that it wants to end."""
    if looked_up(acting.engine, id_).state.running:
        acting.stop(id_)


def parted(acting: Acting, id_: str, networks: Iterable[str]) -> None:
    """It is joined to none of these networks."""
    found = networks_of(acting.engine, looked_up(acting.engine, id_))
    for network in networks:
        if network in found:
            acting.disconnect(network, id_)


def networks_of(engine: Engine, container: Container) -> dict[str, Settings]:
    """The networks that a container is joined to.

    Of one that runs, the engine tells also those that it failed to join it to, for a port that was taken; the network
    knows better: ``connectToNetwork`` in https://github.com/moby/moby/blob/v20.10.24/daemon/container_operations.go
    """
    found = container.networks
    if not container.state.running or container.state.restarting:
        return found
    return {name: settings for name, settings in found.items() if container.id in _members(engine, name)}


def _members(engine: Engine, network: str) -> dict[str, object]:
    try:
        return mapping(engine.network(network), "Containers")
    except NotThereError:
        return {}


def joined(acting: Acting, id_: str, endpoints: Mapping[str, Settings], *, besides: Iterable[str] = ()) -> None:
    """It is joined to just these networks, with these settings, and may be to those ``besides``.

    One that is joined with other settings is parted first: connections over that network break.
    """
    container = looked_up(acting.engine, id_)
    if not container.has_networks:
        return
    found = networks_of(acting.engine, container)
    for network, settings in found.items():
        if not same(settings, endpoints.get(network)) and network not in besides:
            acting.disconnect(network, id_)
    for network, settings in endpoints.items():
        if not same(found.get(network), settings):
            acting.connect(network, id_, settings)


def same(one: Settings | None, other: Settings | None) -> bool:
    """Whether two joinings to a network ask for the same; None is none."""
    if one is None or other is None:
        return one is other
    return all((one.get(key) or None) == (other.get(key) or None) for key in ASKED)


def gone(acting: Acting, id_: str) -> None:
    """It is not there. Its anonymous volumes stay: the one that took its place has them, too."""
    if sought(acting.engine, id_):
        with suppress(NotThereError):
            acting.remove(id_, force=True)


def network_there(acting: Acting, name: str, labels: Mapping[str, str]) -> None:
    """There is a network of that name that leads nowhere else."""
    if not is_network(acting.engine, name):
        acting.create_network(name, Internal=True, Labels=dict(labels))


def network_gone(acting: Acting, name: str) -> None:
    """There is no network of that name."""
    if is_network(acting.engine, name):
        with suppress(NotThereError):
            acting.remove_network(name)


def is_network(engine: Engine, name: str) -> bool:
    """Whether there is a network of that name."""
    try:
        engine.network(name)
    except NotThereError:
        return False
    return True
