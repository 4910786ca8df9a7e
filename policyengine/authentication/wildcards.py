"""Wildcards of file names: glob(7), with the leading period that only a period matches."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
    "space": r"\x09-\x0d ",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
"""Of the C locale, which sshd and sudo run in."""

_BRACKET = re.compile(r"\[[!^]?\]?(?:\[:[a-z]*:\]|\\.|[^\]\\])*\]", re.DOTALL)
_MEMBER = re.compile(r"\[:([a-z]*):\]|\\?(.)", re.DOTALL)


def is_wild(pattern: str) -> bool:
    """Whether a pattern has wildcards: one that has none names a file whether or not it can be listed.

    One that ends in a backslash counts as one that has: it matches nothing.
    """
    plain = re.sub(r"\\.", "", pattern, flags=re.DOTALL)
    return plain.endswith("\\") or "*" in plain or "?" in plain or _BRACKET.search(plain) is not None


def unescaped(pattern: str) -> str:
    r"""A pattern without wildcards as a name: ``\*`` is an asterisk."""
    return re.sub(r"\\(.)", r"\1", pattern, flags=re.DOTALL)


def quoted(name: str) -> str:
    """A name or a path as the pattern that matches just it."""
    return "".join(f"\\{char}" if char in "*?[\\" else char for char in name)


@lru_cache(256)
def matcher(pattern: str) -> Callable[[str], bool]:
    """What says whether a name, without slashes, is matched."""
    pattern = octets(pattern)
    parts, at = [r"(?!\.)"] if pattern[:1] in ("*", "?", "[") else [], 0
    while at < len(pattern):
        part, at = _part(pattern, at)
        parts.append(part)
    compiled = compiled_parts(parts)
    return lambda name: compiled.fullmatch(octets(name)) is not None


def compiled_parts(parts: list[str]) -> re.Pattern[str]:
    """An expression of the parts of a pattern, of which ``ANY`` stands for any text.

    What follows one is taken where it is found first, and no other place is tried: time is linear in the text, however
    many there are.
    """
    first, *others = "".join(parts).split(ANY)
    between = "".join(f"(?>.*?{other})" for other in others[:-1])
    return re.compile(first + between + (f".*{others[-1]}" if others else ""), re.DOTALL)


ANY = "\0*"
"""In the place of an asterisk: no expression has a NUL."""


def octets(text: str) -> str:
    """A text's bytes as characters: in the C locale every byte is one."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def _part(pattern: str, at: int) -> tuple[str, int]:
    """The expression for the part of a pattern that begins at a place, and where the next one begins."""
    char = pattern[at]
    if char in "*?":
        return (ANY if char == "*" else "."), at + 1
    if char == "[" and (bracket := _BRACKET.match(pattern, at)):
        return _set(bracket[0][1:-1]), bracket.end()
    if char == "\\":
        return (re.escape(pattern[at + 1]) if at + 1 < len(pattern) else "(?!)"), at + 2
    return re.escape(char), at + 1


def _set(inside: str) -> str:
    """A bracket expression's inside as a set of ``re``; one that no character can be in matches nothing."""
    negated, inside = ("^", inside[1:]) if inside[:1] in ("!", "^") else ("", inside)
    members = "".join(
        _CLASSES.get(one[1], "") if one[1] is not None else _escaped(one) for one in _MEMBER.finditer(inside)
    )
    try:
        return re.compile(f"[{negated}{members}]").pattern
    except re.error:
        return "(?!)"


def _escaped(member: re.Match[str]) -> str:
    """A member of a set; an unescaped hyphen keeps its meaning."""
    return "-" if member[0] == "-" else re.escape(member[2])
