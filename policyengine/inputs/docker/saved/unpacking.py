"""Archives that may be compressed, as files that can be read at any place: on disk, and never more than a limit."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tempfile
import zlib
from typing import IO, TYPE_CHECKING

from policyengine.errors import SourceError
from policyengine.inputs.docker.saved.zstd import decompressed, is_zstd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

MOST_BYTES = 16 << 30
"""Of one image, whatever it consists of; and no more than half of what is free on the disk."""

MOST_TIMES = 200
MANY_BYTES = 1 << 30
"""What becomes so many times as large, and larger than this, is a bomb: layers become three times as large."""

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_OTHERS = {b"BZh": "bzip2", b"\xfd7zXZ": "xz"}
_RECOMPRESS = "skopeo copy --dest-compress-format gzip, or docker save, writes what is read"


class Room:
    """How much of an image may still be written to the disk for a while; what was is gone when this is left."""

    def __init__(self) -> None:
        self._files: list[IO[bytes]] = []
        self._left = min(MOST_BYTES, shutil.disk_usage(tempfile.gettempdir()).free // 2)

    def __enter__(self) -> Room:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        for file in self._files:
            file.close()

    def take(self, size: int) -> None:
        """Raises :class:`SourceError` where so much more is too much."""
        self._left -= size
        if self._left < 0:
            raise SourceError("the image is too large to be unpacked here")

    def spooled(self, chunks: Iterable[bytes]) -> IO[bytes]:
        """A file, which has no name, with what comes."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when this is left
        self._files.append(file)
        for chunk in chunks:
            self.take(len(chunk))
            file.write(chunk)
        file.seek(0)
        return file


def unpacked(packed: IO[bytes], room: Room) -> IO[bytes]:
    """The same, or what it is the compressed form of. Raises :class:`SourceError`."""
    start = packed.tell()
    head = packed.read(6)
    packed.seek(start)
    if head.startswith(_GZIP):
        return room.spooled(_bounded(_gunzipped(packed), packed))
    if is_zstd(head):
        return room.spooled(_bounded(decompressed(packed, _CHUNK), packed))
    other = next((name for magic, name in _OTHERS.items() if head.startswith(magic)), None)
    if other is not None:
        raise SourceError(f"compressed with {other}, which is not read", hint=_RECOMPRESS)
    return packed


def _gunzipped(packed: IO[bytes]) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=packed) as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceError(f"damaged: {error}") from None


def _bounded(chunks: Iterable[bytes], packed: IO[bytes]) -> Iterator[bytes]:
    """The same, as long as it is no bomb, by how much of the packed form was read."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > MANY_BYTES and size > MOST_TIMES * packed.tell():
            raise SourceError(f"a decompression bomb: more than {MOST_TIMES} times as large as it is")
        yield chunk


class Section(io.RawIOBase):
    """A part of an open file, with a place of its own."""

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        self._file = file
        self._start = start
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The place in the part."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place in the part."""
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader passes
        """Fill a buffer with what comes next."""
        data = os.pread(self._file.fileno(), min(len(buffer), max(0, self._size - self._at)), self._start + self._at)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def section(file: IO[bytes], start: int, size: int) -> IO[bytes]:
    """A part of an open file, to be read in small pieces."""
    return io.BufferedReader(Section(file, start, size), 1 << 16)
