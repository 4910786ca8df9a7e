"""Tar archives for tests: well-formed ones by the standard library, and headers by hand."""

from __future__ import annotations

import io
import tarfile
from typing import NamedTuple

BLOCK = 512


class M(NamedTuple):
    """A member: a file with what it holds, unless its type is another one. ``link`` is a target of a link."""

    name: str
    text: str | bytes = ""
    type: bytes = tarfile.REGTYPE
    link: str = ""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0


def directory(name: str, mode: int = 0o755) -> M:
    return M(name, type=tarfile.DIRTYPE, mode=mode)


def symlink(name: str, target: str) -> M:
    return M(name, type=tarfile.SYMTYPE, link=target, mode=0o777)


def hard_link(name: str, target: str) -> M:
    return M(name, type=tarfile.LNKTYPE, link=target)


def device(name: str) -> M:
    return M(name, type=tarfile.CHRTYPE)


def archive(*members: M, format: int = tarfile.PAX_FORMAT) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=format) as tar:
        for member in members:
            info = tarfile.TarInfo(member.name)
            info.type, info.linkname, info.mode = member.type, member.link, member.mode
            info.uid, info.gid = member.uid, member.gid
            data = member.text.encode("utf-8", "surrogateescape") if isinstance(member.text, str) else member.text
            info.size = len(data) if member.type == tarfile.REGTYPE else 0
            tar.addfile(info, io.BytesIO(data))
    return made.getvalue()


def header(name: bytes, type_: bytes = b"0", *, size: bytes = b"00000000000\0", uid: bytes = b"0000000\0") -> bytes:
    """A header, its checksum right, whatever else is."""
    block = bytearray(BLOCK)
    block[: len(name)] = name
    block[100:108] = b"0000644\0"
    block[108:116] = uid
    block[116:124] = b"0000000\0"
    block[124:136] = size
    block[136:148] = b"00000000000\0"
    block[156:157] = type_
    block[257:265] = b"ustar\x0000"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


END = bytes(2 * BLOCK)
