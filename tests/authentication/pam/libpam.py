"""The real libpam, asked what comes out of a service's stacks: in this process, with stacks of pam_debug(8)."""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache
from typing import TYPE_CHECKING

from policyengine.authentication.pam.controls import RESULTS

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.authentication.pam.entries import Task

DEBUG = {"auth": "auth", "account": "acct", "session": "open_session"}
"""What pam_debug's arguments call each task: the results that it is to return."""

_CALLS = {"auth": "pam_authenticate", "account": "pam_acct_mgmt", "session": "pam_open_session"}
_CONVERSATION = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p
)


class _Conversation(ctypes.Structure):
    _fields_ = (("talk", _CONVERSATION), ("data", ctypes.c_void_p))


@cache
def library() -> ctypes.CDLL | None:
    """libpam with directories of configuration of one's own (1.4 and later); None where there is none."""
    name = ctypes.util.find_library("pam")
    found = ctypes.CDLL(name) if name else None
    return found if found is not None and hasattr(found, "pam_start_confdir") else None


def lacking() -> str | None:
    """What the comparison lacks here; None when it can be made."""
    return None if library() is not None else "there is no libpam of version 1.4 or later: install libpam0g"


def asked(directory: Path, service: str, task: Task) -> str | None:
    """What comes out of a stack; None where libpam gives the service up."""
    pam = library()
    assert pam is not None
    silent = _CONVERSATION(lambda *_: RESULTS.index("conv_err"))
    talk, handle = _Conversation(silent, None), ctypes.c_void_p()
    given = (service.encode(), b"root", ctypes.byref(talk), str(directory).encode(), ctypes.byref(handle))
    if pam.pam_start_confdir(*given):
        return None
    try:
        return RESULTS[getattr(pam, _CALLS[task])(handle, 0)]
    finally:
        pam.pam_end(handle, 0)
