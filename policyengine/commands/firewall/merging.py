"""Rows that say the same of several places, made one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

Told = TypeVar("Told", bound="Hashable")
Names = tuple[str, ...]
Row = tuple[Names, Names, Told]
"""From whom, to whom, and what is told of each pair of them."""


def merged(rows: Iterable[Row[Told]]) -> list[Row[Told]]:
    """The rows with the same source and the same told as one, then those with the same targets and the same told."""
    targets: dict[tuple[Names, Told], list[str]] = {}
    for source, target, told in rows:
        targets.setdefault((source, told), []).extend(target)
    sources: dict[tuple[Names, Told], list[str]] = {}
    for (source, told), reached in targets.items():
        sources.setdefault((tuple(reached), told), []).extend(source)
    return [(tuple(source), reached, told) for (reached, told), source in sources.items()]
