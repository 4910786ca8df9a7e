"""What images on a Docker Engine say: user and health check of what leaves them to its image."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

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
            reference = None if self._failed else _asked(resource)
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


_LEFT_TO_BASE = ("user", "healthcheck")
"""What a Dockerfile that does not set it has from its base."""
_FACTS = ("image.user", "image.healthcheck")


def _asked(resource: Resource) -> str | None:
    """The image that would settle what a resource leaves open; None where it leaves nothing open."""
    if resource.kind == "dockerfile":
        asked, reference = bool(_left_to_base(resource)), resource.facts.get("base")
    else:
        image = resource.facts.get("image")
        asked = resource.kind == "container" and bool(_open(resource))
        reference = image.get("reference") if isinstance(image, dict) else None
    named = isinstance(reference, str) and reference != "scratch" and parse(reference) is not None
    return str(reference) if asked and named else None


def _left_to_base(resource: Resource) -> list[str]:
    """What a Dockerfile does not set, or leaves to a base whose name says something of it."""
    values = {name: resource.facts.get(name) for name in _LEFT_TO_BASE}
    return [name for name, value in values.items() if value is None or _is_of_image(value)]


def _is_of_image(value: object) -> bool:
    return isinstance(value, Unknown) and value.fact in _FACTS


def _open(resource: Resource) -> dict[str, Unknown]:
    """The fields that are the image's matter, and what is missing of each."""
    facts = resource.facts
    check = facts.get("healthcheck")
    values = {
        "user": facts.get("user"),
        "runs_as_root": facts.get("runs_as_root"),
        "healthcheck": check.get("test") if isinstance(check, dict) else check,
    }
    return {name: value for name, value in values.items() if isinstance(value, Unknown) and _is_of_image(value)}


def _settled(resource: Resource, reference: str, config: Mapping[str, object] | None) -> Resource:
    if config is None:
        return _missing(resource, reference)
    user, check = _user(config), _healthcheck(config)
    if resource.kind == "dockerfile":
        of_base: dict[str, object] = {
            "user": user or ("root" if "user" in resource.facts else None),
            "healthcheck": check,
        }
        found = {name: of_base[name] for name in _left_to_base(resource) if of_base[name]}
    else:
        # An empty user is root (OCI image specification, config.User).
        of_image: dict[str, object] = {
            "user": user or "root",
            "runs_as_root": is_root(user),
            "healthcheck": _completed(resource, check),
        }
        found = {name: of_image[name] for name in _open(resource)}
    return resolved(resource, found, Provenance("inherited", f"image {reference}")) if found else resource


def _user(config: Mapping[str, object]) -> str:
    user = config.get("User")
    return user if isinstance(user, str) else ""


def _healthcheck(config: Mapping[str, object]) -> dict[str, object] | None:
    """An image's health check, None where it has none."""
    written = config.get("Healthcheck")
    test = written.get("Test") if isinstance(written, dict) else None
    if not isinstance(test, list) or not test:
        return None
    return {"test": test, **({"disable": True} if test == ["NONE"] else {})}


def _completed(resource: Resource, check: dict[str, object] | None) -> dict[str, object] | None:
    """The image's check with what the container writes of its own, which is all but the test."""
    own = resource.facts.get("healthcheck")
    if not isinstance(own, dict):
        return check
    return {**{key: value for key, value in own.items() if key != "test"}, **(check or {})}


def _missing(resource: Resource, reference: str) -> Resource:
    """Still unknown, with the reason."""
    settle = f"docker pull {reference}, then --resolve engine"
    facts: dict[str, object] = {}
    for name, value in _open(resource).items():
        left = replace(value, why=f"{value.why}; {reference} is not on the engine", settle=settle)
        own = resource.facts[name]
        facts[name] = {**own, "test": left} if isinstance(own, dict) else left
    return resolved(resource, facts, Provenance("unknown", settle)) if facts else resource
