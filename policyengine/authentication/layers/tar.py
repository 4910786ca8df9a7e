"""Tar archives, read as engines read them, from whoever made them: nothing is written, and nothing is believed.

The formats are those of POSIX (pax, ustar), of GNU tar and of the seventh Unix; what is read of them, and what is
refused, is what Go's archive/tar reads and refuses, with which engines unpack layers: https://pkg.go.dev/archive/tar.
What no engine and no tool for images writes is refused whole, for it may hide something: sparse files, and kinds of
members that nobody knows. The standard library's ``tarfile`` keeps headers of any length in memory, and takes for a
file's size and name what it likes.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from policyengine.authentication.files import Entry
from policyengine.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 512
MOST_SIZE = 1 << 60
"""Bytes of a file: no file system has a larger one."""

MOST_EXTENDED = 1 << 20
"""Bytes of an extended header: Go reads no longer one either (``maxSpecialFileSize``)."""

_FIELDS = struct.Struct("100s8s8s8s12s12s8s1s100s8s32s32s8s8s155s12x").unpack
_ZEROS = bytes(BLOCK)
_PERMISSIONS = 0o7777
_EMPTIED = sum(b" " * 8)
"""The checksum is of a header in which it is blank itself."""
_OCTAL = re.compile(rb"[ \0]*([0-7]*)[ \0]*").fullmatch
_RECORD = re.compile(rb"([0-9]{1,7}) ([^=]+)=").match
_NUMBER = re.compile(rb"[0-9]{1,20}").fullmatch
_USTAR = b"ustar\0"
_HARD_LINK, _LONG_NAME, _LONG_LINK = b"1", b"L", b"K"
_PAX, _PAX_OF_ALL = b"x", b"g"
_WITHOUT_BODY = frozenset((_HARD_LINK, b"2", b"3", b"4", b"5", b"6"))
_KINDS = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    _HARD_LINK: "file",
    b"2": "symlink",
    b"3": "special",
    b"4": "special",
    b"5": "directory",
    b"6": "special",
}
"""7 is a file whose blocks lie side by side, which says nothing today."""


class Stream(Protocol):
    """What an archive is read from, from its beginning to its end."""

    def read(self, size: int, /) -> bytes:
        """The next bytes; fewer only at the end."""

    def seek(self, offset: int, whence: int, /) -> int:
        """Pass over bytes, or tell where it is."""


class Member(Struct, frozen=True):
    """One member as it is written: ``name`` and ``link``, which a hard link leads to, as they stand there.

    Its bytes are at ``at``. The entry of a hard link is only its own header's.
    """

    name: str
    entry: Entry
    at: int
    link: str | None = None


class MalformedTarError(DocumentError):
    """An archive that is none, or that ends before its end, or that is not like any that a tool writes."""


class Members:
    """The members of an archive, in order, with bodies passed over.

    Raises :class:`MalformedTarError`. ``ended`` tells afterwards whether the archive's own mark of its end was met.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._at = stream.seek(0, 1)
        self._start = self._at
        self.ended = False

    def __iter__(self) -> Iterator[Member]:
        extended: dict[str, bytes] = {}
        while (block := self._block()) is not None:
            header = _Header(block)
            if header.type in (_PAX, _PAX_OF_ALL, _LONG_NAME, _LONG_LINK):
                read = self._extended(header)
                if header.type == _PAX:
                    extended |= _records(read)
                elif header.type != _PAX_OF_ALL:  # engines ignore those of all members
                    extended["path" if header.type == _LONG_NAME else "linkpath"] = read.split(b"\0")[0]
                continue
            member = header.member(extended, self._at)
            extended = {}
            yield member
            self._pass(member.entry.size if header.type not in _WITHOUT_BODY else 0)

    def _block(self) -> bytes | None:
        """The next header; None at the end, which is two blocks of zeros, or no more blocks."""
        block = self._read(BLOCK)
        if not block:
            return None
        if block == _ZEROS:
            second = self._read(BLOCK)
            if second and second != _ZEROS:
                raise MalformedTarError("an empty header in a tar archive")
            self.ended = True
            return None
        if len(block) < BLOCK:
            raise MalformedTarError("the tar archive breaks off in a header")
        return block

    def _extended(self, header: _Header) -> bytes:
        size = header.size
        if size > MOST_EXTENDED:
            raise MalformedTarError(f"a tar header of {size} bytes: none is longer than {MOST_EXTENDED}")
        data = self._read(size)
        if len(data) < size:
            raise MalformedTarError("the tar archive breaks off in a header")
        self._pass(0)
        return data

    def _read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._at += len(data)
        return data

    def _pass(self, size: int) -> None:
        """Pass over so many bytes and what fills the block."""
        to = self._at + size
        to += -(to - self._start) % BLOCK
        if to != self._at:
            self._stream.seek(to - self._at - 1, 1)
            self._at = to
            if not self._stream.read(1):
                raise MalformedTarError("the tar archive breaks off in a file")


