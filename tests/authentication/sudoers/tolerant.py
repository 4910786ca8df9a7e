"""Reads the JSON that cvtsudoers of sudo 1.9.13 writes: in some of its lists members have names as in objects."""

from __future__ import annotations

from json.decoder import JSONDecoder
from typing import Any

_DECODER = JSONDecoder(strict=False)


def loads(text: str) -> Any:
    """The value; a named member of a list is an object of its own. Nothing at all is an empty object."""
    if not text.strip():
        return {}
    found, _ = _value(text, _blank(text, 0))
    return found


def _blank(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \n\t\r":
        at += 1
    return at


def _value(text: str, at: int) -> tuple[Any, int]:
    if text[at] == "{":
        pairs, at = _items(text, at + 1, "}")
        return {name: value for pair in pairs for name, value in pair.items()}, at
    if text[at] == "[":
        return _items(text, at + 1, "]")
    return _DECODER.raw_decode(text, at)


def _items(text: str, at: int, end: str) -> tuple[list[Any], int]:
    found: list[Any] = []
    at = _blank(text, at)
    while text[at] != end:
        value, at = _value(text, at)
        at = _blank(text, at)
        if text[at] == ":":
            named, at = _value(text, _blank(text, at + 1))
            value = {value: named}
        found.append(value)
        at = _blank(text, at)
        at = _blank(text, at + 1) if text[at] == "," else at
    return found, at + 1
