"""Zstandard, https://www.rfc-editor.org/rfc/rfc8878: frames on each other, each with a window of its own.

buildkit and containerd write layers so: ``application/vnd.oci.image.layer.v1.tar+zstd``.
"""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING

from policyengine.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

WINDOW = 27
"""Of its size the logarithm: 128 MiB of memory, with which ``zstd --ultra -22`` gets by, and no more."""

MOST_FRAMES = 1_000_000
"""zstd:chunked has one for each file; each costs time, however little it holds."""

_PIECE = 1 << 16
_FRAME = 0xFD2FB528
_SKIPPABLE = range(0x184D2A50, 0x184D2A60)


def is_zstd(head: bytes) -> bool:
    """Whether what begins so is a frame, or one to be passed over, with which such archives may begin."""
    magic = int.from_bytes(head[:4], "little")
    return magic == _FRAME or magic in _SKIPPABLE


def decompressed(packed: IO[bytes], most: int) -> Iterator[bytes]:
    """What all frames hold, in chunks of ``most`` bytes. Raises :class:`SourceError` for what is damaged."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    frame = None
    frames = 0
    try:
        while data := packed.read(_PIECE):
            while data:
                if frame is None:
                    frame = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: WINDOW})
                    frames += 1
                yield frame.decompress(data, most)
                while not (frame.eof or frame.needs_input):
                    yield frame.decompress(b"", most)
                data = frame.unused_data
                if frame.eof:
                    frame = None
                if frames > MOST_FRAMES:
                    raise SourceError(f"more than {MOST_FRAMES} frames of zstd: no image has so many")
    except zstd.ZstdError as error:
        raise SourceError(f"cannot be decompressed: {error}") from None
    if frame is not None:
        raise SourceError("damaged: it breaks off in a frame of zstd")