class _Header:
    """One header block, its checksum right."""

    def __init__(self, block: bytes) -> None:
        fields = _FIELDS(block)
        self._name, self._mode, self._uid, self._gid, self._size = fields[:5]
        self.type, self._link, self._magic, self._prefix = fields[7], fields[8], fields[9], fields[14]
        checksum = _OCTAL(fields[6])
        if checksum is None or int(checksum[1] or b"0", 8) != sum(block) - sum(fields[6]) + _EMPTIED:
            raise MalformedTarError("no tar archive, or a damaged one: the checksum of a header is wrong")

    @property
    def size(self) -> int:
        """The length of what follows."""
        return _number(self._size)

    def member(self, extended: dict[str, bytes], at: int) -> Member:
        """The member whose body is ``at``; what an extended header says counts more."""
        kind = _KINDS.get(self.type)
        if kind is None:
            raise MalformedTarError(f"a tar archive with members of the unknown type {self.type!r}")
        if any(key.startswith("GNU.sparse.") for key in extended):
            raise MalformedTarError("a tar archive with sparse files, which no image has")
        name = _text(extended["path"]) if "path" in extended else self._written_name()
        if self.type == b"\0" and name.endswith("/"):
            kind = "directory"
        link = _text(extended["linkpath"] if "linkpath" in extended else _until_nul(self._link))
        entry = Entry(
            kind,  # type: ignore[arg-type]  # a value of _KINDS
            _number(self._mode) & _PERMISSIONS,
            _decimal(extended["uid"]) if "uid" in extended else _number(self._uid),
            _decimal(extended["gid"]) if "gid" in extended else _number(self._gid),
            0 if kind != "file" else _decimal(extended["size"]) if "size" in extended else self.size,
            link if kind == "symlink" else "",
        )
        if entry.size > MOST_SIZE:
            raise MalformedTarError(f"a tar archive with a file of {entry.size} bytes")
        return Member(name, entry, at, link if self.type == _HARD_LINK else None)

    def _written_name(self) -> str:
        name, prefix = _until_nul(self._name), _until_nul(self._prefix)
        return _text(prefix + b"/" + name if prefix and self._magic[:6] == _USTAR else name)


def _until_nul(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _text(data: bytes) -> str:
    if b"\0" in data:
        raise MalformedTarError("a tar archive with NUL in a name")
    return data.decode("utf-8", "surrogateescape")


def _number(field: bytes) -> int:
    """A number in octal digits, or, as GNU tar writes large ones, in base 256."""
    if field[0] & 0x80:
        if field[0] & 0x40:
            raise MalformedTarError("a tar header with a negative number")
        return int.from_bytes(bytes((field[0] & 0x3F,)) + field[1:])
    digits = _OCTAL(field)
    if digits is None:
        raise MalformedTarError("a tar header with a number that is none")
    return int(digits[1] or b"0", 8)


def _decimal(field: bytes) -> int:
    if not _NUMBER(field):
        raise MalformedTarError("a tar header with a number that is none")
    return int(field)


def _records(data: bytes) -> dict[str, bytes]:
    """The records of an extended header: ``LENGTH KEY=VALUE`` and a newline, where an empty value takes one back."""
    found: dict[str, bytes] = {}
    at = 0
    while at < len(data):
        record = _RECORD(data, at)
        end = at + int(record[1]) if record else 0
        if record is None or not record.end() < end <= len(data) or data[end - 1 : end] != b"\n":
            raise MalformedTarError("a tar archive with a malformed extended header")
        found[record[2].decode("utf-8", "surrogateescape")] = data[record.end() : end - 1]
        at = end
    return {key: value for key, value in found.items() if value}
