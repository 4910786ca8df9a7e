"""Facts from files that are not all text: bytes that are no UTF-8 become �, which expressions and reports can hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from policyengine.model.unknown import OpenList, OpenMap

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.model.resource import Resource


_BYTE = re.compile("[\\ud800-\\udfff]")


def legible(resource: Resource) -> Resource:
    """The resource with such bytes in its name and in its facts replaced; itself where there are none."""
    facts = _clean(resource.facts)
    name = _text(resource.name)
    if facts is resource.facts and name is resource.name:
        return resource
    return replace(resource, name=name, facts=cast("Mapping[str, object]", facts))


def _clean(value: object) -> object:
    """A value without such bytes; itself where there are none."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        items = [_clean(one) for one in value]
        if _same(items, value):
            return value
        return OpenList(items, value.unknown) if isinstance(value, OpenList) else items
    if isinstance(value, dict):
        keys, values = _clean(list(value)), _clean(list(value.values()))
        return value if _same(keys, value) and _same(values, value.values()) else _mapping(value, keys, values)
    return value


def _same(cleaned: object, items: Iterable[object]) -> bool:
    return all(one is other for one, other in zip(cast("list[object]", cleaned), items, strict=True))


def _mapping(value: dict[str, object], keys: object, values: object) -> dict[str, object]:
    entries = dict(zip(cast("list[str]", keys), cast("list[object]", values), strict=True))
    return OpenMap(entries, value.unknown, null=value.null) if isinstance(value, OpenMap) else entries


def _text(text: str) -> str:
    return text if text.isascii() or not _BYTE.search(text) else _BYTE.sub("\ufffd", text)
