"""A file of configuration as lines: what sshd keeps of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.resolving import Text, entry, text
from policyengine.authentication.sshd.line import FatalError, Source
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.files import Root


def loaded(root: Root, path: str) -> Text | Unknown:
    """A file; a directory is an empty one. Raises :class:`FatalError` where there is none."""
    found = entry(root, path)
    if isinstance(found, Unknown):
        return found
    if found is not None and found.kind == "directory":
        return Text(path, root.where(path), "")
    read = text(root, path)
    if read is None:
        raise FatalError(f"{path}: No such file or directory")
    return read


def sources(text: str, path: str) -> tuple[Source, ...]:
    """A text's lines. What follows a NUL is lost, the end of its line as well: it is continued by the next one."""
    found: list[Source] = []
    begun: Source | None = None
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.lstrip(" \t\r")
        kept, nul, _ = bare.partition("\0")
        source = Source(path, number, len(line) - len(bare), kept)
        if begun is not None:
            source = Source(path, begun.number, begun.indent, begun.text + kept)
        begun = source if nul else None
        if begun is None:
            found.append(source)
    return tuple(found) if begun is None else (*found, begun)
