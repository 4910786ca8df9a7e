"""Values as the text of YAML and of JSON, in the manner of what stands around them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.documents.editing.changes import column
from policyengine.documents.editing.nodes import every
from policyengine.documents.scalars import LegacyBoolean, resolve
from policyengine.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.documents.editing.nodes import Node

_PLAIN = re.compile(r"[A-Za-z_/.](?:[A-Za-z0-9_./:@-]*[A-Za-z0-9_./@-])?").fullmatch
"""What nobody would put in quotes; YAML allows more."""

_ALIKE = re.compile(r"(?=.*[A-Za-z])-*[A-Za-z0-9_./][A-Za-z0-9_./=@:+-]*(?<!:)").fullmatch
"""What is a text to every reader, and to nobody looks like anything else, beside others without quotes."""


class Manner(Struct, frozen=True):
    """How a file is written: as ``json``; the ``width`` of an indentation; how far a sequence's dash is from its key.

    ``dash`` is None where the file has no sequence line by line: then those that are added stand in brackets.
    """

    json: bool = False
    width: int = 2
    dash: int | None = None


def manner(text: str, roots: Sequence[Node], way: Sequence[Node], *, is_json: bool) -> Manner:
    """The manner of a file around the nodes on the way to a place."""
    near, far = list(_widths(text, way)), list(_widths(text, list(every(list(roots)))))
    return Manner(is_json, (near[-1:] or far[:1] or [2])[0], next(_dashes(text, every(list(roots))), None))


def _widths(text: str, among: Sequence[Node]) -> Iterator[int]:
    """How far mappings are indented below their keys."""
    for node in among:
        for key, value in zip(node.keys, node.values, strict=True) if node.is_block and node.kind == "mapping" else ():
            if value.is_block and value.kind == "mapping" and value.keys:
                yield column(text, value.keys[0].start) - column(text, key.start)


def _dashes(text: str, among: Iterator[Node]) -> Iterator[int]:
    for node in among:
        for key, value in zip(node.keys, node.values, strict=True) if node.is_block and node.kind == "mapping" else ():
            if value.is_block and value.kind == "sequence" and text[value.start] == "-":
                yield column(text, value.start) - column(text, key.start)


def scalar(value: object, manner: Manner, quote: str | None = None, *, plain: bool = False) -> str:
    """A scalar; a text in the quotes that stood there before, else in none where it needs none.

    ``plain`` says that a text without quotes stood there: more needs none then than nobody would put in quotes.
    """
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    if not isinstance(value, str):
        raise EditError("a value of this type cannot be written")
    if manner.json or quote == '"' or not value.isprintable():
        return json.dumps(value, ensure_ascii=not value.isprintable())
    if quote == "'":
        return "'" + value.replace("'", "''") + "'"
    return value if _is_plain(value, alike=plain) else json.dumps(value, ensure_ascii=False)


def _is_plain(value: str, *, alike: bool) -> bool:
    resolved = resolve(value)
    return (
        bool(_PLAIN(value) or (alike and _ALIKE(value)))
        and isinstance(resolved, str)
        and not isinstance(resolved, LegacyBoolean)
    )


def flow(value: object, manner: Manner) -> str:
    """A value in one line, mappings and sequences in brackets."""
    if isinstance(value, dict):
        return "{" + ", ".join(entry(key, item, manner) for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item, manner) for item in value) + "]"
    return scalar(value, manner)


def entry(key: str, value: object, manner: Manner) -> str:
    """A key and its value in one line."""
    return f"{scalar(key, manner)}: {flow(value, manner)}"


def block(key: str, value: object, manner: Manner, indent: str = "") -> Iterator[str]:
    """The lines of a key and its value, without their ends."""
    name = indent + scalar(key, manner)
    if isinstance(value, dict) and value:
        yield f"{name}:"
        for below, item in value.items():
            yield from block(below, item, manner, indent + " " * manner.width)
    elif isinstance(value, list) and value and manner.dash is not None:
        yield f"{name}:"
        yield from (f"{indent}{' ' * manner.dash}- {flow(item, manner)}" for item in value)
    else:
        yield f"{name}: {flow(value, manner)}"
