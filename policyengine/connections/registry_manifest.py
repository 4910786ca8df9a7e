"""Manifests: what a registry serves under a tag or a digest, and whether it is what its digest says.

https://github.com/opencontainers/image-spec/blob/main/manifest.md and .../image-index.md
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
"""Of images for several platforms."""
MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
"""Of images."""
_DIGEST = re.compile(r"(?P<algorithm>sha256|sha384|sha512):(?P<hex>[0-9a-f]+)").fullmatch
_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_VARIANTS = {("arm64", "v8"): "", ("arm", ""): "v7", ("amd64", "v1"): ""}
"""What platforms mean without saying, as containerd normalises them."""


class Platform(Struct, frozen=True):
    """What an image runs on."""

    os: str = "linux"
    architecture: str = "amd64"
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    @property
    def normal(self) -> Platform:
        """The same, said in one way."""
        known = {"x86_64": "amd64", "aarch64": "arm64", "armhf": "arm"}
        architecture = known.get(self.architecture, self.architecture)
        return Platform(self.os, architecture, _VARIANTS.get((architecture, self.variant), self.variant))

    def runs_on(self, wanted: Platform) -> bool:
        """Whether an image for this platform is one for another; where that names no variant, any will do."""
        own, other = self.normal, wanted.normal
        return own == other or ((own.os, own.architecture) == (other.os, other.architecture) and not wanted.variant)


def platform(text: str) -> Platform | None:
    """``linux/arm64/v8``, ``linux/amd64`` or ``arm64`` as a platform; None for what is none."""
    parts = text.strip().lower().split("/")
    if not all(parts) or len(parts) > 3:
        return None
    if len(parts) > 1:
        return Platform(*parts)
    return Platform(os=parts[0]) if parts[0] in ("linux", "windows") else Platform(architecture=parts[0])


class Manifest(Struct, frozen=True):
    """A manifest or an index, whose bytes have the ``digest``."""

    digest: str
    media_type: str
    content: Mapping[str, object]

    @property
    def is_index(self) -> bool:
        """Whether it lists images for several platforms."""
        return self.media_type in INDEXES

    @property
    def config(self) -> str | None:
        """The digest of the image's configuration; None where it is no image's."""
        described = self.content.get("config")
        digest = described.get("digest") if isinstance(described, dict) else None
        return digest if isinstance(digest, str) and is_digest(digest) else None

    def platforms(self) -> list[tuple[Platform, str]]:
        """The platforms that an index has images for, with the digests of their manifests, in its order."""
        return list(self._platforms())

    def _platforms(self) -> Iterator[tuple[Platform, str]]:
        listed = self.content.get("manifests")
        for described in listed if isinstance(listed, list) else ():
            told, digest = (
                described.get(key) if isinstance(described, dict) else None for key in ("platform", "digest")
            )
            found = platform_in(told)
            # Attestations that builders attach are for "unknown/unknown".
            if found is not None and found.os != "unknown" and isinstance(digest, str) and is_digest(digest):
                yield found, digest

    def chosen(self, wanted: Platform) -> str | None:
        """The digest of the image for a platform; where it names no variant, any that runs, the first listed."""
        exact = [digest for found, digest in self.platforms() if found.normal == wanted.normal]
        near = [digest for found, digest in self.platforms() if found.runs_on(wanted)]
        return next(iter((*exact, *near)), None)


def read(body: bytes, content_type: str) -> Manifest | None:
    """A manifest as it is served; None for what is none of those that are understood."""
    content = as_object(body)
    written = content.get("mediaType") if content is not None else None
    media_type = written if isinstance(written, str) else content_type.partition(";")[0].strip().lower()
    if content is None or media_type not in (*INDEXES, *MANIFESTS):
        return None
    if ("manifests" in content) != (media_type in INDEXES):
        return None  # one of the two, never both: CVE-2021-41190
    return Manifest(f"sha256:{hashlib.sha256(body).hexdigest()}", media_type, content)


def as_object(body: bytes) -> dict[str, object] | None:
    """A JSON object, None for what is none."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def is_digest(text: str) -> bool:
    """Whether a text is a digest that can be checked."""
    match = _DIGEST(text)
    return match is not None and len(match["hex"]) == _LENGTHS[match["algorithm"]]


def has_digest(body: bytes, digest: str) -> bool:
    """Whether bytes are those that a digest stands for."""
    algorithm, _, hexadecimal = digest.partition(":")
    return hashlib.new(algorithm, body).hexdigest() == hexadecimal


def platform_in(told: object) -> Platform | None:
    """The platform that a part of an index, or the configuration of an image, tells; None where it tells none."""
    if not isinstance(told, dict):
        return None
    parts = [told.get(key) or "" for key in ("os", "architecture", "variant")]
    return Platform(*parts) if all(isinstance(part, str) for part in parts) else None
