"""The tags ``!reset`` and ``!override``, with which a file takes away or replaces what files before it say.

https://github.com/compose-spec/compose-spec/blob/main/13-merge.md#reset-value
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.documents.yaml import YamlDocument

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.documents.document import DocPath, Document

    Marks = Mapping[DocPath, Mapping[str, str]]
    """The tagged keys of mappings, by the mapping's place: ``{(0, "services", "web"): {"ports": "!reset"}}``."""


class _Tagged(Struct, frozen=True):
    tag: str
    value: object


_TAGS = {
    "!reset": lambda value: _Tagged("!reset", value),
    "!override": lambda value: _Tagged("!override", value),
}


def untagged(document: Document) -> tuple[list[object], Marks]:
    """A document's values without what is reset, and where the tags are. In sequences tags say nothing."""
    if not any(tag in document.text for tag in _TAGS):
        return document.values, {}
    marks: dict[DocPath, dict[str, str]] = {}
    values = YamlDocument(document.path, document.text, _TAGS).values
    return [_clean(value, (index,), marks) for index, value in enumerate(values)], marks


def _clean(value: object, at: DocPath, marks: dict[DocPath, dict[str, str]]) -> object:
    if isinstance(value, _Tagged):
        return _clean(value.value, at, marks)
    if isinstance(value, list):
        return [_clean(item, (*at, index), marks) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    tagged = {key: item.tag for key, item in value.items() if isinstance(item, _Tagged)}
    if tagged:
        marks[at] = tagged
    return {key: _clean(item, (*at, key), marks) for key, item in value.items() if tagged.get(key) != "!reset"}
