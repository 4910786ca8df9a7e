"""Predicates on modes of files and on masks: octal numbers as text, ``0640``."""

from __future__ import annotations

import re

_OCTAL = re.compile(r"(?:0o)?[0-7]{1,6}").fullmatch
_PERMISSIONS = 0o777


def mode_within(mode: str, limit: str) -> bool:
    """A mode of a file that grants nothing that the given one does not: ``mode_within: "0640"``.

    0600 and 0440 grant no more than 0640, 0604 and 4640 do. What is no octal number is not within any.
    """
    granted, granting = octal(mode), octal(limit)
    return granted is not None and granting is not None and not granted & ~granting


def mask_covers(mask: str, needed: str) -> bool:
    """A umask that takes away all permissions that the given one does: ``mask_covers: "027"``.

    077 and 0037 take away what 027 does, 022 and 017 do not. What is no octal number covers nothing.
    """
    taken, wanted = octal(mask), octal(needed)
    return taken is not None and wanted is not None and not wanted & ~taken & _PERMISSIONS


def is_octal(text: str) -> bool:
    """Whether a text is an octal number, as chmod(1) and umask take one."""
    return octal(text) is not None


def octal(text: str) -> int | None:
    """The number; None for what is none."""
    return int(text.removeprefix("0o"), 8) if _OCTAL(text) else None
