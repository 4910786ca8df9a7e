"""The images that an archive or a directory has: what they are called, their configuration, and their layers.

``manifest.json`` is what ``docker save`` writes: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image,
and ``index.json`` an OCI image layout's: https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md.
Engines since 25 write both, and only the first has the tags in full.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from policyengine.authentication.layers.layer import MOST_MEMBERS, Layer, read
from policyengine.authentication.layers.stacked import Stacked
from policyengine.errors import DocumentError, SourceError
from policyengine.inputs.docker.saved.unpacking import unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.inputs.docker.saved.stores import Store
    from policyengine.inputs.docker.saved.unpacking import Room

MOST_JSON = 16 << 20
"""Bytes of a manifest or a configuration; registries take 4 MiB."""

MOST_LAYERS = 1000
"""Engines stack 127."""

MOST_IMAGES = 1000
_DIGEST = re.compile(r"(sha256|sha512):([0-9a-f]{64,128})").fullmatch
_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_NESTED = 4


class Saved(Struct, frozen=True):
    """An image: its tags, the id that its configuration gives it, and the names of its layers, the lowest first."""

    tags: tuple[str, ...]
    id: str
    config: Mapping[str, Any]
    layers: tuple[str, ...]

    @property
    def name(self) -> str:
        """What it is called: its first tag, else the beginning of its id."""
        return self.tags[0] if self.tags else self.id[:19]


def images(store: Store) -> Iterator[Saved]:
    """The images of a store. Raises :class:`SourceError` for what has none, and for what cannot be understood."""
    manifest = _json(store, "manifest.json")
    if isinstance(manifest, list):
        yield from (_of_docker(store, one) for one in manifest[:MOST_IMAGES])
        return
    index = _json(store, "index.json")
    if not isinstance(index, dict):
        raise SourceError("no saved image: it has neither manifest.json nor index.json", hint=_HINT)
    yield from _of_index(store, index, (), _NESTED)


_HINT = "docker save writes one, and so does skopeo copy with oci:DIRECTORY"


def layers(store: Store, saved: Saved, room: Room, told: Callable[[str], None]) -> list[Layer]:
    """The layers of an image, the lowest first; they are read from the store as long as it is open.

    ``told`` is what is wrong with single members. Raises :class:`SourceError` where a layer cannot be read: then
    nothing is known of the image's files.
    """
    found: list[Layer] = []
    members = 0
    for name in saved.layers:
        data = store.opened(name)
        if data is None:
            raise SourceError(f"{saved.name}: its layer {name} is not there")
        try:
            found.append(read(name, unpacked(data, room), lambda what, name=name: told(f"layer {name}: {what}")))  # type: ignore[misc]
        except (DocumentError, SourceError) as error:
            raise SourceError(f"{saved.name}: its layer {name}: {error.message}", hint=error.hint) from None
        members += found[-1].members
        if members > MOST_MEMBERS:
            raise SourceError(f"{saved.name}: more than {MOST_MEMBERS} files in its layers")
    return found


def root(found: list[Layer], where: str) -> Stacked:
    """The files of an image, of its layers on each other. Raises :class:`SourceError` for more than any image has."""
    try:
        return Stacked(found, f"{where}:")
    except DocumentError as error:
        raise SourceError(error.message) from None


def _of_docker(store: Store, manifest: object) -> Saved:
    """An image as ``docker save`` tells of it."""
    if not isinstance(manifest, dict) or not isinstance(manifest.get("Config"), str):
        raise SourceError("manifest.json is not what docker save writes")
    tags = tuple(tag for tag in _list(manifest.get("RepoTags")) if isinstance(tag, str))
    config = manifest["Config"]
    digest = config.removeprefix("blobs/sha256/").removesuffix(".json")
    return _saved(store, tags, f"sha256:{digest}", config, [str(name) for name in _list(manifest.get("Layers"))])


def _of_index(store: Store, index: Mapping[str, Any], tags: tuple[str, ...], depth: int) -> Iterator[Saved]:
    """The images of an index, and of those in it; what is no image (an attestation) has no layers of files."""
    for told in _list(index.get("manifests"))[:MOST_IMAGES]:
        notes = told.get("annotations") if isinstance(told, dict) else None
        named = tuple(str(notes[key]) for key in _NAMES if notes.get(key)) if isinstance(notes, dict) else ()
        if isinstance(notes, dict) and notes.get("vnd.docker.reference.type"):
            continue
        blob = _blob(told)
        manifest = _json(store, blob)
        if not isinstance(manifest, dict):
            raise SourceError(f"{blob}, which index.json names, is no manifest, or is not there")
        if told.get("mediaType") in _INDEXES or "manifests" in manifest:
            if depth == 0:
                raise SourceError("an index within an index within an index: no image is told so")
            yield from _of_index(store, manifest, named[:1] or tags, depth - 1)
        else:
            config = _blob(manifest.get("config"))
            names = [_blob(one) for one in _list(manifest.get("layers"))]
            yield _saved(store, named[:1] or tags, config.removeprefix("blobs/").replace("/", ":"), config, names)


def _saved(store: Store, tags: tuple[str, ...], id_: str, config: str, names: list[str]) -> Saved:
    if len(names) > MOST_LAYERS:
        raise SourceError(f"an image of {len(names)} layers")
    found = _json(store, config)
    if not isinstance(found, dict):
        raise SourceError(f"{config}, the configuration of an image, is no JSON object, or is not there")
    return Saved(tags, id_, found, tuple(names))


def _blob(told: object) -> str:
    """The name of what a descriptor tells of."""
    digest = told.get("digest") if isinstance(told, dict) else None
    parts = _DIGEST(digest) if isinstance(digest, str) else None
    if parts is None:
        raise SourceError("an image is told of without a digest")
    return f"blobs/{parts[1]}/{parts[2]}"


def _json(store: Store, name: str) -> object:
    """The value of a part; None for one that is not there."""
    file = store.opened(name)
    if file is None:
        return None
    data = file.read(MOST_JSON + 1)
    if len(data) > MOST_JSON:
        raise SourceError(f"{name} is longer than {MOST_JSON} bytes")
    try:
        return cast("object", json.loads(data))
    except (ValueError, RecursionError):
        raise SourceError(f"{name} is malformed JSON") from None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
