"""Values of an engine's answers, by type: what is missing, or is something else, is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping


def mapping(answer: Mapping[str, object], key: str) -> dict[str, object]:
    """A mapping under a key; empty where there is none."""
    value = answer.get(key)
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def mappings(answer: Mapping[str, object], key: str) -> list[dict[str, object]]:
    """The mappings of a list under a key."""
    value = answer.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(answer: Mapping[str, object], key: str) -> list[str]:
    """The strings of a list under a key."""
    value = answer.get(key)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def text(answer: Mapping[str, object], key: str) -> str:
    """A string under a key; empty where there is none."""
    value = answer.get(key)
    return value if isinstance(value, str) else ""


def number(answer: Mapping[str, object], key: str) -> int:
    """An integer under a key; 0 where there is none."""
    value = answer.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
