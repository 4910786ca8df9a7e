"""The real libpwquality, asked what its files come to."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = {
    "difok": 1,
    "minlen": 3,
    "dcredit": 4,
    "ucredit": 5,
    "lcredit": 6,
    "ocredit": 7,
    "minclass": 8,
    "maxrepeat": 9,
    "maxclassrepeat": 11,
    "gecoscheck": 12,
    "maxsequence": 14,
    "dictcheck": 15,
    "usercheck": 16,
    "enforcing": 17,
    "retry": 18,
    "enforce_for_root": 19,
    "local_users_only": 20,
    "usersubstr": 21,
}
"""The numbers of pwquality.h by which it is asked for settings."""


@cache
def library() -> ctypes.CDLL | None:
    """libpwquality; None where there is none."""
    try:
        found = ctypes.CDLL("libpwquality.so.1")
    except OSError:
        return None
    found.pwquality_default_settings.restype = ctypes.c_void_p
    return found


def lacking() -> str | None:
    """What the comparison lacks here; None when it can be made."""
    return None if library() is not None else "there is no libpwquality: install libpwquality-tools"


def asked(conf: Path) -> dict[str, int]:
    """What a file and the directory beside it come to."""
    quality = library()
    assert quality is not None
    settings = ctypes.c_void_p(quality.pwquality_default_settings())
    unused = ctypes.c_void_p()
    quality.pwquality_read_config(settings, str(conf).encode(), ctypes.byref(unused))
    value = ctypes.c_int()
    found = {}
    for name, number in NUMBERS.items():
        assert quality.pwquality_get_int_value(settings, number, ctypes.byref(value)) == 0
        found[name] = value.value
    quality.pwquality_free_settings(settings)
    return found
