"""The fields of a line with colons, as glibc reads them: nss/nss_files/files-parse.c."""

from __future__ import annotations

import re

from policyengine.authentication.numbers import decimal

SPACES = " \t\n\v\f\r"
"""isspace(3) of the C locale."""

_NUMBER = re.compile(rf"[{SPACES}]*([+-]?[0-9]+)").match
_MOST = (1 << 32) - 1


class Malformed(Exception):  # noqa: N818 (it never leaves the parsers)
    """The line has not the fields of an entry: programs read on at the next line."""


class Cursor:
    """Takes one field after the other off a line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def rest(self) -> str:
        """What has not been taken yet."""
        return self._text[self._at :]

    def text(self) -> str:
        """The field as it is written. It is empty where the line has ended."""
        end = self._text.find(":", self._at)
        value = self._text[self._at :] if end < 0 else self._text[self._at : end]
        self._at = len(self._text) if end < 0 else end + 1
        return value

    def number(self) -> int:
        """The field as a number that has to be there."""
        found = _NUMBER(self._text, self._at)
        if found is None:
            raise Malformed
        self._leave(found.end())
        return _unsigned(found[1])

    def optional(self, *, last: bool = False) -> int | None:
        """The field as a number, None for an empty one; the line may not have ended before it.

        ``last``: nothing may follow.
        """
        if not self.rest:
            raise Malformed
        found = _NUMBER(self._text, self._at)
        self._leave(self._at if found is None else found.end(), last=last)
        return None if found is None else _unsigned(found[1])

    def skip_spaces(self) -> None:
        """Go on at what is no space."""
        self._at = len(self._text) - len(self.rest.lstrip(SPACES))

    def _leave(self, end: int, *, last: bool = False) -> None:
        if end < len(self._text) and (last or self._text[end] != ":"):
            raise Malformed
        self._at = min(end + 1, len(self._text))


def _unsigned(text: str) -> int:
    """A number of 32 bits without a sign: what is more, or less than 0, spoils the line (glibc 2.36)."""
    value = decimal(text)
    if not 0 <= value <= _MOST:
        raise Malformed
    return value


def members(text: str) -> tuple[str, ...]:
    """The names of a list with commas; spaces before them do not count, and empty ones are left out."""
    return tuple(name for one in text.split(",") if (name := one.lstrip(SPACES)))
