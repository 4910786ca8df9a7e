"""No task is replaced for a healthcheck that first runs when nobody waits for it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import SourceError
from policyengine.remediation.docker import checks
from policyengine.remediation.docker.answers import mapping
from policyengine.remediation.docker.order import Gate
from policyengine.remediation.swarm.rollout import pause
from policyengine.remediation.swarm.spec import image

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.connections.docker import Engine
    from policyengine.remediation.swarm.spec import Spec


def in_time(engine: Engine, name: str, during: Spec, gate: float) -> None:
    """Raise :class:`RemedyError` where no task could be healthy in time: the service would be put back for nothing.

    ``during`` is how the Swarm is to be asked. It takes a task for started when it is healthy.
    """
    own = mapping(mapping(mapping(during, "TaskTemplate"), "ContainerSpec"), "Healthcheck")
    said = {key: value for key, value in own.items() if value}
    check = {**_of_image(engine, image(during)), **said}
    checks.in_time(engine, name, check, Gate(gate + pause(during)))


def _of_image(engine: Engine, reference: str) -> Mapping[str, object]:
    """The healthcheck of an image: what a service does not say of it is the image's. None where that is not here."""
    try:
        return mapping(mapping(engine.image(reference), "Config"), "Healthcheck")
    except SourceError:
        return {}
