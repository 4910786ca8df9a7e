"""What an account is for: by its number and by what is run when it logs in."""

from __future__ import annotations

import posixpath
from typing import Literal

from policyengine.model.unknown import Unknown

Sort = Literal["root", "system", "regular"]

FIRST_REGULAR = 1000
"""The first number of a person where login.defs does not say UID_MIN: useradd(8)."""

_ALWAYS_SYSTEM = 100
"""Distributions number their own users below: no UID_MIN is less."""

_NOBODY = frozenset({65534, 4294967294})
"""What the kernel calls those who have no number here (/proc/sys/kernel/overflowuid), and what NFS once did."""

_NO_SHELLS = frozenset({"nologin", "false", "true", "sync", "shutdown", "halt"})
"""Programs that end at once, by the last part of their path."""


def sort(uid: int, first_regular: int | Unknown | None) -> Sort | Unknown:
    """Whom a number belongs to. Where nobody knows the first of persons, one that may be either is Unknown."""
    if uid == 0:
        return "root"
    if uid in _NOBODY or uid < _ALWAYS_SYSTEM:
        return "system"
    if isinstance(first_regular, Unknown):
        return first_regular if uid < FIRST_REGULAR else "regular"
    return "regular" if uid >= (FIRST_REGULAR if first_regular is None else first_regular) else "system"


def has_shell(shell: str) -> bool:
    """Whether who logs in can do something: an empty field stands for /bin/sh, passwd(5)."""
    return posixpath.basename(shell.rstrip()) not in _NO_SHELLS
