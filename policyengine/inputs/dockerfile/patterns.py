"""The patterns of ``${NAME#pattern}`` and its like.

``*`` stands for any text, ``?`` for one character, and a backslash makes them plain; brackets mean nothing.
https://docs.docker.com/reference/dockerfile/#environment-replacement
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_WORK = 1_000_000
"""How many characters of pattern times text are matched: RE2 takes a step for each."""

_PART = re.compile(r"(?s)\\(?P<plain>[}/])|\\(?P<escaped>[*?\\])|(?P<wild>[*?])|\\(?P<other>.?)|(?P<text>[^*?\\]+)")


class PatternError(Exception):
    """A pattern that Docker refuses, or that takes too long on its text."""


def trimmed(text: str, pattern: str, *, end: bool, longest: bool) -> str:
    """``text`` without what the pattern matches at its beginning, or at its ``end``: the shortest, or the longest."""
    parts = _parts(pattern)
    if end:
        # No regular expression finds the shortest match at the end: both are turned round, as in BuildKit.
        return _without_prefix(text[::-1], _turned(parts), longest=longest)[::-1]
    return _without_prefix(text, parts, longest=longest)


def _without_prefix(text: str, parts: list[tuple[str, bool]], *, longest: bool) -> str:
    found = _compiled("^" + _expression(parts, longest=longest), len(text)).search(text)
    return text[found.end() :] if found else text


def replaced(text: str, pattern: str, by: str, *, every: bool) -> str:
    """``text`` with the first match of the pattern, or ``every`` one, replaced; matches are as long as can be."""
    compiled = _compiled(_expression(_parts(pattern), longest=True), len(text))
    pieces, done = [], 0
    for start, end in _matches(compiled, text):
        pieces += [text[done:start], by]
        done = end
        if not every:
            break
    return "".join([*pieces, text[done:]])


def _matches(compiled: Any, text: str) -> Iterator[tuple[int, int]]:
    """The matches as Go finds them: none that is empty and touches the one before."""
    at, last = 0, -1
    while at <= len(text) and (found := compiled.search(text, at)):
        start, end = found.span()
        if end > start or start > last:
            yield start, end
        last = end
        at = end if end > start else end + 1


def _parts(pattern: str) -> list[tuple[str, bool]]:
    """The pattern's stretches: plain text, or one wildcard."""
    found: list[tuple[str, bool]] = []
    for match in _PART.finditer(pattern):
        if match["other"] is not None:
            raise PatternError("a pattern escapes what needs no escape")
        wild = match["wild"]
        plain = match["plain"] or match["escaped"] or match["text"] or ""
        found.append((wild, True) if wild else (plain, False))
    return found


def _turned(parts: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    return [(text[::-1], wild) for text, wild in reversed(parts)]


def _expression(parts: list[tuple[str, bool]], *, longest: bool) -> str:
    wildcards = {"*": ".*" if longest else ".*?", "?": "."}
    return "".join(wildcards[text] if wild else re.escape(text) for text, wild in parts)


def _compiled(expression: str, length: int) -> Any:
    if len(expression) * length > MAX_WORK:
        raise PatternError("a pattern needs too much work")
    return _re2(expression)


@lru_cache(maxsize=256)
def _re2(expression: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(expression, options)
    except re2.error:
        raise PatternError("a pattern needs too much work") from None
