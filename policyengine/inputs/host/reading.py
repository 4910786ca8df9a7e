"""What a snapshot of a host's files says."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from policyengine.authentication.files import Entry, Given, Placed
from policyengine.errors import DocumentError
from policyengine.inputs.authentication import tree
from policyengine.model.scope import Scope
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.files import Something
    from policyengine.documents.document import DocPath, Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

ORIGIN = "host"
VERSION = 1
_SNAPSHOT = "host_snapshot"
_KEYS = frozenset({"text", "mode", "uid", "gid", "symlink", "directory", "special", "unknown"})
_MODE = re.compile(r"(?:0o)?([0-7]{1,5})").fullmatch


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The resources of a host's files. Raises :class:`DocumentError` for what is no snapshot of version 1."""
    root = document.values[0]
    if not isinstance(root, dict) or root.get(_SNAPSHOT) != VERSION:
        raise _wrong(document, (0, _SNAPSHOT), f"{_SNAPSHOT} is not {VERSION}, the version that is read")
    files = root.get("files")
    if not isinstance(files, dict):
        raise _wrong(document, (0, "files"), "files maps paths to what lies there")
    named = root.get("name")
    name = named if isinstance(named, str) and named else posixpath.basename(document.path)
    given = {str(path): _given(document, str(path), value) for path, value in files.items()}
    scope = Scope(ORIGIN, name, context.source)
    yield from tree.resources(Given(given, f"{document.path}!"), name, scope, ORIGIN, context)


def _given(document: Document, path: str, value: object) -> Something:
    """What lies at a path."""
    at: DocPath = (0, "files", path)
    if not path.startswith("/") or posixpath.normpath(path) != path or path.startswith("//"):
        raise _wrong(document, at, f'"{path}" is no absolute, normalised path')
    if isinstance(value, str):
        return value
    if not isinstance(value, dict) or value.keys() - _KEYS:
        unknown = ", ".join(sorted(map(str, value.keys() - _KEYS))) if isinstance(value, dict) else ""
        hint = f"not {unknown}" if unknown else 'an empty file is ""'
        raise _wrong(document, at, f"{path} is its text, or a mapping of {', '.join(sorted(_KEYS))}: {hint}")
    if isinstance(value.get("unknown"), str):
        return Unknown(path, str(value["unknown"]))
    mode, uid, gid = _mode(document, at, value), *(_number(document, at, value, key) for key in ("uid", "gid"))
    if isinstance(value.get("symlink"), str):
        return Entry("symlink", 0o777, uid, gid, target=str(value["symlink"]))
    if value.get("directory") is True:
        return Entry("directory", 0o755 if mode is None else mode, uid, gid)
    if value.get("special") is True:
        return Entry("special", 0o644 if mode is None else mode, uid, gid)
    return Placed(str(value.get("text", "")), 0o644 if mode is None else mode, uid, gid)


def _mode(document: Document, at: DocPath, value: dict[object, object]) -> int | None:
    """The permission bits, which are octal digits as text: YAML reads 0644 as 420, and JSON has no octal numbers."""
    if "mode" not in value:
        return None
    found = _MODE(value["mode"]) if isinstance(value["mode"], str) else None
    if not found:
        raise _wrong(document, (*at, "mode"), 'mode is octal digits in quotes: "0640"')
    return int(found[1], 8) & 0o7777


def _number(document: Document, at: DocPath, value: dict[object, object], key: str) -> int:
    number = value.get(key, 0)
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise _wrong(document, (*at, key), f"{key} is a number")
    return number


def _wrong(document: Document, at: DocPath, message: str) -> DocumentError:
    place = document.locate(at)
    return DocumentError(message, path=place.path, line=place.line, column=place.column)
