"""A new container beside the old one: made of the same, but for what is to change, and not started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.remediation.docker.answers import mapping
from policyengine.remediation.docker.dependants import repointed
from policyengine.remediation.docker.endpoints import DEFAULT_BRIDGE
from policyengine.remediation.docker.memory import labels, without

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.connections.docker import Answer
    from policyengine.connections.docker_acting import Acting
    from policyengine.remediation.docker.inspected import Settings
    from policyengine.remediation.docker.memory import Memory
    from policyengine.remediation.docker.order import Order

Replaced = tuple["Answer", str]
"""What the engine told of an old container, and the id of the new one."""


def make(
    acting: Acting,
    order: Order,
    memory: Memory,
    name: str,
    first: Mapping[str, Settings],
    replaced: Sequence[Replaced] = (),
) -> str:
    """Make a container; gives its id.

    ``first`` are the networks that it is to be joined to, of which the engine takes one when it makes the container
    (several from API 1.44 on); the others come later. What it shares with old containers that are ``replaced`` it
    shares with the new ones.
    """
    body = order.body
    for old, new in replaced:
        body = repointed(body, old, new)
    own = {key: str(value) for key, value in mapping(body.config, "Labels").items()}
    config: dict[str, object] = {**body.config, "Image": order.image, "Labels": {**without(own), **labels(memory)}}
    joined = dict(list(first.items())[:1])
    if joined and not set(joined) & set(DEFAULT_BRIDGE):  # the engine joins it to that one by itself
        config["NetworkingConfig"] = {"EndpointsConfig": joined}
    return acting.create(config, name, order.platform)
