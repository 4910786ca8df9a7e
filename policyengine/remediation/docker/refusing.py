"""Containers that cannot be replaced without being lost, or that are not what they were when it was planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import RemedyError
from policyengine.remediation.docker.checks import check_of, in_time
from policyengine.remediation.docker.inspected import looked_up, read, sought
from policyengine.remediation.docker.memory import NEW, OLD, UNDONE, remembered
from policyengine.remediation.docker.settling import dependants

if TYPE_CHECKING:
    from policyengine.connections.docker import Engine
    from policyengine.remediation.docker.inspected import Container
    from policyengine.remediation.docker.order import Order

_STATES = ("dead", "removing")


def refuse(engine: Engine, order: Order) -> None:
    """Raise :class:`RemedyError` where a container, or one that shares its namespaces, cannot be replaced."""
    members = [read(one.container) for one in (order, *order.followers)]
    for container in members:
        _refuse_one(engine, container)
    for one, container in zip((order, *order.followers), members, strict=True):
        if container.state.running:
            in_time(engine, container.called, check_of(one.body), one.gate)
    if order.way == "warm" and not members[0].networks:
        raise RemedyError(
            f"{members[0].called} is joined to no network that could change hands; the way for it is stop-first"
        )
    known = {container.id for container in members}
    left = [looked_up(engine, id_).called for id_ in dependants(engine, members[0].id) if id_ not in known]
    if left:
        raise RemedyError(f"{', '.join(left)} would be cut off: what hangs on {members[0].called} must follow it")


def _refuse_one(engine: Engine, container: Container) -> None:
    name = container.called
    now = sought(engine, name)
    if now is None or now.id != container.id:
        raise RemedyError(f"{name} is another container, or gone, since this was planned")
    if container.host_config.auto_remove:
        raise RemedyError(
            f"{name} was started with --rm: when it stops it is gone, and there is nothing to go back to",
            hint="whoever runs it, a unit of systemd or a script, waits for its end: change it there",
        )
    if now.state.paused:
        raise RemedyError(f"{name} is paused: what it would do when it goes on is not known", hint="unpause it first")
    if now.state.status in _STATES:
        raise RemedyError(f"{name} is being removed, or could not be: it is {now.state.status}")
    left_before(engine, container)


def left_before(engine: Engine, container: Container) -> list[Container]:
    """What earlier replacements kept under the names that are needed.

    Raises :class:`RemedyError` where another container has such a name.
    """
    name = container.called
    memory = remembered(container.labels)
    found = [sought(engine, name + suffix) for suffix in (NEW, OLD, UNDONE)]
    there = [one for one in found if one]
    for one in there:
        theirs = remembered(one.labels)
        if not (theirs and theirs.name == name) and not (memory and memory.replaces == one.id):
            raise RemedyError(f"a container is called {one.called} which policyengine did not make", hint="rename it")
    return [one for one in there if one.called != name + NEW]
