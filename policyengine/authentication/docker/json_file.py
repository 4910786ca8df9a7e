"""Files that Go's ``encoding/json`` reads, with the places of their values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from policyengine.documents import go_json
from policyengine.documents.yaml import YamlDocument
from policyengine.errors import DocumentError
from policyengine.model.location import Location

if TYPE_CHECKING:
    from policyengine.authentication.resolving import Text


class JsonFile:
    """An object, and where its values stand. ``values`` has the last of a key that stands there twice, ``pairs`` all.

    Raises :class:`DocumentError` for what is no JSON, or no object. A file of nothing but blanks is an empty object.
    """

    def __init__(self, read: Text) -> None:
        self.path = read.where
        self.text = read.text.removeprefix("\ufeff")
        self.pairs: list[tuple[str, object]] = self._parsed() if self.text.strip() else []
        self.values = dict(self.pairs)
        self._document: YamlDocument | None = None
        self._hidden: list[tuple[str | int, ...]] = []

    def _parsed(self) -> list[tuple[str, object]]:
        try:
            found, pairs = go_json.decoded(self.text)
        except json.JSONDecodeError as error:
            raise DocumentError(error.msg, path=self.path, line=error.lineno, column=error.colno) from None
        except RecursionError:
            raise DocumentError("nested too deeply", path=self.path, line=1) from None
        except ValueError:  # Python makes no integer of so many digits
            raise DocumentError("a number is too long", path=self.path, line=1) from None
        if not isinstance(found, dict):
            raise DocumentError("an object is expected", path=self.path, line=1)
        return pairs

    def hide(self, *path: str) -> None:
        """Mark what stands at a path as secret."""
        self._hidden.append((0, *path))

    def locate(self, *path: str | int) -> Location:
        """Where a value stands, or what is around it."""
        found = self._yaml()
        return found.locate((0, *path)) if found else Location(self.path, 1, 1)

    def shown(self) -> YamlDocument | str:
        """The text as it may be shown: with what is secret hidden, or nothing of it."""
        return self._yaml() or ""

    def _yaml(self) -> YamlDocument | None:
        """The same as YAML, of which JSON is a part, but for keys that stand there twice."""
        if self._document is None:
            try:
                self._document = YamlDocument(self.path, self.text)
            except DocumentError:
                return None
            for path in self._hidden:
                self._document.hide(path)
        return self._document
