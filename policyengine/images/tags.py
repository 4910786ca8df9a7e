"""Tags as versions: which tags of a repository are newer than another one, and like it in all else.

A tag is a version where it is made of numbers: ``[v]NUMBER(.NUMBER)*[SUFFIX]``, the suffix from the first ``-`` or
``_``, or a dot that no number follows. What stands for something else (``latest``, ``bookworm``, a commit's hash) is
none. This is Renovate's rule for images, https://docs.renovatebot.com/modules/versioning/docker/, with less allowed:

- Newer is what has a greater number at the first place where they differ: ``1.27.10`` than ``1.27.9``.
- Only tags of one shape are compared: as many numbers, ``v`` or none, the same suffix. ``1.27-alpine`` leads neither
  to ``1.28`` nor to ``1.28-alpine3.20`` nor to ``1.28.1-alpine``.
- A number of eight digits and more is a date, or a build: it is compared with such numbers only. ``1.27.20240101``
  is not the newest of ``1.27.3``.
- What is before a release (``-rc1``, ``-beta.2``, ``-nightly``) has nothing newer, and is never newer: its suffix is
  another one than the release's.
- ``patch`` keeps the first two numbers and ``minor`` the first. So ``1.27`` has nothing newer within ``patch``: it is a
  moving tag, and what is newer is what it stands for now. Of ``20240101`` and ``3`` nothing is newer within either.

Nothing is known of what a number means to those who chose it: to ``minor``, ``22.10`` is newer than ``22.04``, though
the first was given up long before the second.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable

_TAG = re.compile(r"(?P<v>v?)(?P<numbers>[0-9]+(?:\.[0-9]+)*)(?P<suffix>(?:[-_].*|\.(?![0-9]).*)?)").fullmatch
_LONGEST = 128
"""https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests"""
_DATE_DIGITS = 8
_BEFORE_RELEASE = re.compile(
    r"(?:alpha|beta|rc|cr|milestone|pre|preview|dev|develop|snapshot|nightly|canary|edge|next|test|testing|unstable|"
    r"experimental|ea)[0-9]*|[abm][0-9]+",
    re.IGNORECASE,
).fullmatch
_WORDS = re.compile(r"[-_.]").split
_KEPT = {"patch": 2, "minor": 1}


class Version(Struct, frozen=True):
    """A tag that is a version. ``shape`` is all of it but the numbers' values."""

    numbers: tuple[int, ...]
    shape: tuple[str, str, tuple[bool, ...]]

    @property
    def is_release(self) -> bool:
        """Whether nothing in its suffix says that it comes before a release."""
        return not any(_BEFORE_RELEASE(word) for word in _WORDS(self.shape[1]))


def version(tag: str) -> Version | None:
    """The version that a tag is; None for one that is none."""
    match = _TAG(tag) if len(tag) <= _LONGEST else None
    if match is None:
        return None
    numbers = match["numbers"].split(".")
    dates = tuple(len(number) >= _DATE_DIGITS for number in numbers)
    return Version(tuple(map(int, numbers)), (match["v"], match["suffix"], dates))


def newer(tag: str, tags: Iterable[str], within: Literal["patch", "minor"]) -> list[str]:
    """Those of the tags that are newer than one within a rule, the newest first."""
    current = version(tag)
    if current is None or not current.is_release:
        return []
    found = {other: known for other in tags if (known := version(other)) and _is_newer(current, known, _KEPT[within])}
    return sorted(found, key=lambda other: (found[other].numbers, other), reverse=True)


def _is_newer(current: Version, other: Version, kept: int) -> bool:
    if other.shape != current.shape or other.numbers <= current.numbers:
        return False
    return other.numbers[:kept] == current.numbers[:kept]
