"""Patterns for the paths of a report: as in .gitignore for files, and the like for live objects."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from policyengine.model.location import LIVE, is_live

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


def fits(base: str, patterns: tuple[str, ...], path: str) -> bool:
    """Whether a path of a report, relative to the working directory, is below ``base`` and fits one of the patterns.

    Patterns with ``://`` are for live objects: ``docker://local/container/dev-*``.
    """
    return _fits(os.getcwd(), base, patterns, path)  # noqa: PTH109 - as text, and asked for each finding


@lru_cache(maxsize=65536)
def _fits(here: str, base: str, patterns: tuple[str, ...], path: str) -> bool:
    live = is_live(path)
    spec = _spec(tuple(pattern for pattern in patterns if is_live(pattern) == live))
    if live:
        return spec.match_file(path.replace(LIVE, "/"))
    below = os.path.relpath(os.path.join(here, path), base or here)  # noqa: PTH118 - as above
    return not below.startswith("..") and spec.match_file(below)


@lru_cache(maxsize=1024)
def _spec(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(map(_as_in_gitignore, patterns))


def _as_in_gitignore(pattern: str) -> str:
    """What people write for a path: there ``.`` and ``./app`` would fit nothing."""
    if pattern in (".", "./"):
        return "*"
    return pattern.removeprefix(".") if pattern.startswith("./") else pattern.replace(LIVE, "/")
