"""No service is made anew for a healthcheck that first runs when the gate is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import RemedyError
from policyengine.remediation.docker import checks
from policyengine.remediation.docker.answers import mapping
from policyengine.remediation.docker.carrying import carried
from policyengine.remediation.docker.fields import changed
from policyengine.remediation.docker.order import Gate
from policyengine.remediation.docker.ordering import image_of
from policyengine.remediation.project.service import is_running, name_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.connections.docker import Answer, Engine
    from policyengine.remediation.changes import FieldChange
    from policyengine.remediation.images.deploying import Prepared
    from policyengine.remediation.project.scene import Scene
    from policyengine.remediation.targets import Around


def in_time(found: Scene, changes: Sequence[FieldChange], image: Prepared | None, around: Around) -> None:
    """Raise :class:`RemedyError` where a container could not be healthy in time: it would be put back for nothing."""
    engine, gate = around.acting.engine, Gate(around.care.gate, around.care.stable)
    own = [change for change in changes if change.path[0] == "healthcheck"]
    for one in found.members:
        checks.in_time(engine, name_of(one), _check(engine, one, own, image.image if image else None), gate)
    for one in filter(is_running, found.followers):
        checks.in_time(engine, name_of(one), _check(engine, one, (), None), gate)


def _check(
    engine: Engine, container: Answer, changes: Sequence[FieldChange], image: Answer | None
) -> Mapping[str, object]:
    """The healthcheck that a container has when it was made anew."""
    try:
        return checks.check_of(changed(carried(container, image_of(engine, container), image), changes))
    except RemedyError:  # Compose makes it anew all the same, from what its files say
        return mapping(mapping(container, "Config"), "Healthcheck")
