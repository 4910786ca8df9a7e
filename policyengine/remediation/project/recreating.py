"""The container API makes the containers anew, where Docker Compose is not there or has no files to make them from.

They keep Compose's labels, so that it knows them for its own. The one of them that is a hash of what they were made
from stays that of before: it hangs on each version of Compose how it is worked out, and the next ``docker compose up``
makes a container anew whose hash is another than that of its files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.connections.docker import NotThereError
from policyengine.errors import RemedyError
from policyengine.remediation.docker.carrying import carried
from policyengine.remediation.docker.fields import changed
from policyengine.remediation.docker.memory import OLD, UNDONE, remembered
from policyengine.remediation.docker.order import Gate, Order
from policyengine.remediation.docker.ordering import image_of, same_image, together
from policyengine.remediation.docker.redeploying import redeploy
from policyengine.remediation.docker.rolling_back import rollback
from policyengine.remediation.owners import labels_of
from policyengine.remediation.project.service import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.connections.docker import Answer, Engine
    from policyengine.connections.docker_compose import Project
    from policyengine.remediation.changes import FieldChange
    from policyengine.remediation.docker.body import Body
    from policyengine.remediation.images.deploying import Prepared
    from policyengine.remediation.project.scene import Scene
    from policyengine.remediation.project.work import Work
    from policyengine.remediation.targets import Around


class Recreating(Struct):
    """``scene`` is the service before, ``changes`` are those of its containers, ``image`` the one that they are to run
    instead: none of it is known to who recovers.
    """

    scene: Scene | None = None
    changes: Sequence[FieldChange] = ()
    image: Prepared | None = None

    def foreseen(self, work: Work) -> None:
        """Nothing but the containers that are named is touched."""

    def make(self, work: Work) -> None:
        """Replace one container after the other."""
        assert self.scene is not None  # noqa: S101 - who recovers makes nothing
        for container in self.scene.members:
            work.step(f"replace {name_of(container)}")
            target, named = (self.image.image, self.image.reference) if self.image else (None, "")
            body = changed(_carried(container, work.around.acting.engine, target), self.changes)
            order = _order(container, body, named, work.around)
            redeploy(work.around.acting, order, work.around.journal, lambda step: work.around.tell(step.says))

    def restore(self, work: Work, project: Project) -> None:  # noqa: ARG002 - files say nothing to an engine
        """Put those back that were replaced."""
        for container in work.own():
            if _is_of(container, work):
                rollback(work.around.acting, name_of(container), work.around.journal, work.gate)
        for name in work.record.names:
            _remove(work, f"{name}{UNDONE}")

    def are_new(self, containers: Sequence[Answer], work: Work) -> bool:
        """All of them were made by this run."""
        return bool(containers) and all(_is_of(one, work) for one in containers)

    def are_old(self, containers: Sequence[Answer], work: Work) -> bool:
        """None of them was."""
        return not any(_is_of(one, work) for one in containers)

    def tidy(self, work: Work) -> None:
        """Remove those of before: Compose would take them for its own, and start one of them again."""
        for name in work.record.names:
            _remove(work, f"{name}{OLD}")


def _order(container: Answer, body: Body, image: str, around: Around) -> Order:
    engine, care = around.acting.engine, around.care
    gate = Gate(care.gate, care.stable)
    order = Order(container, body, image or same_image(engine, container), around.run, "stop-first", gate, care.soak)
    return together(engine, order)[0]


def replaceable(container: Answer, changes: Sequence[FieldChange], around: Around) -> float | None:
    """The gap with which a container would be replaced. Raises :class:`RemedyError` where it cannot be."""
    engine = around.acting.engine
    order = Order(container, changed(_carried(container, engine), changes), "", around.run, "stop-first")
    return together(engine, order)[1].gap


def _carried(container: Answer, engine: Engine, target: Answer | None = None) -> Body:
    return carried(container, image_of(engine, container), target)


def _is_of(container: Answer, work: Work) -> bool:
    memory = remembered(labels_of(container))
    return memory is not None and memory.run == work.record.run


def _remove(work: Work, name: str) -> None:
    acting = work.around.acting
    try:
        container = acting.engine.container(name)
    except NotThereError:
        return
    if labels_of(container).get("com.docker.compose.project") != work.record.project.name:
        raise RemedyError(f"{name} is not of the project {work.record.project.name}")
    acting.remove(str(container["Id"]))
