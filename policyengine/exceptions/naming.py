"""What resources are called in waivers, and the patterns for that."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.model.report import ResourceRef


@lru_cache(maxsize=1024)
def names(resource: ResourceRef) -> tuple[str, ...]:
    """What a resource goes by in waivers."""
    own = f"{resource.kind}/{resource.name}"
    return resource.name, own, *((resource.parent, f"{resource.parent}/{own}") if resource.parent else ())


def is_glob(text: str) -> bool:
    """Whether a text stands for more than itself."""
    return any(mark in text for mark in "*?[")


@lru_cache(maxsize=65536)
def is_named(resource: ResourceRef, globs: tuple[str, ...]) -> bool:
    """Whether a resource goes by a name that fits one of these."""
    return any(glob_of(glob)(name) for glob in globs for name in names(resource))


@lru_cache(maxsize=1024)
def glob_of(glob: str) -> Callable[[str], object]:
    """``*``, ``?`` and ``[...]`` as in a shell, and ``*`` is for slashes too."""
    return re.compile(translate(glob)).match
