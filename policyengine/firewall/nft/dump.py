"""The text that ``nft -j list ruleset`` writes (libnftables-json(5)), taken apart into its objects."""

from __future__ import annotations

import json
import re
from bisect import bisect
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.errors import DocumentError
from policyengine.model.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = 1
"""The version of nft's JSON that is read."""

_HINT = "give what nft -j list ruleset writes"
_BEGINNING = re.compile(r'\s*\{\s*"nftables"\s*:\s*\[').match
_SPACE = re.compile(r"\s*").match
_COMMANDS = frozenset({"add", "create", "insert", "replace", "delete", "destroy", "flush", "list", "rename", "reset"})
_DECODER = json.JSONDecoder()


class Object(Struct, frozen=True):
    """One object of a dump: its ``kind`` (``table``, ``rule``, ``set``, ...), what is said of it, and where."""

    kind: str
    value: dict[str, object]
    where: Location

    def text(self, key: str) -> str:
        """A text that must be there. Raises :class:`DocumentError`."""
        found = self.value.get(key)
        if not isinstance(found, str):
            raise self.error(f"a {self.kind} without {key}")
        return found

    @property
    def table(self) -> tuple[str, str]:
        """The family and the name of the table that it is, or is in."""
        return self.text("family"), self.text("name" if self.kind == "table" else "table")

    def error(self, message: str, hint: str | None = None) -> DocumentError:
        """An error that says where the object is."""
        return DocumentError(message, path=self.where.path, line=self.where.line, column=self.where.column, hint=hint)


def is_dump(text: str) -> bool:
    """Whether a text begins as a dump does."""
    return _BEGINNING(text) is not None


def objects(text: str, path: str) -> Iterator[Object]:
    """The objects in order. Raises :class:`DocumentError` for what is malformed, cut off or of another schema."""
    places = _Places(text, path)
    beginning = _BEGINNING(text)
    if beginning is None:
        raise DocumentError("not a dump of nftables", path=path, line=1, hint=_HINT)
    at = _past_space(text, beginning.end())
    while text[at : at + 1] != "]":
        value, end = _decoded(text, at, places)
        yield _object(value, places.location(at, end))
        at = _past_space(text, end)
        if text[at : at + 1] == ",":
            at = _past_space(text, at + 1)
        elif text[at : at + 1] != "]":
            raise places.error("the list of objects is cut off or malformed here", at)
    if text[at + 1 :].strip() != "}":
        raise places.error("something other than the end of the dump follows", at + 1)


def _past_space(text: str, at: int) -> int:
    found = _SPACE(text, at)
    return found.end() if found else at


def _decoded(text: str, at: int, places: _Places) -> tuple[object, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise places.error(f"malformed or cut off: {error.msg}", error.pos) from None
    except RecursionError:
        raise places.error("nested too deeply", at) from None


def _object(value: object, where: Location) -> Object:
    if not isinstance(value, dict) or len(value) != 1:
        raise DocumentError("not an object of a dump", path=where.path, line=where.line, column=where.column)
    kind, said = next(iter(value.items()))
    found = Object(kind, said if isinstance(said, dict) else {}, where)
    if kind in _COMMANDS:
        raise found.error(f'"{kind}" is a command: this is not what is loaded, but what is to be', _HINT)
    if not isinstance(said, dict):
        raise found.error(f"a malformed {kind}")
    if kind == "metainfo" and said.get("json_schema_version") != SCHEMA:
        raise found.error(f"written in another version of the schema than {SCHEMA}")
    return found


class _Places:
    """Offsets of a text as lines and columns."""

    def __init__(self, text: str, path: str) -> None:
        self._path = path
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def location(self, start: int, end: int) -> Location:
        return Location(self._path, *self._place(start), *self._place(end))

    def error(self, message: str, offset: int) -> DocumentError:
        line, column = self._place(offset)
        return DocumentError(message, path=self._path, line=line, column=column)
