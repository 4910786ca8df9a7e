"""Bringing the image that was chosen to the engine: pulled by digest, or built, judged again and pushed.

Where that fails, the engine has what it had before.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from msgspec import Struct

from policyengine.connections.docker_images import platform_told
from policyengine.connections.registry import Name
from policyengine.errors import RemedyError, SourceError
from policyengine.images.reference import parse
from policyengine.remediation.images.asking import mendable, spoken
from policyengine.remediation.images.recipe import MARK, RECIPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.connections.docker import Answer
    from policyengine.connections.docker_images import Images
    from policyengine.remediation.images.asking import Asking, Chosen
    from policyengine.remediation.images.recipe import Recipe

_UNPUSHED = "localhost/policyengine"
"""Where an image is called that is pushed nowhere: no registry of others may ever serve the name."""
_LONGEST_TAG = 100
_HASH = 12

Undo = Callable[[], object]


class Prepared(Struct, frozen=True):
    """An image that the engine has now: ``reference`` is ``repository@digest``, or an id.

    ``image`` is as the engine tells of it; ``brought`` are the names that the engine did not have before; ``notes``
    are for people.
    """

    reference: str
    image: Answer
    brought: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def prepared(chosen: Chosen, images: Images, asking: Asking, push: str = "") -> Prepared:
    """Bring the image to the engine. Derived images are pushed below ``push``, where that is not empty.

    Raises :class:`RemedyError`.
    """
    with _undone() as undo:
        base = _brought(chosen, images, asking, undo)
        if chosen.build is None:
            return base
        return _built(chosen, chosen.build, base, images, asking, push, undo)


def dropped(image: Prepared, images: Images) -> None:
    """Remove what was brought and is not used after all."""
    for name in image.brought:
        images.remove(name)


@contextmanager
def _undone() -> Iterator[list[Undo]]:
    """What is to be done, the last first, where the rest fails."""
    undo: list[Undo] = []
    try:
        yield undo
    except BaseException:
        for one in reversed(undo):
            with suppress(SourceError):  # why it failed is what is told
                one()
        raise


def _brought(chosen: Chosen, images: Images, asking: Asking, undo: list[Undo]) -> Prepared:
    """The image by its digest, pulled where the engine does not have it."""
    what = f"{spoken(chosen.reference)} cannot be had"
    with mendable(what):
        there = images.found(chosen.reference)
        if there is None and not chosen.digest:
            raise RemedyError(f"the engine no longer has the image {chosen.reference}")
        if there is not None:
            _check_platform(chosen, there, asking)
            return Prepared(chosen.reference, there)
        host = chosen.name.partition("/")[0]
        undo.append(lambda: images.remove(chosen.reference))
        pulled = images.pull(host, chosen.name, chosen.digest, asking.platform)
    _check_platform(chosen, pulled, asking)
    return Prepared(chosen.reference, pulled, (chosen.reference,))


def _check_platform(chosen: Chosen, image: Answer, asking: Asking) -> None:
    own = platform_told(image)
    if not own.runs_on(asking.platform):
        raise RemedyError(f"{spoken(chosen.reference)} is for {own}, and one for {asking.platform} is wanted")


def _built(
    chosen: Chosen, recipe: Recipe, base: Prepared, images: Images, asking: Asking, push: str, undo: list[Undo]
) -> Prepared:
    """The derived image: built, unless the engine has it; judged; and pushed where that is wanted."""
    name, tag = _name(chosen, recipe, push)
    with mendable(f"{spoken(chosen.reference)} cannot be rebuilt"):
        before = images.found(f"{name}:{tag}")
        reused = before is not None and not recipe.network and _label(before, RECIPE) == recipe.digest
        image = before if before is not None and reused else _made(recipe, images, undo)
        _check_policies(chosen, recipe, base, image, asking)
        if not reused:
            _named(image, before, (name, tag), images, undo)
    names = base.brought if reused else (f"{name}:{tag}", *base.brought)
    made = Prepared(str(image["Id"]), image, names, (f"{name}:{tag} is pushed nowhere: it is deployed by its id",))
    if push:
        reference = _pushed(name, tag, images, asking)
        made = Prepared(reference, images.found(reference) or image, names)
    if before is not None and not reused and before.get("RepoTags") == [f"{name}:{tag}"]:
        images.remove(str(before["Id"]))
    return made


def _check_policies(chosen: Chosen, recipe: Recipe, base: Prepared, image: Answer, asking: Asking) -> None:
    """Raise :class:`RemedyError` where the image violates what it was built for, or what its base does not."""
    violated = set(asking.violated(image))
    if violated:
        violated -= set(asking.violated(base.image)) - set(recipe.policies)
    if violated:
        raise RemedyError(f"{spoken(chosen.reference)} rebuilt violates {', '.join(sorted(violated))}")


def _made(recipe: Recipe, images: Images, undo: list[Undo]) -> Answer:
    run = uuid4().hex
    id_ = images.build(recipe.context(run), (MARK, run), network=recipe.network)
    undo.append(lambda: images.remove(id_))
    return images.acting.engine.image(id_)


def _named(image: Answer, before: Answer | None, named: tuple[str, str], images: Images, undo: list[Undo]) -> None:
    """Give the image its name, which another may have had: what runs commands is built each time, for they fetch."""
    if before is None:
        undo.append(lambda: images.remove(":".join(named)))
    else:
        former = str(before["Id"])
        undo.append(lambda: images.tag(former, *named))
    images.tag(str(image["Id"]), *named)


def _label(image: Answer, name: str) -> object:
    config = image.get("Config")
    labels = config.get("Labels") if isinstance(config, dict) else None
    return labels.get(name) if isinstance(labels, dict) else None


def _pushed(name: str, tag: str, images: Images, asking: Asking) -> str:
    """Push the image, and see that its registry serves it."""
    parsed = parse(name)
    if parsed is None:
        raise RemedyError(f"{name} is no name of an image", hint="remediate.push")
    with mendable(f"{name}:{tag} cannot be pushed"):
        digest = images.push(parsed.registry, name, tag)
        asking.registries.digest(Name(parsed.registry, parsed.repository, digest))
    return f"{parsed.name}@{digest}"


def _name(chosen: Chosen, recipe: Recipe, push: str) -> tuple[str, str]:
    """The name of a derived image, with that of what it derives from, and a tag of its recipe's own."""
    repository = chosen.name.partition("/")[2] or "unnamed"
    tag = "-".join(part for part in (chosen.tag[:_LONGEST_TAG], recipe.digest[:_HASH]) if part)
    return f"{(push or _UNPUSHED).rstrip('/')}/{repository}", tag
