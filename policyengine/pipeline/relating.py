"""What relates in one item, as JSON data: for other processes and for the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from policyengine.model.unknown import OpenList, OpenMap, Unknown
from policyengine.relations import Index

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARK = "!"
"""The key of a mapping that stands for what JSON has no notion of; a key that starts so gets another one."""


def encoded_index(index: Index) -> list[Any]:
    """An index as JSON data."""
    return [[list(scope), kind, _encoded(facts)] for scope, kind, facts in index.entries()]


def decoded_index(data: Sequence[Any]) -> Index:
    """The index that :func:`encoded_index` made data of."""
    index = Index()
    for (kind, name, source), of, facts in data:
        index.put((kind, name, source), of, _decoded(facts))
    return index


def _encoded(value: Any) -> Any:
    if isinstance(value, Unknown):
        return {_MARK: [value.fact, value.why, value.settle]}
    if isinstance(value, OpenList):
        return {f"{_MARK}list": [_encoded(value.unknown), [_encoded(item) for item in value]]}
    if isinstance(value, OpenMap):
        return {f"{_MARK}map": [_encoded(value.unknown), value.null, _encoded(dict(value))]}
    if isinstance(value, Struct):
        from policyengine.firewall.firewall import Firewall, packed  # what most runs need not

        assert isinstance(value, Firewall)  # noqa: S101 - resources keep nothing else as a whole
        return {f"{_MARK}firewall": packed(value)}
    if isinstance(value, dict):
        return {f"!{key}" if key.startswith(_MARK) else key: _encoded(item) for key, item in value.items()}
    return [_encoded(item) for item in value] if isinstance(value, list) else value


def _decoded(data: Any) -> Any:
    if isinstance(data, list):
        return [_decoded(item) for item in data]
    if not isinstance(data, dict):
        return data
    if len(data) == 1:
        (mark, parts), *_ = data.items()
        if mark == _MARK:
            return Unknown(*parts)
        if mark == f"{_MARK}list":
            return OpenList(_decoded(parts[1]), _decoded(parts[0]))
        if mark == f"{_MARK}map":
            return OpenMap(_decoded(parts[2]), _decoded(parts[0]), null=parts[1])
        if mark == f"{_MARK}firewall":
            from policyengine.firewall.firewall import unpacked

            return unpacked(parts)
    return {key[1:] if key.startswith(_MARK) else key: _decoded(item) for key, item in data.items()}
