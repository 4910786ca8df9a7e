"""Of two containers one serves under their name and the other does not: from whatever half state, any number of times.

It is how a redeploy ends, how it is taken back, and how either is brought to its end after it broke off.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.connections.docker import NoEngineError, NotThereError
from policyengine.errors import RemedyError, SourceError
from policyengine.remediation.docker import ensuring
from policyengine.remediation.docker.inspected import looked_up, sought
from policyengine.remediation.docker.memory import NEW

if TYPE_CHECKING:
    from policyengine.connections.docker_acting import Acting
    from policyengine.remediation.docker.inspected import Container, Settings
    from policyengine.remediation.docker.memory import Side


class Handover(Struct, frozen=True):
    """``serves`` is to be as its ``side`` says, under ``name``; ``retires`` is to be stopped, and called ``kept``.

    What retires is empty where there is no other; it is removed where ``kept`` is empty. ``network`` is the one on
    which one of them warmed up: it is removed.
    """

    name: str
    serves: str
    side: Side
    retires: str
    other: Side
    kept: str
    network: str


def hand_over(acting: Acting, group: list[Handover]) -> None:
    """Bring it about for a leader and then those that share its namespaces, and stand and fall with it.

    Whoever serves does so before whoever retires is touched more than it takes.
    """
    for handover in group:
        _serve(acting, handover, alone=len(group) == 1)
    for handover in reversed(group):
        _retire(acting, handover)


def is_done(acting: Acting, handover: Handover) -> bool:
    """Whether it is so, as far as it takes to leave both alone: what somebody changes later is no half state."""
    engine = acting.engine
    serves = looked_up(engine, handover.serves)
    retires = sought(engine, handover.retires) if handover.retires else None
    return (
        serves.called == handover.name
        and serves.state.running >= handover.side.running
        and (_comes_back(serves.restart) or not _comes_back(handover.side.restart))
        and (retires is None or _is_retired(retires, handover.kept))
        and not ensuring.is_network(engine, handover.network)
    )


def _is_retired(container: Container, kept: str) -> bool:
    return container.called == kept and not container.state.running and not _comes_back(container.restart)


def _comes_back(policy: Settings) -> bool:
    """Whether a restart of the engine may start it."""
    return not ensuring.same_policy(policy, ensuring.NEVER)


def _serve(acting: Acting, handover: Handover, *, alone: bool) -> None:
    serves = looked_up(acting.engine, handover.serves)
    retires = sought(acting.engine, handover.retires) if handover.retires else None
    if retires:
        _make_way(acting, handover, serves, retires, alone=alone)
    ensuring.named(acting, serves.id, handover.name)
    _join(acting, serves.id, handover.side)
    ensuring.restarting(acting, serves.id, handover.side.restart)
    if handover.side.running:
        ensuring.started(acting, serves.id)
        _check(looked_up(acting.engine, serves.id))


def _make_way(acting: Acting, handover: Handover, serves: Container, retires: Container, *, alone: bool) -> None:
    """Free what only one can have: ports and addresses, the name."""
    if handover.side.running and not serves.state.running:
        ensuring.stopped(acting, retires.id)
        if not handover.kept and alone:
            # Before the other starts, for which a full disk may have no room. What shares its namespaces finds it by
            # what it knows of it: then it stays until they have done with it.
            ensuring.gone(acting, retires.id)
            return
        ensuring.restarting(acting, retires.id, ensuring.NEVER)
    elif not _is_joined(acting, serves, handover.side):
        ensuring.parted(acting, retires.id, retires.networks)
    if retires.called == handover.name:
        ensuring.named(acting, retires.id, handover.kept or handover.name + NEW)


def _is_joined(acting: Acting, container: Container, side: Side) -> bool:
    found = ensuring.networks_of(acting.engine, container)
    return all(ensuring.same(found.get(network), settings) for network, settings in side.endpoints.items())


def _join(acting: Acting, id_: str, side: Side) -> None:
    """Join it to its networks. Where the engine cannot while it runs, it is stopped, and joined as it starts again.

    What could not be joined once, for its port was taken, cannot be joined any more while it runs: an interface with
    its address is left in it.
    """
    try:
        ensuring.joined(acting, id_, side.endpoints)
    except NoEngineError:
        raise
    except SourceError:
        ensuring.stopped(acting, id_)
        ensuring.joined(acting, id_, side.endpoints)


def _retire(acting: Acting, handover: Handover) -> None:
    if handover.retires and sought(acting.engine, handover.retires):
        ensuring.stopped(acting, handover.retires)
        if handover.kept:
            ensuring.restarting(acting, handover.retires, ensuring.NEVER)
            with suppress(NotThereError):  # a network that is gone meanwhile
                ensuring.joined(acting, handover.retires, handover.other.endpoints)
            ensuring.named(acting, handover.retires, handover.kept)
        else:
            ensuring.gone(acting, handover.retires)
    ensuring.network_gone(acting, handover.network)


def _check(container: Container) -> None:
    if not container.state.running and not container.restart_count:
        raise RemedyError(f"{container.called} was started and ended with exit code {container.state.exit_code}")
