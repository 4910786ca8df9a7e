"""Removing what was kept to go back to, when its time is over."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from policyengine.remediation.docker import ensuring
from policyengine.remediation.docker.memory import OLD
from policyengine.remediation.docker.settling import groups, replaced

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from policyengine.connections.docker import Engine
    from policyengine.connections.docker_acting import Acting
    from policyengine.remediation.docker.inspected import Container
    from policyengine.remediation.docker.settling import Made
    from policyengine.remediation.journal import Journal


def forget(acting: Acting, journal: Journal, now: datetime, names: Collection[str] = ()) -> list[str]:
    """Remove what has been kept long enough; gives the names of what is gone. What runs is left alone.

    With ``names`` only what these replaced.

    Volumes stay: those of the old one are those of the new one.
    """
    busy = {entry.target for entry in journal.open()}
    found = [
        container
        for one, container in _pairs(acting.engine)
        if f"container {one.memory.name}" not in busy and _is_over(one, now)
        if not names or one.memory.name in names
    ]
    for container in found:
        ensuring.gone(acting, container.id)
    return [container.called for container in found]


def kept(engine: Engine) -> frozenset[str]:
    """The names of the containers that are kept, stopped, to go back to."""
    return frozenset(container.called for _, container in _pairs(engine))


def _pairs(engine: Engine) -> Iterator[tuple[Made, Container]]:
    """What redeploys made, each with the one of the two that is kept."""
    for group in groups(engine):
        for one in group.members:
            container = _kept(engine, one)
            if container and not container.state.running:
                yield one, container


def _is_over(one: Made, now: datetime) -> bool:
    with suppress(ValueError):
        return datetime.fromisoformat(one.memory.until) <= now
    return False


def _kept(engine: Engine, one: Made) -> Container | None:
    """Of two the one that does not serve."""
    if one.role == "undone":
        return one.container
    old = replaced(engine, one.memory) if one.role == "serving" else None
    return old if old and old.called == one.memory.name + OLD else None
