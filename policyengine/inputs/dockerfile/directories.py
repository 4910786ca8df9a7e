"""Paths in an image: which are absolute, and what relative ones begin from.

https://docs.docker.com/reference/dockerfile/#workdir
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.inputs.dockerfile.expand import Expander, Variable
    from policyengine.model.unknown import Unknown

_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:").match
_VARIABLE = re.compile(r"\$(?:\w+|\{[^{}]*\})").match


def is_absolute(path: str) -> bool:
    """Whether a path is absolute, on Linux or on Windows."""
    return _ABSOLUTE(path) is not None


def leads_from_root(
    written: str, path: str | Unknown, expander: Expander, lookup: Callable[[str], Variable]
) -> bool | Unknown:
    """Whether a path is absolute, given as ``written`` and with its variables replaced: its beginning decides."""
    if isinstance(path, str):
        return is_absolute(path)
    start = written.lstrip("\"'")
    variable = _VARIABLE(start)
    if variable is None:
        return path if start.startswith("$") else is_absolute(start)
    value = expander.expand(variable[0], lookup)
    return is_absolute(value) if isinstance(value, str) and value else path


def below(before: object, path: object) -> object:
    """The working directory after ``WORKDIR path`` in ``before``; a relative path as it is where that is None."""
    if not isinstance(path, str):
        return path
    if is_absolute(path):
        return posixpath.normpath(path) if path.startswith("/") else path
    if isinstance(before, str):
        return posixpath.normpath(posixpath.join(before, path))
    return path if before is None else before
