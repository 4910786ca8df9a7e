"""The C library's own readers of passwd, shadow, group and gshadow: fgetpwent(3), fgetspent(3), fgetgrent(3)."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TEXT, _NUMBER, _DAYS, _LIST = ctypes.c_char_p, ctypes.c_uint32, ctypes.c_long, ctypes.POINTER(ctypes.c_char_p)


class _Passwd(ctypes.Structure):
    _fields_ = (
        *(("name", _TEXT), ("password", _TEXT), ("uid", _NUMBER), ("gid", _NUMBER)),
        *(("comment", _TEXT), ("home", _TEXT), ("shell", _TEXT)),
    )


class _Shadow(ctypes.Structure):
    _fields_ = (
        *(("name", _TEXT), ("password", _TEXT), ("changed", _DAYS), ("least", _DAYS), ("most", _DAYS)),
        *(("warned", _DAYS), ("inactive", _DAYS), ("expires", _DAYS), ("flag", ctypes.c_ulong)),
    )


class _Group(ctypes.Structure):
    _fields_ = (("name", _TEXT), ("password", _TEXT), ("gid", _NUMBER), ("members", _LIST))


class _Gshadow(ctypes.Structure):
    _fields_ = (("name", _TEXT), ("password", _TEXT), ("administrators", _LIST), ("members", _LIST))


_READERS = {
    "/etc/passwd": ("fgetpwent", _Passwd),
    "/etc/shadow": ("fgetspent", _Shadow),
    "/etc/group": ("fgetgrent", _Group),
    "/etc/gshadow": ("fgetsgent", _Gshadow),
}
_NOT_TOLD = frozenset({"comment", "flag"})


def lacking() -> str | None:
    """Why the comparison cannot be made here; None when it can."""
    library = ctypes.CDLL(None)
    there = all(hasattr(library, name) for name, _ in _READERS.values()) and hasattr(library, "gnu_get_libc_version")
    return None if there else "this is no GNU system"


def entries(path: str, text: bytes) -> list[dict[str, object]]:
    """The entries that the C library finds in a file that has the place ``path``."""
    name, structure = _READERS[path]
    library = ctypes.CDLL(None)
    reader: Callable[[Any], Any] = getattr(library, name)
    reader.restype, reader.argtypes = ctypes.POINTER(structure), (ctypes.c_void_p,)  # type: ignore[attr-defined]
    library.fdopen.restype, library.fdopen.argtypes = ctypes.c_void_p, (ctypes.c_int, ctypes.c_char_p)
    library.fclose.argtypes = (ctypes.c_void_p,)
    descriptor = os.memfd_create(name)
    os.write(descriptor, text)
    os.lseek(descriptor, 0, os.SEEK_SET)
    stream = library.fdopen(descriptor, b"r")
    try:
        return list(_read(reader, stream))
    finally:
        library.fclose(stream)


def _read(reader: Callable[[Any], Any], stream: Any) -> Iterator[dict[str, object]]:
    while found := reader(stream):
        yield {
            name: _plain(getattr(found.contents, name)) for name, *_ in found.contents._fields_ if name not in _NOT_TOLD
        }


def _plain(value: Any) -> object:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    listed: list[str] = []
    while value and value[len(listed)] is not None:
        listed.append(value[len(listed)].decode("utf-8", "surrogateescape"))
    return tuple(listed)
