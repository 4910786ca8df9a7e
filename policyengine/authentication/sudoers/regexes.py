"""Regular expressions of commands: what visudo refuses of them, which is what sudo and regcomp(3) of glibc refuse."""

from __future__ import annotations

import re

MOST_LENGTH = 1024
MOST_TIMES = 255

_CLASSES = frozenset(
    {"alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit"}
)
_BOUND = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}", re.ASCII)
_BRACKET = re.compile(r"\[\^?+\]?+(?:\[:[^\]:]*:\]|\[\..*?\.\]|\[=.*?=\]|\[(?![:.=])|[^\[\]])*\]", re.DOTALL)
_RANGE = re.compile(r"(.)-(.)", re.DOTALL)
_CLASS = re.compile(r"\[:([^\]:]*):\]")
_REPEATS = re.compile(r"\\.|[?*+]|\{([0-9]*)(?:,([0-9]*))?\}|.", re.ASCII | re.DOTALL)
_ANCHORS = "^$"
_ESCAPED_ANCHORS = "bB<>`'"

_BAD_REPEAT = "Invalid preceding regular expression"
_BAD_BOUND = "Invalid content of \\{\\}"


def wrong(pattern: str) -> str | None:
    """Why an extended regular expression does not compile, None where it does."""
    if len(pattern.encode("utf-8", "surrogateescape")) > MOST_LENGTH:
        return "regular expression too large"
    if pattern.startswith("^(?i)"):
        pattern = "^" + pattern[5:]
    return _repeated(pattern) or _Check(pattern).wrong()


def _repeated(pattern: str) -> str | None:
    """What sudo refuses though glibc would take it: repetitions of repetitions, and very many. Brackets count too."""
    before = ""
    for part in _REPEATS.finditer(pattern):
        bound = len(part[0]) > 1 and part[0].startswith("{")
        if bound and any(int(times or 0) > MOST_TIMES for times in part.groups()):
            return _BAD_BOUND
        repeats = bound or part[0] in "?*+"
        if repeats and before:
            return _BAD_REPEAT
        before = part[0] if repeats else ""
    return None


class _Check:
    """Goes through a pattern once, as glibc does: after an anchor, ``(`` or ``|`` nothing can be repeated."""

    def __init__(self, pattern: str) -> None:
        self._left = pattern
        self._open = 0
        self._closed = 0
        self._begins = True

    def wrong(self) -> str | None:
        """The first thing that is wrong."""
        while self._left:
            length, found = self._part(self._left[0])
            if found is not None:
                return found
            self._left = self._left[length:]
        return "Unmatched ( or \\(" if self._open else None

    def _part(self, first: str) -> tuple[int, str | None]:
        """The length of the next part, and what is wrong with it."""
        if first == "\\":
            return self._escaped()
        if first in "?*+":
            return 1, _BAD_REPEAT if self._begins else None
        if first == "{":
            return self._bound()
        if first == "[":
            return self._bracket()
        if first == "(":
            self._open += 1
        elif first == ")" and self._open:
            self._open -= 1
            self._closed += 1
        self._begins = first in "(|" or first in _ANCHORS
        return 1, None

    def _escaped(self) -> tuple[int, str | None]:
        if len(self._left) == 1:
            return 1, "Trailing backslash"
        self._begins = self._left[1] in _ESCAPED_ANCHORS
        if self._left[1] in "123456789" and int(self._left[1]) > self._closed:
            return 2, "Invalid back reference"
        return 2, None

    def _bound(self) -> tuple[int, str | None]:
        bound = _BOUND.match(self._left)
        if self._begins:
            return 1, _BAD_REPEAT
        if bound is None:
            return 1, "Unmatched \\{"
        least, comma, most = bound.groups()
        ordered = not (least and most) or int(least) <= int(most)
        return len(bound[0]), None if ordered and (least or comma) else _BAD_BOUND

    def _bracket(self) -> tuple[int, str | None]:
        found = _BRACKET.match(self._left)
        self._begins = False
        if found is None:
            return 1, "Unmatched [, [^, [:, [., or [="
        inside = found[0][1:-1].removeprefix("^")
        if any(name not in _CLASSES for name in _CLASS.findall(inside)):
            return 1, "Invalid character class name"
        if any(low > high for low, high in _RANGE.findall(_CLASS.sub("", inside))):
            return 1, "Invalid range end"
        return len(found[0]), None
