"""By what means a service can be changed here: with its files or without, by Docker Compose or by the container API."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.connections.docker_compose import NoComposeError, compose
from policyengine.errors import EditError, RemedyError, SourceError
from policyengine.remediation.project.agreeing import agree
from policyengine.remediation.project.composing import Composing
from policyengine.remediation.project.files import MissingError, contents
from policyengine.remediation.project.patching import Patch, Patching
from policyengine.remediation.project.recreating import Recreating, replaceable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.connections.docker_compose import Compose
    from policyengine.connections.docker_context import Endpoint
    from policyengine.remediation.changes import FieldChange
    from policyengine.remediation.images.asking import Chosen
    from policyengine.remediation.images.deploying import Prepared
    from policyengine.remediation.project.record import Way
    from policyengine.remediation.project.scene import Scene
    from policyengine.remediation.project.work import Making
    from policyengine.remediation.targets import Around

NO_FILES = Patch({}, {})


class Means(Struct, frozen=True):
    """What there is to change a service with.

    ``compose`` is None where no Docker Compose can be used, ``missing_compose`` then says why; ``patching`` is None
    where the files are not here, which ``missing_files`` says.
    """

    compose: Compose | None
    patching: Patching | None
    missing_compose: str = ""
    missing_files: str = ""

    @property
    def way(self) -> Way:
        """How the containers are made anew."""
        return "compose" if self.compose is not None and self.patching is not None else "recreate"

    def patch(self, changes: Sequence[FieldChange], found: Scene, around: Around, image: Chosen | None = None) -> Patch:
        """What files are to hold for changes of the containers, and for another image.

        Raises :class:`EditError` or :class:`RemedyError` where a change cannot be made.
        """
        if self.way == "recreate":
            for container in found.members:
                replaceable(container, changes, around)
        return NO_FILES if self.patching is None else self.patching.patch(changes, image)

    def making(self, changes: Sequence[FieldChange], found: Scene, image: Prepared | None) -> Making:
        """Who makes the containers anew."""
        if self.compose is None or self.patching is None:
            return Recreating(found, changes, image)
        return Composing(self.compose, self.compose.hashes(found.service.project))


def means(found: Scene, live: Mapping[str, object], around: Around) -> Means:
    """What there is to change a service with; ``live`` are the facts of its containers.

    Raises :class:`RemedyError` where its files say otherwise than what runs.
    """
    project, (program, why) = found.service.project, _compose(around.acting.engine.endpoint)
    try:
        patching = Patching(project, found.service.name, live, contents(project))
    except MissingError as error:
        return Means(program, None, why, error.message)
    with composed():
        agree(found, patching.said, live, program)
    return Means(program, patching, why)


def _compose(endpoint: Endpoint) -> tuple[Compose | None, str]:
    try:
        return compose(endpoint), ""
    except NoComposeError as error:
        return None, error.message


@contextmanager
def composed() -> Iterator[None]:
    """What Docker Compose says is wrong, as what keeps a change from being made."""
    try:
        yield
    except (SourceError, EditError) as error:
        raise RemedyError(error.message, path=error.path, hint=error.hint) from None
