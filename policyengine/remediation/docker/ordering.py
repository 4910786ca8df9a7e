"""The order for a container with all that hangs on it: they are replaced together, the most careful way of any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.connections.docker import NotThereError
from policyengine.remediation.docker.answers import mapping, text
from policyengine.remediation.docker.carrying import carried
from policyengine.remediation.docker.inspected import read
from policyengine.remediation.docker.settling import dependants
from policyengine.remediation.docker.way import seen_after, way

if TYPE_CHECKING:
    from policyengine.connections.docker import Answer, Engine
    from policyengine.remediation.docker.order import Order, Way
    from policyengine.remediation.docker.way import Chosen

_CARE: tuple[Way, ...] = ("side-by-side", "warm", "stop-first")
"""From what harms least where nothing stands against it to what is always possible."""


def together(engine: Engine, order: Order, *, volumes_shared: bool = False) -> tuple[Order, Chosen]:
    """An order with the containers that hang on its own, in the way that suits all of them, and why that one.

    ``order.way`` does not count. The others are made anew of what they are and of the image that they run.
    Raises :class:`RemedyError` where one of them cannot be.
    """
    followers = [_following(engine, order, id_) for id_ in dependants(engine, str(order.container.get("Id")))]
    chosen = way(order.container, order.body, volumes_shared=volumes_shared)
    for one in followers:
        other = way(one.container, one.body, volumes_shared=volumes_shared, following=True)
        if other.gap is not None and _CARE.index(other.way) > _CARE.index(chosen.way):
            name = text(one.container, "Name").lstrip("/")
            chosen = other._replace(why=f"{name}, which hangs on it, is made anew with it: {other.why}")
    if chosen.way == "stop-first" and chosen.gap is not None:  # one after the other
        running = (one for one in (read(one.container) for one in (order, *followers)) if one.state.running)
        chosen = chosen._replace(gap=sum(seen_after(one, order.gate.stable) for one in running))
    found = tuple(replace(one, way=chosen.way) for one in followers)
    return replace(order, way=chosen.way, followers=found), chosen


def _following(engine: Engine, order: Order, id_: str) -> Order:
    container = engine.container(id_)
    body = carried(container, image_of(engine, container))
    return replace(order, container=container, body=body, image=same_image(engine, container), followers=())


def image_of(engine: Engine, container: Answer) -> Answer | None:
    """The image that a container runs; None where it is gone."""
    try:
        return engine.image(text(container, "Image"))
    except NotThereError:
        return None


def same_image(engine: Engine, container: Answer) -> str:
    """The image that a container runs as it was asked for; by its id where that means another one meanwhile."""
    reference = text(mapping(container, "Config"), "Image")
    try:
        is_same = engine.image(reference).get("Id") == container.get("Image")
    except NotThereError:
        is_same = False
    return reference if is_same else text(container, "Image")
