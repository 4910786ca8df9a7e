"""What images on a Docker Engine say: the user of containers that leave it to their image."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from policyengine.enrich.resolved import resolved
from policyengine.errors import SourceError
from policyengine.images.reference import parse
from policyengine.images.user import is_root
from policyengine.model.provenance import Provenance
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policyengine.connections.docker import Engine
    from policyengine.enrich import Enrich
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

NAME = "engine"
FACT = "image.user"


class Images(Protocol):
    """Looks images up by reference."""

    def user(self, reference: str) -> str | None:
        """The user that an image's configuration names, empty for none; None where there is no such image.

        Raises :class:`SourceError` where nothing can be looked up.
        """


@contextmanager
def opened(context: Context) -> Iterator[Enrich]:
    """Settles users by the images on the environment's engine, from call to call, until it is closed.

    An engine that does not answer is one problem of the context; the resources then pass as they are.
    """
    with EngineImages() as images:
        yield Settling(images, context).enrich


class Settling:
    """Settles the users that containers and Dockerfiles leave to their images. An image is looked up once for all."""

    def __init__(self, images: Images, context: Context) -> None:
        self._images = images
        self._context = context
        self._failed = False

    def enrich(self, resources: Iterable[Resource]) -> Iterator[Resource]:
        """The same resources, with the users that the images settle."""
        for resource in resources:
            reference = None if self._failed else _asked(resource)
            if reference is not None:
                try:
                    resource = _settled(resource, reference, self._images.user(reference))
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
        self._known: dict[str, str | None] = {}

    def __enter__(self) -> EngineImages:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def user(self, reference: str) -> str | None:
        """The user that an image's configuration names, empty for none; None where the engine lacks the image."""
        if reference not in self._known:
            self._known[reference] = self._look_up(reference)
        return self._known[reference]

    def _look_up(self, reference: str) -> str | None:
        from policyengine.connections.docker import NotThereError, connected
        from policyengine.connections.docker_context import endpoint

        if self._engine is None:
            self._engine = self._stack.enter_context(connected(endpoint(self._name)))
        try:
            return _user(self._engine.image(reference))
        except NotThereError:
            return None


def _user(image: Mapping[str, object]) -> str:
    config = image.get("Config")
    user = config.get("User") if isinstance(config, dict) else None
    return user if isinstance(user, str) else ""


def _asked(resource: Resource) -> str | None:
    """The image whose user would settle what a resource leaves open; None where it leaves nothing open."""
    if resource.kind == "dockerfile":
        asked, reference = "user" not in resource.facts, resource.facts.get("base")
    else:
        image = resource.facts.get("image")
        asked = resource.kind == "container" and bool(_open(resource))
        reference = image.get("reference") if isinstance(image, dict) else None
    named = isinstance(reference, str) and reference != "scratch" and parse(reference) is not None
    return str(reference) if asked and named else None


def _open(resource: Resource) -> list[str]:
    """The fields that are the image's matter."""
    values = ((field, resource.facts.get(field)) for field in ("user", "runs_as_root"))
    return [field for field, value in values if isinstance(value, Unknown) and value.fact == FACT]


def _settled(resource: Resource, reference: str, user: str | None) -> Resource:
    if user is None:
        return _missing(resource, reference)
    inherited = Provenance("inherited", f"image {reference}")
    if resource.kind == "dockerfile":
        return resolved(resource, {"user": user}, inherited) if user else resource
    # An empty user is root (OCI image specification, config.User).
    settled: dict[str, object] = {"user": user or "root", "runs_as_root": is_root(user)}
    return resolved(resource, {field: settled[field] for field in _open(resource)}, inherited)


def _missing(resource: Resource, reference: str) -> Resource:
    """Still unknown, with the reason."""
    settle = f"docker pull {reference}, then --resolve engine"
    facts = {}
    for field in _open(resource):
        value = resource.facts[field]
        if isinstance(value, Unknown):
            facts[field] = replace(value, why=f"{value.why}; {reference} is not on the engine", settle=settle)
    return resolved(resource, facts, Provenance("unknown", settle)) if facts else resource
