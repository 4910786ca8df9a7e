"""What an engine is asked to make in a container's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

Endpoint = dict[str, object]
"""``EndpointSettings``: what is asked of one network."""


class Body(Struct, frozen=True):
    """A container to be made. It is worked out anew each time and never written to a file: it holds the environment.

    ``config`` is what ``POST /containers/create`` takes, with ``HostConfig`` and without ``NetworkingConfig``;
    its ``Image`` is that of the old container until another is chosen. ``endpoints`` are the networks by name, the
    one of ``HostConfig.NetworkMode`` first: one of them may be asked for at create, the others are connected before
    the start (API 1.44 takes all at create). ``volumes`` are the anonymous ones that are pinned by name: the engine
    removes them with no container any more, so who replaced the last one that had them does. ``notes`` are for the
    reader of a plan.

    ``defaults`` is the ``Config`` of the image that the container will have, whose values count where ``config`` says
    nothing; ``facts`` are the container in the words of the model, which changes of parts of a field start from.
    """

    config: dict[str, object]
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    defaults: Mapping[str, object] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)
