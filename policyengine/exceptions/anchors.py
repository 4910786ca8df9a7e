"""Names for parts of a document that stay when lines move."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

from policyengine.model.masking import concealed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policyengine.documents.document import Document, Entry


def anchor(entry: Entry, document: Document) -> str:
    """The path of an entry, its items called by what names them where something does; secrets are masked."""
    name = concealed("/".join(_steps(entry, document)))
    return name if len(name) <= _LONGEST else sha256(name.encode(errors="surrogatepass")).hexdigest()


_LONGEST = 500
"""Characters of a name; an instruction may be as long as its file, and be spoken of by as many comments."""


def innermost(lines: Iterable[int], entries: Sequence[Entry]) -> dict[int, Entry]:
    """For each of these lines the innermost entry that begins or goes on there: entries come in the order of text."""
    found: dict[int, Entry] = {}
    opened: list[Entry] = []
    waiting = iter(entries)
    following = next(waiting, None)
    for line in sorted(lines):
        while following and following.span.line <= line:
            opened.append(following)
            following = next(waiting, None)
        while opened and opened[-1].span.end_line < line:
            opened.pop()
        if opened:
            found[line] = opened[-1]
    return found


def _steps(entry: Entry, document: Document) -> Iterator[str]:
    value: object = document.values
    for step in entry.path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, Mapping) else None
            yield step
        else:
            value = value[step] if isinstance(value, list) and step < len(value) else None
            yield _item(value, step)


def _item(value: object, number: int) -> str:
    """A name for an item: of an object its kind and names, of an instruction of a Dockerfile all of it."""
    if isinstance(value, Mapping):
        metadata = value.get("metadata")
        named = metadata if isinstance(metadata, Mapping) else value
        parts = (value.get("kind"), named.get("namespace"), named.get("name"))
        if any(parts):
            return " ".join(str(part) for part in parts if part)
    if isinstance(value, str | int | float):
        return f"={value}"
    source = getattr(value, "source", None)
    return str(source.text) if source is not None else f"#{number}"
