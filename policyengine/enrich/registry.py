"""What registries say of images: user and health check of what leaves them to its image. Nothing is pulled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from policyengine.enrich.settling import asked, left_open, settled
from policyengine.errors import SourceError
from policyengine.images.reference import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.connections.registry import Image, Registries
    from policyengine.enrich import Enrich
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

NAME = "registry"
_AT_ONCE = 4
"""Questions at a time, as many as docker has layers fetched."""
_AHEAD = 128
"""So many resources are looked through before the first is passed on, that their images be asked for at once."""


class Question(NamedTuple):
    """An image as it is named, for a platform; empty for linux/amd64."""

    reference: str
    platform: str = ""


@contextmanager
def opened(context: Context) -> Iterator[Enrich]:
    """Settles what images decide by what their registries serve, from call to call, until it is closed.

    A registry that does not answer, or refuses, is one problem of the context; the resources stay as open as they are,
    and say why.
    """
    with RegistryImages(context) as images:
        yield Settling(images, context).enrich


class Settling:
    """Settles what containers and Dockerfiles leave to their images."""

    def __init__(self, images: RegistryImages, context: Context) -> None:
        self._images = images
        self._context = context
        self._told: set[tuple[str | None, type[SourceError]]] = set()

    def enrich(self, resources: Iterable[Resource]) -> Iterator[Resource]:
        """The same resources, with what the images settle."""
        waiting = iter(resources)
        while some := [(resource, _question(resource)) for resource in islice(waiting, _AHEAD)]:
            self._images.ask(question for _, question in some if question is not None)
            for resource, question in some:
                yield resource if question is None else self._settled(resource, question)

    def _settled(self, resource: Resource, question: Question) -> Resource:
        found = self._images.found(question)
        if not isinstance(found, SourceError):
            config = found.config.get("config")
            return settled(resource, question.reference, config if isinstance(config, dict) else {})
        self._tell(found)
        return left_open(resource, _why(found), _settle(found))

    def _tell(self, error: SourceError) -> None:
        """Report what is wrong with a registry, once; that it has no such image is told where the image stands."""
        from policyengine.connections.registry import NotThereError

        key = (error.path, type(error))
        if key not in self._told and not isinstance(error, NotThereError):
            self._told.add(key)
            self._context.failed(error)


class RegistryImages:
    """The images of registries; each is asked for once, and a registry that does not answer no more."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._registries: Registries | None = None
        self._known: dict[Question, Image | SourceError] = {}
        self._silent: dict[str, SourceError] = {}

    def __enter__(self) -> RegistryImages:
        return self

    def __exit__(self, *_: object) -> None:
        if self._registries is not None:
            self._registries.close()

    def ask(self, questions: Iterable[Question]) -> None:
        """Ask for all that is not known yet."""
        new = [question for question in dict.fromkeys(questions) if question not in self._known]
        if not new:
            return
        try:
            registries = self._registries = self._registries or _registries(self._context)
        except SourceError as error:  # a file that tells how to ask
            self._known.update(dict.fromkeys(new, error))
            return
        pool = ThreadPoolExecutor(min(_AT_ONCE, len(new)), thread_name_prefix="registry")
        try:
            self._known.update(zip(new, pool.map(lambda one: self._looked_up(registries, one), new), strict=True))
        except BaseException:
            registries.close()  # wakes those who wait for an answer
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def found(self, question: Question) -> Image | SourceError:
        """What was asked for, or why it is not known."""
        return self._known[question]

    def _looked_up(self, registries: Registries, question: Question) -> Image | SourceError:
        from policyengine.connections.registry import Name, NonsenseError, NotThereError, RefusedError, wanted

        parsed = parse(question.reference)
        if parsed is None:
            return SourceError(f"{question.reference} is no image reference")
        host = parsed.registry
        if host in self._silent:
            return self._silent[host]
        name = Name(host, parsed.repository, parsed.digest or parsed.tag or "latest")
        try:
            return registries.image(name, wanted(question.platform))
        except (NotThereError, RefusedError, NonsenseError) as error:
            return error
        except SourceError as error:
            return self._silent.setdefault(host, error)


def _question(resource: Resource) -> Question | None:
    """What would settle what a resource leaves open; None where nothing does, or its image is yet to be built."""
    image = resource.facts.get("image")
    if isinstance(image, dict) and image.get("built") is True:
        return None
    reference = asked(resource)
    platform = resource.facts.get("platform")
    return None if reference is None else Question(reference, platform if isinstance(platform, str) else "")


def _why(error: SourceError) -> str:
    from policyengine.connections.registry import NotThereError

    host = (error.path or "").removeprefix("registry://")
    return f"{host} says: {error.message}" if host and isinstance(error, NotThereError) else error.message


def _settle(error: SourceError) -> str | None:
    """What would let us see an image, beside what would settle without its registry."""
    from policyengine.connections.registry import RefusedError

    return f"{error.login}, then --resolve registry" if isinstance(error, RefusedError) else None


def _registries(context: Context) -> Registries:
    from policyengine.connections.registry import registries

    return registries(context.insecure_registries, context.registry_mirrors)
