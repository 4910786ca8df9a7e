"""What was judged, as statements name it: files by the digest of their bytes, images by theirs."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from policyengine.documents.load import format_of
from policyengine.inputs.files import UNREADABLE
from policyengine.model.artifact import Artifact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policyengine.model.resource import Resource
    from policyengine.sources import Item

_SHA256 = "sha256:"


def artifacts(
    item: Item, data: bytes | None, files: Mapping[str, str | None], images: Iterable[Artifact]
) -> tuple[Artifact, ...]:
    """What was judged of an item: its own bytes, the documents that it refers to, the images of an engine.

    Other files that it refers to are left out: from the digest of a file of a few variables, which a statement makes
    public, their values could be guessed.
    """
    if item.is_live:
        return (Artifact(item.path), *images)
    own = [] if item.parts or data is None else [Artifact(item.path, sha256(data).hexdigest())]
    found = ((path, digest) for path, digest in files.items() if digest not in (None, UNREADABLE))
    return (*own, *(Artifact(path, digest) for path, digest in found if format_of(path) is not None))


def noting_images(resources: Iterable[Resource], images: list[Artifact]) -> Iterator[Resource]:
    """The resources, as they come; the images among them are added to ``images``."""
    for resource in resources:
        if resource.kind == "image":
            images.extend(_named(resource))
        yield resource


def _named(image: Resource) -> Iterator[Artifact]:
    """An image by the digests that registries know it by, by that of its configuration where none does."""
    digests = image.facts.get("digests") or [image.facts.get("id")]
    for digest in digests if isinstance(digests, list | tuple) else ():
        _, _, value = str(digest).rpartition(_SHA256)
        if str(digest).endswith(_SHA256 + value):
            yield Artifact(image.where().path, value)
