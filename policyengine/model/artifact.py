"""What was judged, as attestations name it."""

from __future__ import annotations

from typing import NamedTuple


class Artifact(NamedTuple):
    """A thing that was judged: a file with the SHA-256 of its bytes, an image with that of its manifest.

    A running system has no digest.
    """

    path: str
    sha256: str | None = None
