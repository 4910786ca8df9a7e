"""What is known of the image that something runs, whom to ask for a better one, and what is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.errors import RemedyError, SourceError
from policyengine.images.reference import parse
from policyengine.remediation.images.recipe import Recipe  # noqa: TC001 - plans are decoded by these types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.connections.registry import Platform, Registries

Judge = Callable[[dict[str, object]], Sequence[str]]
"""From an image, as ``/images/NAME/json`` tells of it, to the ids of the policies that it violates."""


class CurrentImage(Struct, frozen=True):
    """The image that something runs, or that a file names.

    ``reference`` is as it is written, ``image`` what the engine tells of the one that runs (``/images/NAME/json``):
    empty in a file, where nothing runs.
    """

    reference: str
    image: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def running(cls, reference: str, image: Mapping[str, object]) -> CurrentImage:
        """What runs, as its engine tells of it."""
        return cls(reference, image)

    @property
    def id(self) -> str:
        """The id of the image that runs; empty where none does."""
        return str(self.image.get("Id") or "")

    @property
    def digests(self) -> tuple[str, ...]:
        """The names by digest that it has."""
        found = self.image.get("RepoDigests")
        return tuple(map(str, found)) if isinstance(found, list) else ()

    @property
    def config(self) -> Mapping[str, object]:
        """Its configuration."""
        found = self.image.get("Config")
        return found if isinstance(found, dict) else {}


class Asking(Struct, frozen=True):
    """Whom to ask, and for what.

    ``platform`` is what the image must run on; ``violated`` says which policies an image violates; ``moves`` are the
    registries, or starts of image names, that the settings map to others; ``tries`` is how many images an upgrade may
    look at; ``pushes`` says whether what is built is pushed.
    """

    registries: Registries
    platform: Platform
    violated: Judge = lambda _: ()
    moves: Mapping[str, str] = field(default_factory=dict)
    tries: int = 10
    pushes: bool = False


class Chosen(Struct, frozen=True):
    """The image to run: ``reference`` is ``repository@digest``, or the id of one that has no digest.

    ``name`` is its repository with the registry, ``tag`` where it was found: empty where by no tag. With ``build`` it
    is what an image is derived from.
    """

    reference: str
    why: str
    name: str = ""
    tag: str = ""
    build: Recipe | None = None

    @property
    def digest(self) -> str:
        """The digest; empty for the id of an image that has none."""
        return self.reference.partition("@")[2]


class Found(Struct, frozen=True):
    """An image that may be chosen, and its configuration: ``config`` of the OCI's, ``Config`` of an engine's."""

    chosen: Chosen
    config: Mapping[str, object]


@contextmanager
def mendable(what: str) -> Iterator[None]:
    """Errors of registries and of engines as :class:`RemedyError` about what was to be done."""
    try:
        yield
    except SourceError as error:
        raise RemedyError(f"{what}: {error.message}", path=error.path, hint=error.hint) from error


def spoken(name: str) -> str:
    """A name of an image as people write it: without what Docker puts before it."""
    found = parse(name)
    if found is None or found.registry != "docker.io":
        return name
    return name.removeprefix("docker.io/").removeprefix("library/")
