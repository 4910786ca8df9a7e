"""Symbolic links of a revision: those that stay in it are laid out, others would lead to anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST = 40
"""So many links Linux follows: https://man7.org/linux/man-pages/man7/path_resolution.7.html"""

_LONGEST = 4095


def staying(links: Mapping[str, str]) -> dict[str, str]:
    """Those of the links that lead to something in the revision, whatever other links they pass; path -> target."""
    return {path: target for path, target in links.items() if _stays(path, links)}


def _stays(path: str, links: Mapping[str, str]) -> bool:
    at, waiting, followed = list[str](), path.split("/")[::-1], 0
    while waiting and followed <= _MOST:  # a circle leads nowhere, and not out
        part = waiting.pop()
        if part == "..":
            if not at:
                return False
            at.pop()
        elif part not in ("", "."):
            at.append(part)
            target = links.get("/".join(at))
            if target is not None:
                followed += 1
                if not _may_be(target):
                    return False
                at.pop()
                waiting += target.split("/")[::-1]
    return True


def _may_be(target: str) -> bool:
    """Whether a link can lead there, and not from the root."""
    return 0 < len(target) <= _LONGEST and target[0] != "/" and "\0" not in target
