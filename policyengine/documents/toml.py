"""TOML files: values from the standard library, which keeps no positions, and places by a search for the key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from policyengine.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TABLE = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]").match
_KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'))*)\s*=\s*"""
).match
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'""").findall
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$| \(at end of document\)$").search


class TomlDocument:
    """A TOML file. Raises :class:`DocumentError` when the text is malformed."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self._text = text
        self.values = _values(path, text)

    def place(self, path: Sequence[str | int], *, key: bool = False) -> tuple[int, int]:
        """The line and column of the value at a path, or of its key; of what is around it when it is not found.

        An item of a list stands where the list does, unless it is a table of its own.
        """
        wanted = _numbered(path)
        best, at = -1, (1, 1)
        for told, line, key_column, value_column in _entries(self._text):
            if told == wanted[: len(told)] and len(told) > best:
                inside = all(step.startswith("#") for step in wanted[len(told) :])
                best, at = len(told), (line, key_column if key or not inside else value_column)
        return at


def _values(path: str, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE(str(error))
        line, column = (int(found[1]), int(found[2])) if found and found[1] else (text.count("\n") + 1, 1)
        message = str(error)[: found.start()] if found else str(error)
        raise DocumentError(f"malformed TOML: {message}", path=path, line=line, column=column) from None
    except RecursionError:
        raise DocumentError("malformed TOML: nested too deep", path=path) from None


def _numbered(path: Sequence[str | int]) -> tuple[str, ...]:
    return tuple(f"#{step}" if isinstance(step, int) else step for step in path)


def _entries(text: str) -> Iterator[tuple[tuple[str, ...], int, int, int]]:
    """Each header and each key: its path, its line, and the columns of the key and of the value."""
    table: tuple[str, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        header = _TABLE(line)
        if header:
            table = _parts(header[1])
            if line.lstrip().startswith("[["):
                counts[table] = counts.get(table, -1) + 1
                table = (*table, f"#{counts[table]}")
            column = header.start(1) + 1
            yield table, number, column, column
        elif found := _KEY(line):
            yield (*table, *_parts(found[1])), number, found.start(1) + 1, found.end() + 1


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART(text))
