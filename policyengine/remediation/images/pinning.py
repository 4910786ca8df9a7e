"""An image by the digest that runs, or that its registry serves now: the index's where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.connections.registry import Name, NotThereError
from policyengine.connections.registry_manifest import platform_in
from policyengine.errors import RemedyError
from policyengine.images.reference import parse
from policyengine.remediation.images.asking import Chosen, Found, mendable, spoken

if TYPE_CHECKING:
    from policyengine.connections.registry import Image
    from policyengine.images.reference import Reference
    from policyengine.remediation.images.asking import Asking, CurrentImage


def referred(current: CurrentImage) -> Reference:
    """The reference of an image. Raises :class:`RemedyError` for what is none: an id."""
    found = parse(current.reference)
    if found is None:
        raise RemedyError(f"{current.reference} is no name of an image", hint="run it by its name")
    return found


def running(current: CurrentImage) -> Found | None:
    """The image that runs; None where it has no digest: it was built there, and never pushed.

    The registry is not asked: the image is there, and stays what it is.
    """
    named = parse(current.reference)
    parsed = [found for text in current.digests if (found := parse(text)) is not None and found.digest]
    own = [one for one in parsed if named is None or one.name == named.name]
    stated = [one for one in own if named is not None and one.digest == named.digest]
    one = next(iter((*stated, *own, *parsed)), None)
    if one is None:
        return None
    tag = named.tag or "" if named is not None and named.name == one.name else ""
    chosen = Chosen(f"{one.name}@{one.digest}", "it is what runs", one.name, tag)
    return Found(chosen, current.config)


def must_run(current: CurrentImage) -> Found:
    """The image that runs. Raises :class:`RemedyError` where it has no digest."""
    found = running(current)
    if found is None:
        raise RemedyError(
            f"{current.reference} has no digest: it was built on the engine and never pushed", hint="push it"
        )
    return found


def served(current: CurrentImage, asking: Asking) -> Found:
    """The image that the registry serves now. Raises :class:`RemedyError` where it serves none for the platform."""
    reference = referred(current)
    version = reference.tag or reference.digest or "latest"
    return fetched(Name(reference.registry, reference.repository, version), asking)[0]


def fetched(name: Name, asking: Asking) -> tuple[Found, Image]:
    """The image that a name stands for at present, and all that its registry says of it.

    Raises :class:`RemedyError` where there is none for the platform.
    """
    written = spoken(str(name))
    with mendable(f"{written} cannot be looked up"):
        image = asking.registries.image(name, asking.platform)
        check_platform(image, asking)
    repository = f"{name.host}/{name.repository}"
    by_digest = name.version == image.digest
    why = f"{name.host} serves it still" if by_digest else f"{name.host} serves it under {name.version} now"
    chosen = Chosen(f"{repository}@{image.digest}", why, repository, "" if by_digest else name.version)
    config = image.config.get("config")
    return Found(chosen, config if isinstance(config, dict) else {}), image


def check_platform(image: Image, asking: Asking) -> None:
    """Raise :class:`NotThereError` where an image is not for the platform, whatever its index says."""
    own = platform_in(image.config)
    if own is None or not own.runs_on(asking.platform):
        said = f"is for {own}" if own and own.os else "does not say what it runs on"
        raise NotThereError(f"the image {said}, and one for {asking.platform} is wanted")
