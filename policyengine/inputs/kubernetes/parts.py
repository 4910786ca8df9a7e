"""Objects and lists of objects that the model spells otherwise than the manifest, with the place of each part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.inputs.kubernetes.node import SEQUENCE, Found

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policyengine.documents.document import DocPath
    from policyengine.inputs.facts import Facts
    from policyengine.inputs.kubernetes.node import Node
    from policyengine.model.paths import FieldPath


class Parts(Struct, frozen=True):
    """An object by its parts, and where it is written."""

    at: DocPath
    fields: Mapping[str, Part]


class Listed(Struct, frozen=True):
    """A list of parts, and where it is written."""

    at: DocPath
    items: list[Part]


Part = Found | Parts | Listed


def listed(node: Node, part: Callable[[Node], Part]) -> Part:
    """The parts of a sequence of mappings; nothing where nothing is written."""
    if not isinstance(node.value, list):
        return Found(node.unknown(SEQUENCE) if node.written else None, node.at)
    return Listed(node.at, [part(item) for item in node.items()])


def put_part(facts: Facts, field: str, part: Part) -> None:
    """Give a field a value of several parts."""
    if isinstance(part, Found):
        facts.put(field, part.value, part.at, part.how)
    else:
        facts.put(field, _laid(facts, (field,), part), part.at)


def put_map(facts: Facts, field: str, values: Mapping[str, Found], at: DocPath) -> None:
    """Give a field a map whose values stand in different places; those of None are places of what is missing.

    ``at`` is the place of the map, and of what is missing in it and has none of its own.
    """
    facts.put(field, {key: found.value for key, found in values.items() if found.value is not None}, at)
    for key, found in values.items():
        facts.place((field, key), found.at)
        if found.how:
            facts.how((field, key), found.how)


def _laid(facts: Facts, path: FieldPath, part: Part) -> object:
    """A part's value; where it is, and how it came about, is told to ``facts``."""
    facts.place(path, part.at)
    if isinstance(part, Listed):
        return [_laid(facts, (*path, index), item) for index, item in enumerate(part.items)]
    if isinstance(part, Parts):
        return {name: _laid(facts, (*path, name), below) for name, below in part.fields.items()}
    if part.how:
        facts.how(path, part.how)
    return part.value
