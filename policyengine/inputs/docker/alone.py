"""One object's answer, read by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.context import Context
from policyengine.inputs.docker.container import container
from policyengine.inputs.docker.image import image as image_resource
from policyengine.inputs.docker.snapshot import ORIGIN, LiveAnswers, Snapshot
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.connections.docker import Answer
    from policyengine.model.resource import Resource


def facts_of(answer: Answer, image: Answer | None) -> Mapping[str, object]:
    """The facts of one container from ``/containers/NAME/json``, and ``/images/NAME/json`` of its image if known.

    What only the rest of the engine tells is as if there were nothing else: other containers by their ids, options
    that the engine gives to all containers left out.
    """
    return resource_of(answer, image).facts


def resource_of(answer: Answer, image: Answer | None = None) -> Resource:
    """The same as a resource."""
    snapshot = _snapshot([answer], [image] if image else [])
    return next(iter(container(snapshot.containers[0], snapshot)))


def image_of(answer: Answer) -> Resource:
    """One image from ``/images/NAME/json``."""
    snapshot = _snapshot([], [answer])
    return image_resource(snapshot.images[0], snapshot)


def _snapshot(containers: list[Answer], images: list[Answer]) -> Snapshot:
    answers = {"context": "", "containers": containers, "images": images}
    return Snapshot(LiveAnswers(answers), Scope(ORIGIN, ""), Context())
