"""What images on a Docker Engine say: user and health check of what leaves them to its image."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol

from policyengine.enrich.settling import asked, left_open, settled
from policyengine.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policyengine.connections.docker import Engine
    from policyengine.enrich import Enrich
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

NAME = "engine"


class Images(Protocol):
    """Looks images up by reference."""

    def config(self, reference: str) -> Mapping[str, object] | None:
        """An image's configuration as the Engine API has it; None where there is no such image.

        Raises :class:`SourceError` where nothing can be looked up.
        """


@contextmanager
def opened(context: Context) -> Iterator[Enrich]:
    """Settles what images decide by those on the environment's engine, from call to call, until it is closed.

    An engine that does not answer is one problem of the context; the resources then pass as they are.
    """
    with EngineImages() as images:
        yield Settling(images, context).enrich


class Settling:
    """Settles what containers and Dockerfiles leave to their images."""

    def __init__(self, images: Images, context: Context) -> None:
        self._images = images
        self._context = context
        self._failed = False

    def enrich(self, resources: Iterable[Resource]) -> Iterator[Resource]:
        """The same resources, with what the images settle."""
        for resource in resources:
            reference = None if self._failed else asked(resource)
            if reference is not None:
                try:
                    resource = _settled(resource, reference, self._images.config(reference))
                except SourceError as error:
                    self._failed = True
                    self._context.failed(error)
            yield resource


class EngineImages:
    """The images of an engine, by default the environment's; connected to when the first one is asked for."""

    def __init__(self, name: str = "") -> None:
        self._name = name
        self._stack = ExitStack()
        self._engine: Engine | None = None
        self._known: dict[str, Mapping[str, object] | None] = {}

    def __enter__(self) -> EngineImages:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def config(self, reference: str) -> Mapping[str, object] | None:
        """An image's configuration; None where the engine lacks the image. Each is looked up once."""
        if reference not in self._known:
            self._known[reference] = self._look_up(reference)
        return self._known[reference]

    def _look_up(self, reference: str) -> Mapping[str, object] | None:
        from policyengine.connections.docker import NotThereError, connected
        from policyengine.connections.docker_context import endpoint

        if self._engine is None:
            self._engine = self._stack.enter_context(connected(endpoint(self._name)))
        try:
            config = self._engine.image(reference).get("Config")
        except NotThereError:
            return None
        return config if isinstance(config, dict) else {}


def _settled(resource: Resource, reference: str, config: Mapping[str, object] | None) -> Resource:
    if config is None:
        settle = f"docker pull {reference}, then --resolve engine"
        return left_open(resource, f"{reference} is not on the engine", settle)
    return settled(resource, reference, config)
