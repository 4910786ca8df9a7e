"""Whether a mounted path of a host gives access to another one: ``/`` does to ``/etc``."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DRIVE = re.compile(r"[A-Za-z]:(?:[\\/]|$)").match
_HOST_ROOT = re.compile(r"(?:/proc/[^/]+/root(?=/|$))+")
_TREE = "/**"

Names = tuple[str, ...]
"""The names that make an absolute path."""


def is_pattern(text: str) -> bool:
    """Whether a text is an absolute path, after which ``/**`` may stand for all that is below it."""
    path = _path(text)
    return _names(path) is not None and "*" not in path


def exposes(path: str, sensitive: Iterable[str]) -> bool:
    """Whether a path is one of the sensitive ones or above it, or, where ``/**`` ends that one, below it."""
    names = _names(path)
    return names is not None and any(_leads_to(names, *_sensitive(one)) for one in sensitive)


def _leads_to(names: Names, wanted: Names, tree: bool) -> bool:
    common = min(len(names), len(wanted))
    return names[:common] == wanted[:common] and (tree or len(names) <= len(wanted))


@lru_cache(maxsize=1024)
def _sensitive(pattern: str) -> tuple[Names, bool]:
    """The path that a pattern means, and whether what is below it is meant too."""
    return _names(_path(pattern)) or (), pattern.endswith(_TREE)


def _path(pattern: str) -> str:
    return "/" if pattern == _TREE else pattern.removesuffix(_TREE)


@lru_cache(maxsize=1024)
def _names(path: str) -> Names | None:
    """None for what is no absolute path.

    Those of Windows are in lower case, for it makes no difference there. A process's root is its host's, where the
    process is one of the host's.
    """
    if _DRIVE(path):
        path = "/" + path.replace("\\", "/").lower()
    if not path.startswith("/"):
        return None
    clean = "/" + posixpath.normpath(path).lstrip("/")
    root = _HOST_ROOT.match(clean)
    return tuple(name for name in clean[root.end() if root else 0 :].split("/") if name)
